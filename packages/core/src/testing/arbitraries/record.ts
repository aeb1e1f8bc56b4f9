// Arbitrary records, batches and positions for property tests. They are biased towards the edges of
// the wire: varint lengths, empty fields, command records. Valid in the sense of each type.

import fc from "fast-check";
import { MAX_FENCING_TOKEN_BYTES } from "../../caps.js";
import { fenceRecord, trimRecord } from "../../record/command-record.js";
import type { StreamPosition } from "../../record/position.js";
import type { ReadFrom, ReadQuery } from "../../record/read.js";
import type {
  AppendAck,
  AppendInput,
  AppendRecord,
  Header,
  ReadBatch,
  SequencedRecord,
} from "../../record/record.js";
import { utf8ByteLength } from "../../text/utf8.js";

/** Integers from 0 to 2^53 - 1, often around the powers of two where a varint grows. */
export function anyU64(): fc.Arbitrary<number> {
  const edges = fc
    .tuple(fc.integer({ min: 0, max: 53 }), fc.integer({ min: -1, max: 1 }))
    .map(([bits, off]) => Math.min(Math.max(2 ** bits + off, 0), Number.MAX_SAFE_INTEGER));
  return fc.oneof(fc.nat({ max: 300 }), edges, fc.maxSafeNat());
}

/** Any position. */
export function anyPosition(): fc.Arbitrary<StreamPosition> {
  return fc.record({ seqNum: anyU64(), timestamp: anyU64() });
}

/** Any bytes, short ones mostly. */
export function anyBytes(maxLength = 300): fc.Arbitrary<Uint8Array> {
  return fc.oneof(
    fc.constant(new Uint8Array(0)),
    fc.uint8Array({ maxLength: Math.min(maxLength, 40) }),
    fc.uint8Array({ maxLength }),
  );
}

/** Valid Unicode text, of every plane. */
export function anyText(maxLength = 40): fc.Arbitrary<string> {
  return fc.string({ unit: "binary", maxLength });
}

/** A header of an ordinary record: its name is not empty. */
export function anyHeader(): fc.Arbitrary<Header> {
  return fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 140 }), anyBytes());
}

/** Any token that fits. */
export function anyFencingToken(): fc.Arbitrary<string> {
  return anyText(MAX_FENCING_TOKEN_BYTES).filter(
    (token) => utf8ByteLength(token) <= MAX_FENCING_TOKEN_BYTES,
  );
}

/** A fence or trim record; trim points cover the whole uint64 range. */
export function anyCommandRecord(): fc.Arbitrary<AppendRecord> {
  const timestamp = fc.option(anyU64(), { nil: undefined });
  return fc.oneof(
    fc.tuple(anyFencingToken(), timestamp).map(([token, at]) => fenceRecord(token, at)),
    fc
      .tuple(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), timestamp)
      .map(([seqNum, at]) => trimRecord(seqNum, at)),
  );
}

/** Mostly ordinary records, some commands. */
export function anyAppendRecord(): fc.Arbitrary<AppendRecord> {
  const ordinary = fc.record({
    timestamp: fc.option(anyU64(), { nil: undefined }),
    headers: fc.array(anyHeader(), { maxLength: 4 }),
    body: anyBytes(),
  });
  return fc.oneof({ arbitrary: ordinary, weight: 4 }, { arbitrary: anyCommandRecord(), weight: 1 });
}

/** A batch that every rule allows. */
export function anyAppendInput(): fc.Arbitrary<AppendInput> {
  return fc.record({
    records: fc.array(anyAppendRecord(), { minLength: 1, maxLength: 12 }),
    matchSeqNum: fc.option(anyU64(), { nil: undefined }),
    fencingToken: fc.option(anyFencingToken(), { nil: undefined }),
  });
}

/** A record at any place of a stream. */
export function anySequencedRecord(): fc.Arbitrary<SequencedRecord> {
  return fc
    .tuple(anyPosition(), anyAppendRecord())
    .map(([position, { headers, body }]) => ({ ...position, headers, body }));
}

/** Records of one stream in order: dense seqNums, timestamps that never fall, perhaps a tail. */
export function anyReadBatch(): fc.Arbitrary<ReadBatch> {
  const steps = fc.array(fc.tuple(anyAppendRecord(), fc.nat({ max: 3 })), { maxLength: 12 });
  const first = fc.nat({ max: Number.MAX_SAFE_INTEGER - 1000 });
  return fc
    .tuple(first, first, steps, fc.boolean(), fc.nat({ max: 3 }))
    .map(([firstSeqNum, firstTimestamp, entries, hasTail, lag]) => {
      let timestamp = firstTimestamp;
      const records = entries.map(([{ headers, body }, step], index) => {
        timestamp += step;
        return { seqNum: firstSeqNum + index, timestamp, headers, body };
      });
      if (!hasTail) return { records };
      return { records, tail: { seqNum: firstSeqNum + entries.length + lag, timestamp } };
    });
}

/** start before end, end at or before tail. */
export function anyAppendAck(): fc.Arbitrary<AppendAck> {
  const first = fc.nat({ max: Number.MAX_SAFE_INTEGER - 10_000 });
  const step = fc.nat({ max: 1000 });
  return fc
    .tuple(first, first, fc.integer({ min: 1, max: 1000 }), step, step, step)
    .map(([seqNum, timestamp, count, aged, later, behind]) => ({
      start: { seqNum, timestamp },
      end: { seqNum: seqNum + count, timestamp: timestamp + aged },
      tail: { seqNum: seqNum + count + behind, timestamp: timestamp + aged + later },
    }));
}

/** Any start of a read. */
export function anyReadFrom(): fc.Arbitrary<ReadFrom> {
  return fc.oneof(
    fc.record({ seqNum: anyU64() }),
    fc.record({ timestamp: anyU64() }),
    fc.record({ tailOffset: anyU64() }),
  );
}

/** A read that the rules allow: a start timestamp lies before `until`. */
export function anyReadQuery(): fc.Arbitrary<ReadQuery> {
  const bound = fc.option(anyU64(), { nil: undefined });
  return fc
    .record({
      from: fc.option(anyReadFrom(), { nil: undefined }),
      clamp: fc.option(fc.boolean(), { nil: undefined }),
      count: bound,
      bytes: bound,
      until: bound,
      waitSecs: fc.option(fc.nat({ max: 2 ** 31 - 1 }), { nil: undefined }),
    })
    .filter(
      ({ from, until }) =>
        from === undefined ||
        !("timestamp" in from) ||
        until === undefined ||
        from.timestamp < until,
    );
}
