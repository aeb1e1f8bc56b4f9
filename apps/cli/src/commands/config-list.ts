// `config list`: `key = value` of what the file sets, in a fixed order; the token is never shown.
// Spec: cli#file.

import { CONFIG_KEYS, readConfig } from "../files/config-file.js";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";

export async function run(context: Context, _input: Input): Promise<undefined> {
  const config = await readConfig(context.env);
  const set = CONFIG_KEYS.filter((key) => config[key] !== undefined).map((key) => {
    const value = config[key];
    const shown = key === "access_token" ? "<redacted>" : value;
    return [key, typeof shown === "boolean" ? shown : String(shown as string)] as const;
  });
  if (context.out.isJson) await context.out.json(Object.fromEntries(set));
  else for (const [key, value] of set) await context.out.line(`${key} = ${value}`);
}
