// `auth access-token remove`: forgets the token on this machine only.
// Spec: CLI section 3.3.

import type { Input } from "../command.js";
import { removeStoredToken } from "../config-file.js";
import type { Context } from "../context.js";

export async function run(context: Context, _input: Input): Promise<undefined> {
  if (await removeStoredToken(context.env)) {
    context.out.ok("Access token removed");
    context.out.say("  - here only; revoke it on the server: s2kit revoke-access-token");
  } else context.out.ok("No access token was stored");
}
