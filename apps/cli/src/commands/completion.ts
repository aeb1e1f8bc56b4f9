// `completion`: short scripts that ask `s2kit complete` what may come next, so that all knowledge
// stays in the table of commands. Spec: cli#version-and-updates.

import { completionScript } from "../frame/completion-script.js";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";

export async function run({ out }: Context, input: Input): Promise<undefined> {
  await out.write(completionScript(input.need<string>("shell")));
}
