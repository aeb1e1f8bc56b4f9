// `auth use`: chooses among stored credentials. There is one kind here; choosing what is not stored
// is an error. Spec: CLI sections 2 (5) and 3.2.

import { changeConfig, readConfig } from "../config-file.js";
import type { Context } from "../context.js";
import { warnOfEnvironmentToken } from "../credentials/environment-token.js";
import { hasStoredToken } from "../credentials/stored-token.js";
import { CliError } from "../failure.js";
import type { Input } from "../input.js";
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
  warnOfEnvironmentToken(context);
}
