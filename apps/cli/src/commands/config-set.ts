// `config set`: checked before anything is written; a file that does not parse is left alone.
// Spec: cli#file, cli#conventions.

import { changeConfig, configKey, configValue } from "../files/config-file.js";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";

export async function run(context: Context, input: Input): Promise<undefined> {
  const key = configKey(input.need<string>("key"));
  const value = configValue(key, input.need<string>("value"));
  if (key === "access_token")
    context.out.warn("tokens in the configuration are deprecated: s2kit auth access-token set");
  const path = await changeConfig(context.env, (config) => {
    config[key] = value;
  });
  if (context.out.isJson) await context.out.json({ key, path });
  context.out.ok(`${key} set`);
  context.out.dim(`  ${path}`);
}
