// The stream of events that the AI SDK reads: each chunk one event, `[DONE]` behind the last. What
// ends without its end, because a model failed or its producer died, ends with a chunk that says
// so.

import { decodeUtf8Lossy } from "@s2kit/core";
import { ERROR_TEXT, eventsResponse } from "../events/events-response.js";
import { GenerationFailedError, type Said } from "../generation/follow.js";

export function errorChunk(errorText: string): string {
  return JSON.stringify({ type: "error", errorText });
}

/** @param chunksUntil - JSON of one chunk each, until the page has left */
export function chunksResponse(
  chunksUntil: (left: AbortSignal) => AsyncGenerator<Said, void, undefined>,
): Response {
  const headers = { "x-vercel-ai-ui-message-stream": "v1" };
  return eventsResponse((left) => eventsOf(chunksUntil(left)), headers);
}

async function* eventsOf(
  chunks: AsyncGenerator<Said, void, undefined>,
): AsyncGenerator<string, void, undefined> {
  let last = "";
  try {
    for await (const { bytes } of chunks) {
      last = decodeUtf8Lossy(bytes);
      yield eventOf(last);
    }
  } catch (error) {
    if (!(error instanceof GenerationFailedError)) throw error;
    // Who ended it has said it, unless that was none of us.
    if (!last.startsWith('{"type":"error"')) yield eventOf(errorChunk(ERROR_TEXT));
  }
  yield eventOf("[DONE]");
}

function eventOf(data: string): string {
  return `data: ${data}\n\n`;
}
