// `context show`: one context, by default the one in force. The token is not shown, only where it
// is. Spec: cli#contexts.

import { readConfig } from "../files/config-file.js";
import { requireContext, usedContextName } from "../files/contexts.js";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { contextJson } from "../show/context-view.js";
import { EXIT } from "../values/exit-codes.js";
import { CliError } from "../values/failure.js";

export async function run({ env, out }: Context, input: Input): Promise<undefined> {
  const config = await readConfig(env);
  const used = usedContextName(config);
  const name =
    input.get<string>("name") ?? (input.get<string>("context") || env.S2_CONTEXT || used);
  if (name === undefined)
    throw new CliError("no context is in use", {
      exitCode: EXIT.notFound,
      hint: "name one, or use one: s2kit context use NAME",
    });
  const shown = contextJson(requireContext(config, name, "what was asked for"), name === used);
  if (out.isJson) await out.json(shown);
  else for (const [key, value] of Object.entries(shown)) await out.line(`${key} = ${value}`);
}
