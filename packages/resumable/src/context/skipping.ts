// Chunks as a web stream of text that begins within them, where the page of a reader already is.
// Reads no further than it is read.

import { decodeUtf8Lossy } from "@s2kit/core";
import type { Said } from "../generation/follow.js";

/** @param skipUnits - UTF-16 units to leave out at the beginning */
export function skipping(
  chunks: AsyncGenerator<Said, void, undefined>,
  skipUnits: number,
): ReadableStream<string> {
  let left = skipUnits;
  return new ReadableStream<string>(
    {
      async pull(controller) {
        for (;;) {
          const { done, value } = await chunks.next();
          if (done === true) return controller.close();
          const text = decodeUtf8Lossy(value.bytes);
          const rest = text.slice(left);
          left -= Math.min(left, text.length);
          if (rest !== "") return controller.enqueue(rest);
        }
      },
      async cancel() {
        await chunks.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}
