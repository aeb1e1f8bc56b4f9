// `update`: a package manager installed this command, so it updates it too; we only say how.
// Spec: cli#version-and-updates, cli#conventions.

import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { VERSION } from "../frame/version.js";

export async function run({ out }: Context, input: Input): Promise<undefined> {
  if (out.isJson) {
    await out.json({ installed: VERSION });
    return;
  }
  await out.line(`Installed: ${VERSION}`);
  if (!input.is("check")) await out.line("Update:    npm install --global @s2kit/cli@latest");
}
