// The protobuf codec against a generated one, against itself, and against the formulas.

import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { S2Error } from "../../src/error.js";
import { decodeAppendAck, encodeAppendAck } from "../../src/proto/append-ack.js";
import { decodeAppendInput, encodeAppendInput } from "../../src/proto/append-input.js";
import { canonicalAppendInput } from "../../src/proto/canonical-append.js";
import {
  decodeReadBatch,
  encodeReadBatch,
  encodeReadBatchTail,
} from "../../src/proto/read-batch.js";
import { scanAppendInput } from "../../src/proto/scan-append.js";
import { scanStoredBatch } from "../../src/proto/scan-stored.js";
import { SequencedWalker } from "../../src/proto/sequenced-walker.js";
import { maxTranscodedBytes, transcodeBatch } from "../../src/proto/transcode.js";
import { seededRandom } from "../../src/random.js";
import { AppendBatch } from "../../src/record/append-batch.js";
import { isCommandRecord, parseCommand } from "../../src/record/command-record.js";
import { batchMeteredBytes, meteredBytes } from "../../src/record/metering.js";
import type { AppendInput, Header } from "../../src/record/record.js";
import {
  anyAppendAck,
  anyAppendInput,
  anyReadBatch,
  anyU64,
} from "../../src/testing/arbitraries/record.js";
import { AppendAckSchema, AppendInputSchema, ReadBatchSchema } from "../fixtures/s2_pb.js";
import { encodeUnusually } from "./unusual-encoder.js";

const libraryHeaders = (headers: readonly Header[]) =>
  headers.map(([name, value]) => ({ name, value }));

function libraryAppendInput(input: AppendInput): Uint8Array {
  const message = create(AppendInputSchema, {
    records: input.records.map(({ timestamp, headers, body }) => ({
      ...(timestamp !== undefined && { timestamp: BigInt(timestamp) }),
      headers: libraryHeaders(headers),
      body,
    })),
    ...(input.matchSeqNum !== undefined && { matchSeqNum: BigInt(input.matchSeqNum) }),
    ...(input.fencingToken !== undefined && { fencingToken: input.fencingToken }),
  });
  return toBinary(AppendInputSchema, message);
}

const libraryPosition = ({ seqNum, timestamp }: { seqNum: number; timestamp: number }) => ({
  seqNum: BigInt(seqNum),
  timestamp: BigInt(timestamp),
});

describe("the codec and a generated one", () => {
  it("write the same append input, byte for byte, and read it back", () => {
    fc.assert(
      fc.property(anyAppendInput(), (input) => {
        const bytes = encodeAppendInput(input);
        expect(bytes).toEqual(libraryAppendInput(input));
        expect(decodeAppendInput(bytes)).toEqual(input);
      }),
    );
  });

  it("write the same read batch, byte for byte, and read it back", () => {
    fc.assert(
      fc.property(anyReadBatch(), (batch) => {
        const message = create(ReadBatchSchema, {
          records: batch.records.map(({ headers, body, ...position }) => ({
            ...libraryPosition(position),
            headers: libraryHeaders(headers),
            body,
          })),
          ...(batch.tail && { tail: libraryPosition(batch.tail) }),
        });
        const bytes = encodeReadBatch(batch);
        expect(bytes).toEqual(toBinary(ReadBatchSchema, message));
        expect(decodeReadBatch(bytes)).toEqual(batch);
      }),
    );
  });

  it("write the same ack, byte for byte, and read it back", () => {
    fc.assert(
      fc.property(anyAppendAck(), (ack) => {
        const message = create(AppendAckSchema, {
          start: libraryPosition(ack.start),
          end: libraryPosition(ack.end),
          tail: libraryPosition(ack.tail),
        });
        const bytes = encodeAppendAck(ack);
        expect(bytes).toEqual(toBinary(AppendAckSchema, message));
        expect(decodeAppendAck(bytes)).toEqual(ack);
      }),
    );
  });

  it("read the same from unusual encodings", () => {
    fc.assert(
      fc.property(anyAppendInput(), fc.integer(), (input, seed) => {
        const bytes = encodeUnusually(input, seededRandom(seed));
        const message = fromBinary(AppendInputSchema, bytes);
        expect(decodeAppendInput(bytes)).toEqual(input);
        expect(message.records).toHaveLength(input.records.length);
        expect(message.fencingToken).toBe(input.fencingToken);
      }),
    );
  });
});

describe("headroom in front of an append input", () => {
  it("leaves the message as it is, behind free bytes", () => {
    fc.assert(
      fc.property(anyAppendInput(), fc.nat({ max: 16 }), (input, headroomBytes) => {
        const bytes = encodeAppendInput(input, headroomBytes);
        expect(bytes.subarray(headroomBytes)).toEqual(encodeAppendInput(input));
      }),
    );
  });
});

