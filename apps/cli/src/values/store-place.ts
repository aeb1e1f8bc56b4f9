// A store as a command names it: `s3://BUCKET/PREFIX` for one in a bucket, anything else is a
// directory. Pure. Spec: cli#lite.

import type { StorePlace } from "@s2kit/server-lite";
import { usageError } from "./failure.js";

const SCHEME = "s3://";

/** @throws {CliError} exit code 2 */
export function parseStorePlace(text: string): StorePlace {
  if (text.startsWith(SCHEME)) {
    const [, bucket = "", prefix = ""] = /^s3:\/\/([^/]*)(?:\/+(.*?)\/*)?$/.exec(text) ?? [];
    if (bucket === "")
      throw usageError(`the name of the bucket is missing place=${text}`, "s3://BUCKET/PREFIX");
    return { bucket, ...(prefix === "" ? {} : { prefix }) };
  }
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(text)?.[1];
  if (scheme !== undefined)
    throw usageError(
      `a store is a directory or a bucket, not ${scheme}:// place=${text}`,
      "name it as DIR or s3://BUCKET/PREFIX",
    );
  if (text === "") throw usageError("an empty name is no directory", "name it as DIR");
  return { directory: text };
}
