// `auth access-token migrate`: moves a plain token from the configuration file to the secret store.
// Spec: cli#stored-tokens, cli#conventions.

import { saveToken } from "../credentials/stored-token.js";
import { checkedToken, readConfig } from "../files/config-file.js";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { warnOfEarlierTokens } from "../show/earlier-tokens.js";
import { CliError } from "../values/failure.js";

export async function run(context: Context, input: Input): Promise<undefined> {
  const plain = (await readConfig(context.env)).access_token;
  if (typeof plain !== "string" || plain === "")
    throw new CliError("there is no token in the configuration file to migrate");
  const isInsecure = input.is("insecure-storage");
  const saved = await saveToken(context.env, checkedToken(plain), isInsecure);
  context.out.ok("Legacy access token migrated");
  context.out.say(`  - from the configuration file to ${saved.where}`);
  if (saved.leftover !== undefined) context.out.warn(saved.leftover);
  await warnOfEarlierTokens(context);
}
