// `context list`: one a line, a star before the one that `context use` chose.
// Spec: cli#contexts.

import { readConfig } from "../files/config-file.js";
import { contextsOf, usedContextName } from "../files/contexts.js";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { contextJson } from "../show/context-view.js";

export async function run({ env, out }: Context, _input: Input): Promise<undefined> {
  const config = await readConfig(env);
  const used = usedContextName(config);
  for (const each of contextsOf(config)) {
    const isUsed = each.name === used;
    if (out.isJson) await out.json(contextJson(each, isUsed));
    else await out.line(`${isUsed ? "*" : " "} ${each.name} ${each.accountEndpoint}`);
  }
}
