// `auth access-token migrate`: moves a plain token from the configuration file to the secret store.
// Spec: CLI sections 3.3 and 15 (21).

import { checkedToken, readConfig } from "../config-file.js";
import type { Context } from "../context.js";
import { warnOfEnvironmentToken } from "../credentials/environment-token.js";
import { saveToken } from "../credentials/stored-token.js";
import { CliError } from "../failure.js";
import type { Input } from "../input.js";

export async function run(context: Context, input: Input): Promise<undefined> {
  const plain = (await readConfig(context.env)).access_token;
  if (typeof plain !== "string" || plain === "")
    throw new CliError("there is no token in the configuration file to migrate");
  const isInsecure = input.is("insecure-storage");
  const saved = await saveToken(context.env, checkedToken(plain), isInsecure);
  context.out.ok("Legacy access token migrated");
  context.out.say(`  - from the configuration file to ${saved.where}`);
  if (saved.leftover !== undefined) context.out.warn(saved.leftover);
  warnOfEnvironmentToken(context);
}
