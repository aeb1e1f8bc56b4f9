// Brings the pieces of an OTLP request to their streams: in the order of the request within a
// stream, several streams at a time. What is refused for good is noted and the rest goes on; the
// first failure that may pass ends it, since the exporter sends all of it again.
// Spec: data-plane#otlp-streams, data-plane#otlp-answers.

import { type Header, S2Error } from "@s2kit/core";
import { OTLP_STREAM_ATTRIBUTE, type OtlpPiece } from "@s2kit/core/server";
import type { Access } from "../backend/access/access.js";
import { requireResource } from "../backend/access/authorize.js";
import type { StreamAddress } from "../backend/control/streams.js";
import type { AskedShards } from "../backend/shards/asked-shards.js";
import type { Exchange } from "../exchange/exchange.js";
import { type AppendOnceComponents, appendOnce } from "./append-once.js";
import { mayPass } from "./otlp-failure.js";
import { batchesOf, messageOf } from "./otlp-records.js";
import type { RecordRequest } from "./record-request.js";
import { knownAddress } from "./streams.js";

export interface DeliveryComponents extends AppendOnceComponents {
  readonly exchange: Exchange;
  readonly access: Access;
  readonly basin: string;
  /** Notes the shards of all streams that are written to. */
  readonly asked: AskedShards;
  /** @throws {S2Error} `authn` when the access is not in force any more */
  readonly confirmAccess: () => void;
  /** What the request says about records of any stream. */
  readonly shared: Omit<RecordRequest, keyof StreamAddress>;
  readonly headers: readonly Header[];
  readonly defaultStream: string | undefined;
  readonly now: () => number;
}

/** Pieces that no repetition brings to their stream. */
export interface Refusal {
  /** As the exporter named it; undefined when it named none. */
  readonly stream: string | undefined;
  readonly error: S2Error;
  readonly pieces: readonly OtlpPiece[];
}

/** What became of the pieces. */
export interface Delivery {
  /** How many are acknowledged. */
  readonly records: number;
  readonly refusals: readonly Refusal[];
  /** What ended it before all was tried: repeated, it doubles what is acknowledged. */
  readonly failure: S2Error | undefined;
}

/** Streams that one request is written to at a time: each has a batch of 1 MiB at most. */
export const MAX_STREAMS_AT_ONCE = 16;

export async function deliver(
  pieces: readonly OtlpPiece[],
  components: DeliveryComponents,
): Promise<Delivery> {
  const run = new DeliveryRun(components);
  const waiting = byStream(pieces, components.defaultStream);
  const worker = async (): Promise<void> => {
    for (let next = waiting.next(); next.done !== true; next = waiting.next()) {
      if (run.failure !== undefined) return;
      await run.toStream(...next.value);
    }
  };
  await Promise.all(Array.from({ length: MAX_STREAMS_AT_ONCE }, worker));
  return run;
}

class DeliveryRun implements Delivery {
  records = 0;
  failure: S2Error | undefined = undefined;
  readonly refusals: Refusal[] = [];
  private readonly components: DeliveryComponents;

  constructor(components: DeliveryComponents) {
    this.components = components;
  }

  /** Never rejects. */
  async toStream(stream: string | undefined, pieces: readonly OtlpPiece[]): Promise<void> {
    const { asked, exchange, headers, shared, confirmAccess, now } = this.components;
    let done = 0;
    try {
      const target = { ...this.addressOf(stream), ...shared };
      asked.of(target);
      for (const batch of batchesOf(pieces, headers)) {
        // Others may have waited for this one for as long as a body takes.
        if (done > 0) confirmAccess();
        await appendOnce(this.components, messageOf(batch, headers, now()), target, exchange);
        done += batch.pieces.length;
        this.records += batch.pieces.length;
        if (this.failure !== undefined) return;
      }
    } catch (caught) {
      const error = S2Error.from(caught);
      const isOver = error.code === "authn" || error.code === "client_hangup";
      if (isOver || mayPass(error)) this.failure ??= error;
      else this.refusals.push({ stream, error, pieces: pieces.slice(done) });
    }
  }

  /** @throws {S2Error} `invalid`, `permission_denied` */
  private addressOf(stream: string | undefined): StreamAddress {
    const { access, basin } = this.components;
    if (stream === undefined)
      throw new S2Error({
        code: "invalid",
        message: `resource has no attribute ${OTLP_STREAM_ATTRIBUTE}, and there is no default stream`,
      });
    const address = knownAddress(access, basin, stream, "invalid");
    requireResource(access, "stream", address.stream);
    return address;
  }
}

/** Pieces by their stream, in the order in which streams come up. */
function byStream(
  pieces: readonly OtlpPiece[],
  defaultStream: string | undefined,
): Iterator<[stream: string | undefined, pieces: readonly OtlpPiece[]]> {
  const streams = new Map<string | undefined, OtlpPiece[]>();
  for (const piece of pieces) {
    const stream = piece.stream ?? defaultStream;
    const others = streams.get(stream);
    if (others === undefined) streams.set(stream, [piece]);
    else others.push(piece);
  }
  return streams.entries();
}