describe("the scan", () => {
  const facts = (batch: AppendBatch) => ({
    count: batch.count,
    meteredBytes: batch.meteredBytes,
    hasClientTimestamps: batch.hasClientTimestamps,
    clientTimestamps: [...batch.clientTimestamps.subarray(0, batch.count)],
    commands: batch.commands,
    matchSeqNum: batch.matchSeqNum,
    fencingToken: batch.fencingToken,
  });

  const expectedFacts = (input: AppendInput) => ({
    count: input.records.length,
    meteredBytes: batchMeteredBytes(input.records),
    hasClientTimestamps: input.records.some(({ timestamp }) => timestamp !== undefined),
    clientTimestamps: input.records.map(({ timestamp }) => timestamp ?? Number.NaN),
    commands: input.records.flatMap((record, index) =>
      isCommandRecord(record)
        ? [{ index, command: parseCommand(record.headers[0]?.[1] as Uint8Array, record.body) }]
        : [],
    ),
    matchSeqNum: input.matchSeqNum,
    fencingToken: input.fencingToken,
  });

  it("finds the facts that the values have, in a batch that is used again and again", () => {
    const batch = new AppendBatch();
    fc.assert(
      fc.property(anyAppendInput(), (input) => {
        expect(facts(scanAppendInput(encodeAppendInput(input), batch))).toEqual(
          expectedFacts(input),
        );
      }),
    );
  });

  it("finds the same facts in unusual encodings", () => {
    fc.assert(
      fc.property(anyAppendInput(), fc.integer(), (input, seed) => {
        const bytes = encodeUnusually(input, seededRandom(seed));
        expect(facts(scanAppendInput(bytes))).toEqual(expectedFacts(input));
      }),
    );
  });

  it("rewrites unusual encodings as an encoder would write them, and never longer", () => {
    fc.assert(
      fc.property(anyAppendInput(), fc.integer(), (input, seed) => {
        const bytes = encodeUnusually(input, seededRandom(seed));
        const canonical = canonicalAppendInput(bytes);
        expect(canonical).toEqual(encodeAppendInput(input));
        expect(canonical.length).toBeLessThanOrEqual(bytes.length);
      }),
    );
  });
});

