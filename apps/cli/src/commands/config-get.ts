// `config get`: the bare value, nothing when it is not set. The token is refused on purpose.
// Spec: CLI section 3.1.

import { configKey, readConfig } from "../config-file.js";
import type { Context } from "../context.js";
import { usageError } from "../failure.js";
import type { Input } from "../input.js";

export async function run(context: Context, input: Input): Promise<undefined> {
  const key = configKey(input.need<string>("key"));
  if (key === "access_token")
    throw usageError("the access token is not printed", "see s2kit auth status");
  const value = (await readConfig(context.env))[key];
  if (context.out.isJson) await context.out.json({ [key]: value ?? null });
  else if (value !== undefined) await context.out.line(String(value as string | boolean));
}
