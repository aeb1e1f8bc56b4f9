// `login`: browser logins belong to the cloud; say what to do instead.
// Spec: cli#browser-login.

import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { CliError } from "../values/failure.js";

export async function run(_context: Context, _input: Input): Promise<undefined> {
  await Promise.resolve();
  throw new CliError("browser login is not supported for this endpoint", {
    hint: "use an access token: S2_ACCESS_TOKEN, or s2kit auth access-token set",
  });
}
