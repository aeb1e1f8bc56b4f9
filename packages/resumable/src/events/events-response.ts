// A response of server-sent events as a generation goes on: read no further than the page reads,
// and ended with its connection. Knows no host.

import { encodeUtf8 } from "@s2kit/core";

const HEADERS = {
  "content-type": "text/event-stream",
  "cache-control": "no-cache, no-store, no-transform",
  connection: "keep-alive",
  "x-accel-buffering": "no",
} as const;

/**
 * @param eventsUntil - each event as it is sent, with its blank line; they end when the page has
 *   left, also while they wait, where a generator alone takes no return
 */
export function eventsResponse(
  eventsUntil: (left: AbortSignal) => AsyncGenerator<string, void, undefined>,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const leaving = new AbortController();
  const events = eventsUntil(leaving.signal);
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await events.next();
        if (leaving.signal.aborted) return;
        if (done === true) controller.close();
        else controller.enqueue(encodeUtf8(value));
      },
      async cancel() {
        leaving.abort();
        await events.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { headers: { ...HEADERS, ...headers } });
}

/** Nothing runs. Never kept by anybody: a moment later something may. */
export function nothingRuns(): Response {
  return new Response(null, { status: 204, headers: { "cache-control": "no-store" } });
}

/** Another turn runs. */
export function anotherRuns(): Response {
  return Response.json({ error: "another turn of this chat is running" }, { status: 409 });
}

/** Whatever went wrong: what the model said of it is nobody's business here. */
export const ERROR_TEXT = "An error occurred.";
