// `auth access-token migrate`: moves a plain token from the configuration file to a file of its own.
// Spec: CLI sections 3.3 and 15 (21).

import type { Input } from "../command.js";
import { checkedToken, readConfig, storeToken } from "../config-file.js";
import type { Context } from "../context.js";
import { CliError } from "../failure.js";

export async function run(context: Context, _input: Input): Promise<undefined> {
  const plain = (await readConfig(context.env)).access_token;
  if (typeof plain !== "string" || plain === "")
    throw new CliError("there is no token in the configuration file to migrate");
  const { path } = await storeToken(context.env, checkedToken(plain));
  context.out.ok("Legacy access token migrated");
  context.out.say(`  - in the file ${path}, readable by you alone`);
}
