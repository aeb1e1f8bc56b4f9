// `context use`: the context in force where neither flags nor environment name a server; `--none`
// for none. Spec: cli#contexts.

import { changeConfig, readConfig } from "../files/config-file.js";
import { requireContext } from "../files/contexts.js";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { usageError } from "../values/failure.js";

export async function run(context: Context, input: Input): Promise<undefined> {
  const { env, out } = context;
  const name = input.get<string>("name");
  if ((name === undefined) !== input.is("none"))
    throw usageError("expected a name, or --none", "see which exist: s2kit context list");
  if (name !== undefined) requireContext(await readConfig(env), name, "the argument");
  await changeConfig(env, (config) => {
    if (name === undefined) delete config.context;
    else config.context = name;
  });
  if (out.isJson) await out.json({ used: name ?? null });
  out.ok(name === undefined ? "No context is in use" : `Context ${name} is in use`);
  const before = ["S2_CONTEXT", "S2_ENDPOINT", "S2_ACCOUNT_ENDPOINT", "S2_BASIN_ENDPOINT"];
  const set = before.find((each) => (env[each] ?? "") !== "");
  if (set !== undefined) out.warn(`${set} is set and goes before it`);
}
