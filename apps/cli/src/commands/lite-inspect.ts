// `lite inspect`: what a data directory holds, as one JSON object; also while a server uses it.
// The server package inspects; this command prints.

import { inspectDirectory } from "@s2kit/server-lite";
import { existingStore } from "../files/data-directory.js";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";

export async function run({ out, env }: Context, input: Input): Promise<undefined> {
  const directory = existingStore(input.get<string>("directory"), env);
  const inspection = await inspectDirectory({ directory });
  await out.line(
    out.isJson ? JSON.stringify(inspection) : JSON.stringify(inspection, undefined, 2),
  );
}
