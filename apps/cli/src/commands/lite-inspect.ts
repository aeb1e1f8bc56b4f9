// `lite inspect`: what a data directory or a store in a bucket holds, as one JSON object; also
// while a server uses it. The server package inspects; this command prints.

import { inspectBucket, inspectDirectory } from "@s2kit/server-lite";
import { existingStore } from "../files/data-directory.js";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { bucketPlaceOf } from "../serving/lite-storage.js";

export async function run({ out, env }: Context, input: Input): Promise<undefined> {
  const place = bucketPlaceOf(input);
  const inspection =
    place === undefined
      ? await inspectDirectory({ directory: existingStore(input.get<string>("directory"), env) })
      : await inspectBucket(place);
  await out.line(
    out.isJson ? JSON.stringify(inspection) : JSON.stringify(inspection, undefined, 2),
  );
}
