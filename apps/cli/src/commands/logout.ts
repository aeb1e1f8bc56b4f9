// `logout`: there is no browser login to end, which is what was wanted: success. A stored token is
// something else, and stays. Spec: cli#browser-login.

import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";

export async function run({ out }: Context, _input: Input): Promise<undefined> {
  if (out.isJson) {
    await out.json({ removed: false });
    return;
  }
  out.ok("No browser login to remove");
  out.say("  - a stored access token stays: s2kit auth access-token remove");
}
