// What an exporter is told that was not taken: how many items, and why, in a line.
// Spec: data-plane#otlp-answers.

import { MAX_RECORD_METERED_BYTES } from "@s2kit/core";
import {
  countOtlpItems,
  OTLP_NAMES,
  type OtlpCut,
  type OtlpEncoding,
  type OtlpRejection,
  type OtlpSignal,
} from "@s2kit/core/server";
import type { Exchange } from "../exchange/exchange.js";
import type { Turns } from "../exchange/turns.js";
import type { Delivery, Refusal } from "./otlp-delivery.js";
import { bodyOf } from "./otlp-records.js";

export interface RejectionComponents {
  readonly signal: OtlpSignal;
  readonly encoding: OtlpEncoding;
  readonly turns: Turns;
  readonly exchange: Exchange;
}

/** Streams that a message names; of others it says how many there are. */
const MAX_NAMED_STREAMS = 3;

/** Characters of a stream name that a message shows. */
const MAX_NAME_CHARS = 60;

/** @returns undefined when everything was taken */
export async function rejectionOf(
  { tooLarge }: OtlpCut,
  { refusals }: Delivery,
  components: RejectionComponents,
): Promise<OtlpRejection | undefined> {
  let count = tooLarge;
  for (const { pieces } of refusals)
    for (const piece of pieces)
      count += await components.turns.run(
        countOtlpItems(bodyOf(piece), components),
        components.exchange,
      );
  if (count === 0) return undefined;
  const { counted } = OTLP_NAMES[components.signal];
  const reasons = refusals.slice(0, MAX_NAMED_STREAMS).map(reasonOf);
  const others = refusals.length - reasons.length;
  if (others > 0) reasons.push(`${others} more streams`);
  if (tooLarge > 0)
    reasons.push(
      `${tooLarge} ${counted} are too large: a record has at most ${MAX_RECORD_METERED_BYTES} bytes`,
    );
  return { count, message: reasons.join("; ") };
}

function reasonOf({ stream, error }: Refusal): string {
  if (stream === undefined) return error.message;
  return `stream ${JSON.stringify(stream.slice(0, MAX_NAME_CHARS))}: ${error.message}`;
}
