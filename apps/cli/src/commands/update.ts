// `update`: a package manager installed this command, so it updates it too; we only say how.
// Spec: CLI sections 13 and 16.

import type { Context } from "../context.js";
import type { Input } from "../input.js";
import { VERSION } from "../version.js";

export async function run({ out }: Context, input: Input): Promise<undefined> {
  if (out.isJson) {
    await out.json({ installed: VERSION });
    return;
  }
  await out.line(`Installed: ${VERSION}`);
  if (!input.is("check")) await out.line("Update:    npm install --global @s2kit/cli@latest");
}
