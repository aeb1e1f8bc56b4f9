// `completion`: short scripts that ask `s2kit complete` what may come next, so that all knowledge
// stays in the table of commands. Spec: CLI section 13.

import { completionScript } from "../completion-script.js";
import type { Context } from "../context.js";
import type { Input } from "../input.js";

export async function run({ out }: Context, input: Input): Promise<undefined> {
  await out.write(completionScript(input.need<string>("shell")));
}
