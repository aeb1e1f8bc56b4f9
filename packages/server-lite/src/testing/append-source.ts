// Sequenced append batches for tests of storage engines: what the server's scan and sequencer would
// hand down. Bodies are given as text, timestamps as numbers.

import { decodeReadBatch, encodeAppendInput, encodeUtf8 } from "@s2kit/core";
import { AppendBatch, scanAppendInput } from "@s2kit/core/server";
import type { AppendMutation, StoredBatch, StreamId } from "../storage/storage.js";

/** Makes batches to append. */
export interface AppendSource {
  readonly streamId: StreamId;
  readonly firstSeqNum: number;
  readonly bodies: readonly (string | Uint8Array)[];
  /** Of each record; default: 1000 + seqNum. */
  readonly timestamps?: readonly number[];
  /** Default: 1 */
  readonly writtenMs?: number;
  readonly fencingToken?: string;
  readonly trimPoint?: number;
  /** Filled instead of a fresh one; in use until the commit has returned. */
  readonly into?: AppendBatch;
}

/** A batch as the sequencer leaves it. */
export function sequencedBatch(
  bodies: readonly (string | Uint8Array)[],
  timestamps: readonly number[],
  into: AppendBatch = new AppendBatch(),
): AppendBatch {
  const records = bodies.map((body) => ({
    timestamp: undefined,
    headers: [],
    body: typeof body === "string" ? encodeUtf8(body) : body,
  }));
  const batch = scanAppendInput(
    encodeAppendInput({ records, matchSeqNum: undefined, fencingToken: undefined }),
    into,
  );
  for (const [index, timestamp] of timestamps.entries()) batch.timestamps[index] = timestamp;
  return batch;
}

/** An append mutation whose records have these bodies. */
export function appendOf(source: AppendSource): AppendMutation {
  const { streamId, firstSeqNum, bodies, fencingToken, trimPoint } = source;
  const timestamps = source.timestamps ?? bodies.map((_, index) => 1000 + firstSeqNum + index);
  return {
    kind: "append",
    streamId,
    batch: sequencedBatch(bodies, timestamps, source.into),
    firstSeqNum,
    writtenMs: source.writtenMs ?? 1,
    fencingToken,
    trimPoint,
  };
}

/** Records of stored batches as `seqNum:timestamp:body` lines. */
export function linesOf(batches: readonly StoredBatch[]): string[] {
  return batches.flatMap((batch) =>
    decodeReadBatch(batch.bytes).records.map(
      (record) => `${record.seqNum}:${record.timestamp}:${new TextDecoder().decode(record.body)}`,
    ),
  );
}
