// `config get`: the bare value, nothing when it is not set. The token is refused on purpose.
// Spec: cli#file.

import { configKey, readConfig } from "../files/config-file.js";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { usageError } from "../values/failure.js";

export async function run(context: Context, input: Input): Promise<undefined> {
  const key = configKey(input.need<string>("key"));
  if (key === "access_token")
    throw usageError("the access token is not printed", "see s2kit auth status");
  const value = (await readConfig(context.env))[key];
  if (context.out.isJson) await context.out.json({ [key]: value ?? null });
  else if (value !== undefined) await context.out.line(String(value as string | boolean));
}
