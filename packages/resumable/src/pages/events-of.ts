// The events of one response, and no half of one: the last before a cut is asked for again. Its
// connection is given back whenever nobody reads on.

import { createSseParser } from "@s2kit/core/sse";

/** An event as it came. */
export interface PlacedEvent {
  /** Where to go on behind it. */
  readonly place: number | undefined;
  /** As it is named; `message` when it is not. */
  readonly type: string;
  readonly data: string;
}

/** Twice the largest chunk: what is told in JSON may be longer. */
const MAX_EVENT_BYTES: number = 32 * 1024 * 1024;

export async function* eventsOf(response: Response): AsyncGenerator<PlacedEvent, void, undefined> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  const parser = createSseParser(MAX_EVENT_BYTES);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      parser.push(value);
      for (let event = parser.next(); event !== undefined; event = parser.next())
        yield { place: placeOf(event.lastEventId), type: event.type, data: event.data };
    }
  } finally {
    // Rejects when the connection has failed, which is told already.
    reader.cancel().catch(() => undefined);
  }
}

function placeOf(id: string): number | undefined {
  return /^[0-9]{1,16}$/.test(id) ? Number(id) : undefined;
}
