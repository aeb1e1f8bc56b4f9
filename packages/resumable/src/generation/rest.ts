// What is left of a generation for a reader that goes on at a place: asked before a response is
// begun, since whether there is anything is its status. Reads what is there, and waits for nothing.

import type { ReadRecord, S2Stream } from "@s2kit/client";
import { fenceOf, isCommand, kindOf } from "./marks.js";
import { stateOf } from "./state.js";

/**
 * - `some`: there is, or there may come, more.
 * - `none`: the generation has ended there.
 * - `gone`: what is there has been removed; what follows would have a hole.
 */
export type Rest = "gone" | "none" | "some";

export async function restOf(stream: S2Stream, from: number): Promise<Rest> {
  const state = await stateOf(stream);
  if (state.kind === "none" || from > state.tail) return "none";
  for (let next = from; next < state.tail; ) {
    const { records } = await stream.read({ start: { from: { seqNum: next } } }, { as: "bytes" });
    const first = records.at(0);
    if (first === undefined || first.seqNum > next) return "gone";
    for (const record of records) {
      const found = restIn(record);
      if (found !== undefined) return found;
    }
    next += records.length;
  }
  return state.kind === "running" ? "some" : "none";
}

/** What a record decides; undefined for beats and beginnings. */
function restIn(record: ReadRecord<"bytes">): Rest | undefined {
  const token = fenceOf(record);
  if (token === undefined) return isCommand(record) ? undefined : "some";
  switch (kindOf(token)) {
    case "end":
    case "gone":
      return "none";
    // Who comes to it has not been told of it.
    case "error":
      return "some";
    case "session":
    case "other":
      return undefined;
  }
}
