// The stream of events of a text: each piece as JSON, with the place to go on at. What ends without
// its end is told by an event of another name.

import { decodeUtf8Lossy } from "@s2kit/core";
import { ERROR_TEXT, eventsResponse } from "../events/events-response.js";
import { GenerationFailedError, type Said } from "../generation/follow.js";

/** @param chunksUntil - pieces of text, until the page has left */
export function textResponse(
  chunksUntil: (left: AbortSignal) => AsyncGenerator<Said, void, undefined>,
): Response {
  return eventsResponse((left) => eventsOf(chunksUntil(left)));
}

async function* eventsOf(
  chunks: AsyncGenerator<Said, void, undefined>,
): AsyncGenerator<string, void, undefined> {
  try {
    for await (const { seqNum, bytes } of chunks)
      yield `id: ${seqNum + 1}\ndata: ${JSON.stringify(decodeUtf8Lossy(bytes))}\n\n`;
  } catch (error) {
    if (!(error instanceof GenerationFailedError)) throw error;
    yield `event: error\ndata: ${JSON.stringify(ERROR_TEXT)}\n\n`;
  }
}