describe("transcoding", () => {
  it("writes what encoding the sequenced records would write, into a given buffer", () => {
    const cases = fc.record({
      input: anyAppendInput(),
      firstSeqNum: fc.nat({ max: Number.MAX_SAFE_INTEGER - 1000 }),
      timestamp: anyU64(),
      start: fc.nat({ max: 20 }),
    });
    fc.assert(
      fc.property(cases, ({ input, firstSeqNum, timestamp, start }) => {
        const batch = scanAppendInput(encodeAppendInput(input));
        batch.timestamps.fill(timestamp, 0, batch.count);
        const records = input.records.map(({ headers, body }, index) => ({
          seqNum: firstSeqNum + index,
          timestamp,
          headers,
          body,
        }));
        const bound = maxTranscodedBytes(batch);
        const out = new Uint8Array(start + bound + 20).fill(0xee);

        const end = transcodeBatch(batch, firstSeqNum, out, start);

        expect(out.subarray(start, end)).toEqual(encodeReadBatch({ records }));
        expect(end - start).toBeLessThanOrEqual(bound);
        expect([...out.subarray(0, start), ...out.subarray(end)].every((b) => b === 0xee)).toBe(
          true,
        );
      }),
    );
  });

  it("keeps the records of unusual encodings", () => {
    fc.assert(
      fc.property(anyAppendInput(), fc.integer(), (input, seed) => {
        const batch = scanAppendInput(encodeUnusually(input, seededRandom(seed)));
        batch.timestamps.fill(9, 0, batch.count);
        const out = new Uint8Array(maxTranscodedBytes(batch));
        const end = transcodeBatch(batch, 5, out, 0);
        const walker = new SequencedWalker(out.subarray(0, end));
        let metered = 0;
        while (walker.next()) metered += walker.meteredBytes;
        expect(metered).toBe(batch.meteredBytes);
        expect(decodeReadBatch(out.subarray(0, end)).records).toEqual(
          input.records.map(({ headers, body }, index) => ({
            seqNum: 5 + index,
            timestamp: 9,
            headers,
            body,
          })),
        );
      }),
      { numRuns: 1000 },
    );
  });

  it("writes stored bytes again as they are", () => {
    const cases = fc.record({
      input: anyAppendInput(),
      firstSeqNum: fc.nat({ max: Number.MAX_SAFE_INTEGER - 1000 }),
      timestamp: anyU64(),
      meteredBytes: fc.nat(),
    });
    const again = new AppendBatch();
    fc.assert(
      fc.property(cases, ({ input, firstSeqNum, timestamp, meteredBytes }) => {
        const batch = scanAppendInput(encodeAppendInput(input));
        for (let index = 0; index < batch.count; index++)
          batch.timestamps[index] = Math.min(timestamp + index, Number.MAX_SAFE_INTEGER);
        const stored = new Uint8Array(maxTranscodedBytes(batch));
        const bytes = stored.subarray(0, transcodeBatch(batch, firstSeqNum, stored, 0));

        const { count } = scanStoredBatch(bytes, meteredBytes, again);

        expect([count, again.meteredBytes]).toEqual([batch.count, meteredBytes]);
        expect(again.timestamps.subarray(0, count)).toEqual(batch.timestamps.subarray(0, count));
        const out = new Uint8Array(maxTranscodedBytes(again));
        expect(out.subarray(0, transcodeBatch(again, firstSeqNum, out, 0))).toEqual(bytes);
      }),
    );
  });

  it("refuses stored bytes that no server writes, and reads none that are not there", () => {
    const record = { seqNum: 1, timestamp: 2, headers: [], body: Uint8Array.of(1, 2, 3) };
    const bytes = encodeReadBatch({ records: [record] });
    for (let end = 1; end < bytes.length; end++)
      expect(() => scanStoredBatch(bytes.subarray(0, end), 1)).toThrow(S2Error);
    expect(() => scanStoredBatch(Uint8Array.of(0x12, 0), 1)).toThrow("not a stored record");
    const foreign = Uint8Array.of(0x0a, 2, 0x28, 1);
    expect(() => scanStoredBatch(foreign, 1)).toThrow("not a field of a stored record");
    const unordered = Uint8Array.of(0x0a, 4, 0x10, 1, 0x08, 1);
    expect(() => scanStoredBatch(unordered, 1)).toThrow("out of order");
    const many = encodeReadBatch({ records: Array.from({ length: 1001 }, () => record) });
    expect(() => scanStoredBatch(many, 1)).toThrow("more records than a batch has");
  });

  it("copies bodies and headers of every length around its thresholds", () => {
    const lengths = [0, 1, 7, 8, 9, 15, 16, 17, 127, 128, 191, 192, 193, 16_383, 16_384, 70_000];
    const records = lengths.map((length) => ({
      headers: [[Uint8Array.of(1), new Uint8Array(length).fill(7)]] as Header[],
      body: Uint8Array.from({ length }, (_, i) => i * 31),
    }));
    const batch = scanAppendInput(encodeAppendInput({ records }));
    const out = new Uint8Array(maxTranscodedBytes(batch));

    const end = transcodeBatch(batch, 0, out, 0);

    expect(decodeReadBatch(out.subarray(0, end)).records).toEqual(
      records.map(({ headers, body }, seqNum) => ({ seqNum, timestamp: 0, headers, body })),
    );
  });
});

describe("stored bytes", () => {
  it("walk with the facts of their records, and may be cut at each", () => {
    fc.assert(
      fc.property(anyReadBatch(), ({ records }) => {
        const bytes = encodeReadBatch({ records });
        const walker = new SequencedWalker(bytes);
        let previousEnd = 0;
        for (const [index, record] of records.entries()) {
          expect(walker.next()).toBe(true);
          expect(walker).toMatchObject({
            seqNum: record.seqNum,
            timestamp: record.timestamp,
            meteredBytes: meteredBytes(record),
            start: previousEnd,
          });
          expect(decodeReadBatch(bytes.subarray(0, walker.end)).records).toEqual(
            records.slice(0, index + 1),
          );
          previousEnd = walker.end;
        }
        expect(walker.next()).toBe(false);
        expect(previousEnd).toBe(bytes.length);
      }),
    );
  });

  it("become a batch with a tail by appending the tail", () => {
    fc.assert(
      fc.property(anyReadBatch(), ({ records, tail = { seqNum: 0, timestamp: 0 } }) => {
        const bytes = [...encodeReadBatch({ records }), ...encodeReadBatchTail(tail)];
        expect(decodeReadBatch(Uint8Array.from(bytes))).toEqual({ records, tail });
      }),
    );
  });

  it.each([
    ["something else than a record", [0x12, 0x00]],
    ["a header of varints", [0x0a, 0x04, 0x1a, 0x02, 0x08, 0x01]],
    ["a cut record", [0x0a, 0x05, 0x08]],
  ])("that hold %s are damage", (_, bytes) => {
    const walker = new SequencedWalker(Uint8Array.from(bytes));

    expect(() => walker.next()).toThrow(/^\[bad_proto\]/);
  });

  it("may hold unknown fields, which are stepped over", () => {
    const walker = new SequencedWalker(Uint8Array.of(0x0a, 0x06, 0x08, 0x05, 0x2a, 0x02, 1, 2));

    expect(walker.next()).toBe(true);
    expect(walker).toMatchObject({ seqNum: 5, meteredBytes: 8 });
  });
});
