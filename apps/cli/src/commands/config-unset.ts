// `config unset`: removes one key; removing what is not there is fine.
// Spec: cli#file.

import { changeConfig, configKey } from "../files/config-file.js";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";

export async function run(context: Context, input: Input): Promise<undefined> {
  const key = configKey(input.need<string>("key"));
  const path = await changeConfig(context.env, (config) => {
    delete config[key];
  });
  if (context.out.isJson) await context.out.json({ key, path });
  context.out.ok(`${key} unset`);
  context.out.dim(`  ${path}`);
}
