// The stream of events that the AI SDK reads: each chunk one event, `[DONE]` behind the last. What
// ends without its end, because a model failed or its producer died, ends with a chunk that says
// so.

import { decodeUtf8Lossy, encodeUtf8 } from "@s2kit/core";
import { GenerationFailedError, type Said } from "../generation/follow.js";

const HEADERS = {
  "content-type": "text/event-stream",
  "cache-control": "no-cache, no-store, no-transform",
  connection: "keep-alive",
  "x-vercel-ai-ui-message-stream": "v1",
  "x-accel-buffering": "no",
} as const;

/** Whatever went wrong: what the model said of it is nobody's business here. */
export const ERROR_TEXT = "An error occurred.";

export function errorChunk(errorText: string): string {
  return JSON.stringify({ type: "error", errorText });
}

/** @param chunks - JSON of one chunk each */
export function eventsResponse(chunks: AsyncGenerator<Said, void, undefined>): Response {
  const events = eventsOf(chunks);
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await events.next();
        if (done === true) controller.close();
        else controller.enqueue(encodeUtf8(value));
      },
      async cancel() {
        await events.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { headers: HEADERS });
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
