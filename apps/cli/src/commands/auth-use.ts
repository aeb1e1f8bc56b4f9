// `auth use`: chooses among stored credentials. There is one kind here; choosing what is not stored
// is an error. Spec: cli#catalogue, cli#precedence.

import { hasStoredToken } from "../credentials/stored-token.js";
import { changeConfig, readConfig } from "../files/config-file.js";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { warnOfEarlierTokens } from "../show/earlier-tokens.js";
import { CliError } from "../values/failure.js";
import { run as login } from "./login.js";

export async function run(context: Context, input: Input): Promise<undefined> {
  if (input.need("method") === "browser-login") return await login(context, input);
  const { env, out } = context;
  if (!hasStoredToken(await readConfig(env)))
    throw new CliError("no access token is stored", {
      exitCode: 3,
      hint: "store one: s2kit auth access-token set",
    });
  await changeConfig(env, (config) => {
    config.auth_method = "access_token";
  });
  out.ok("Access token selected");
  await warnOfEarlierTokens(context);
}
