// The stream of events of a message as the official package sends it: named as the API names them,
// each with the place to go on at. What ends without its end is told by an error as the API's.

import { decodeUtf8Lossy } from "@s2kit/core";
import { ERROR_TEXT, eventsResponse } from "../events/events-response.js";
import { GenerationFailedError, type Said } from "../generation/follow.js";

export function errorEvent(message: string): string {
  return JSON.stringify({ type: "error", error: { type: "api_error", message } });
}

/** @param chunksUntil - JSON of one event each, until the page has left */
export function messageResponse(
  chunksUntil: (left: AbortSignal) => AsyncGenerator<Said, void, undefined>,
): Response {
  return eventsResponse((left) => eventsOf(chunksUntil(left)));
}

async function* eventsOf(
  chunks: AsyncGenerator<Said, void, undefined>,
): AsyncGenerator<string, void, undefined> {
  let lastType: string | undefined;
  try {
    for await (const { seqNum, bytes } of chunks) {
      const data = decodeUtf8Lossy(bytes);
      lastType = typeOf(data);
      const name = lastType === undefined ? "" : `event: ${lastType}\n`;
      yield `id: ${seqNum + 1}\n${name}data: ${data}\n\n`;
    }
  } catch (error) {
    if (!(error instanceof GenerationFailedError)) throw error;
    // Who ended it has said it, unless that was none of us.
    if (lastType !== "error") yield `event: error\ndata: ${errorEvent(ERROR_TEXT)}\n\n`;
  }
}

/** The name of an event, which the API has as the first of its fields. */
function typeOf(data: string): string | undefined {
  const [, type] = /^\{"type":"([a-z_]{1,64})"/.exec(data) ?? [];
  return type ?? parsedType(data);
}

function parsedType(data: string): string | undefined {
  try {
    const { type } = JSON.parse(data) as { readonly type?: unknown };
    return typeof type === "string" && /^[a-z_]{1,64}$/.test(type) ? type : undefined;
  } catch {
    return undefined;
  }
}
