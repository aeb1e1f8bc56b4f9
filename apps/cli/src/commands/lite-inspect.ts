// `lite inspect`: what a data directory holds, as one JSON object; also while a server uses it.
// The looking is the server's; this room only prints.

import { inspectDirectory } from "@s2kit/server-lite";
import type { Context } from "../context.js";
import { existingStore } from "../data-directory.js";
import type { Input } from "../input.js";

export async function run({ out, env }: Context, input: Input): Promise<undefined> {
  const directory = existingStore(input.get<string>("directory"), env);
  const inspection = await inspectDirectory({ directory });
  await out.line(
    out.isJson ? JSON.stringify(inspection) : JSON.stringify(inspection, undefined, 2),
  );
}
