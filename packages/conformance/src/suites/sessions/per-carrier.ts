// The carriers of S2S sessions, for suites that say the same of each: a case for every one.
// Called by the suites beside it.

import type { Capability } from "../../capability.js";
import { type Case, define } from "../../case.js";
import { frameOf } from "../../codec/frame.js";
import { encodeInput, type NewBatch } from "../../codec/messages.js";
import type { CarrierName } from "../../run/caller.js";
import type { Context } from "../../run/context.js";

const NEEDS: Readonly<Record<CarrierName, readonly Capability[]>> = {
  h1: [],
  h2: ["http2"],
  ws: ["websocket"],
};

export const CARRIERS: readonly CarrierName[] = ["h1", "h2", "ws"];

/** One case for each carrier; ids end with its name. */
export function perCarrier(
  name: string,
  headings: string,
  says: string,
  run: (context: Context, over: CarrierName) => Promise<void>,
  more: { readonly isSlow?: boolean; readonly carriers?: readonly CarrierName[] } = {},
): readonly Case[] {
  return (more.carriers ?? CARRIERS).map((over) =>
    define(`${name}-${over}`, headings, `${says} (${over})`, (context) => run(context, over), {
      needs: NEEDS[over],
      isSlow: more.isSlow,
    }),
  );
}

/** A frame with one batch of bodies. */
export function inputOf(bodies: readonly string[], more: Omit<NewBatch, "records"> = {}): Buffer {
  return frameOf(encodeInput({ records: bodies.map((body) => ({ body })), ...more }));
}
