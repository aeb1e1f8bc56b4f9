// `context remove`: forgets endpoints and token here; the server is not told.
// Spec: cli#contexts.

import { forgetToken, keptTokenOf } from "../credentials/kept-token.js";
import { changeConfig, readConfig } from "../files/config-file.js";
import { dropContext, requireContext, usedContextName } from "../files/contexts.js";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";

export async function run({ env, out }: Context, input: Input): Promise<undefined> {
  const name = input.need<string>("name");
  const config = await readConfig(env);
  const kept = keptTokenOf(requireContext(config, name, "the argument").token);
  const leftover = kept === undefined ? undefined : await forgetToken(env, kept, true);
  await changeConfig(env, (latest) => dropContext(latest, name));
  if (out.isJson) await out.json({ name });
  out.ok(`Context ${name} removed`);
  if (usedContextName(config) === name) out.say("  - it was in use; none is now");
  if (kept !== undefined) out.say("  - its token is forgotten here, not revoked");
  if (leftover !== undefined) out.warn(leftover);
}
