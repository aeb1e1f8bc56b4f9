// Chunks as a web stream of text that begins within them, where the page of a reader already is.
// Reads no further than it is read.

import { decodeUtf8Lossy } from "@s2kit/core";
import type { Said } from "../generation/follow.js";

/**
 * @param chunksUntil - they end when the reader has left, also while they wait
 * @param skipUnits - UTF-16 units to leave out at the beginning
 */
export function skipping(
  chunksUntil: (left: AbortSignal) => AsyncGenerator<Said, void, undefined>,
  skipUnits: number,
): ReadableStream<string> {
  const leaving = new AbortController();
  const chunks = chunksUntil(leaving.signal);
  let left = skipUnits;
  return new ReadableStream<string>(
    {
      async pull(controller) {
        for (;;) {
          const { done, value } = await chunks.next();
          if (leaving.signal.aborted) return;
          if (done === true) return controller.close();
          const text = decodeUtf8Lossy(value.bytes);
          const rest = text.slice(left);
          left -= Math.min(left, text.length);
          if (rest !== "") return controller.enqueue(rest);
        }
      },
      async cancel() {
        leaving.abort();
        await chunks.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}
