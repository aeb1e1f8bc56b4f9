// What an event stream delivers until [DONE], and the numbers in it.
// Called by the cases about server-sent events.

import { equal } from "../../expect.js";
import type { EventStream, SseEvent } from "../../probe/events.js";

export const numbers = (events: readonly SseEvent[]): number[] =>
  events
    .filter(({ event }) => event === "batch")
    .flatMap(({ json }) => json.records.map((each: { seq_num: number }) => each.seq_num));

/** The last event must be the end. */
export async function whole(events: EventStream): Promise<readonly SseEvent[]> {
  const all = await events.rest();
  const last = all.pop();
  equal(last?.lines, ["data: [DONE]"], "the last event");
  return all;
}
