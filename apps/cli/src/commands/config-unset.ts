// `config unset`: removes one key; removing what is not there is fine.
// Spec: CLI section 3.1.

import { changeConfig, configKey } from "../config-file.js";
import type { Context } from "../context.js";
import type { Input } from "../input.js";

export async function run(context: Context, input: Input): Promise<undefined> {
  const key = configKey(input.need<string>("key"));
  const path = await changeConfig(context.env, (config) => {
    delete config[key];
  });
  if (context.out.isJson) await context.out.json({ key, path });
  context.out.ok(`${key} unset`);
  context.out.dim(`  ${path}`);
}
