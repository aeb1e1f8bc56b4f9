// The sequencer and the cut of batches as properties against small models of the spec's rules.

import {
  type AppendRecord,
  batchMeteredBytes,
  encodeAppendInput,
  encodeReadBatch,
  encodeUtf8,
  FencingTokenMismatchError,
  fenceRecord,
  meteredBytes,
  SeqNumMismatchError,
  type SequencedRecord,
  trimRecord,
} from "@s2kit/core";
import { AppendBatch, scanAppendInput } from "@s2kit/core/server";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type SequencerRules,
  type SequencerState,
  sequence,
} from "../../../src/backend/append/sequencer.js";
import { cutBatch } from "../../../src/backend/read/selection.js";

const NOW = 1_000;
const EMPTY: SequencerState = { tail: { seqNum: 0, timestamp: 0 }, fencingToken: "", trimPoint: 0 };
const PREFER: SequencerRules = {
  mode: "client-prefer",
  uncapped: false,
  maxOrdinarySeqNum: Number.POSITIVE_INFINITY,
};

function scanned(
  records: readonly AppendRecord[],
  extra: { matchSeqNum?: number; fencingToken?: string } = {},
): AppendBatch {
  const { matchSeqNum, fencingToken } = extra;
  return scanAppendInput(
    encodeAppendInput({ records, matchSeqNum, fencingToken }),
    new AppendBatch(),
  );
}
function recordsAt(...timestamps: (number | undefined)[]): AppendRecord[] {
  return timestamps.map((timestamp) => ({ timestamp, headers: [], body: encodeUtf8("x") }));
}
const timestampsOf = (batch: AppendBatch): number[] => [
  ...batch.timestamps.subarray(0, batch.count),
];

describe("timestamps", () => {
  const arbitrary = fc.record({
    given: fc.array(fc.option(fc.nat(3 * NOW), { nil: undefined }), {
      minLength: 1,
      maxLength: 20,
    }),
    previous: fc.nat(2 * NOW),
    mode: fc.constantFrom("client-prefer" as const, "client-require" as const, "arrival" as const),
    uncapped: fc.boolean(),
  });

  test("follow the formula of the spec, for any batch, state and mode", () => {
    fc.assert(
      fc.property(arbitrary, ({ given, previous, mode, uncapped }) => {
        const batch = scanned(recordsAt(...given));
        const state = { ...EMPTY, tail: { seqNum: 7, timestamp: previous } };
        const decision = sequence(batch, state, { ...PREFER, mode, uncapped }, NOW);
        if (mode === "client-require" && given.includes(undefined)) {
          expect(decision).toMatchObject({ ok: false, error: { code: "invalid" } });
          return;
        }
        let prev = previous;
        const expected = given.map((timestamp) => {
          let t = mode === "arrival" ? NOW : (timestamp ?? NOW);
          if (!uncapped && t > NOW) t = NOW;
          prev = Math.max(t, prev);
          return prev;
        });
        expect(timestampsOf(batch)).toEqual(expected);
        expect(decision).toMatchObject({
          ok: true,
          value: {
            firstSeqNum: 7,
            firstTimestamp: expected[0],
            tail: { seqNum: 7 + given.length, timestamp: expected.at(-1) },
          },
        });
      }),
    );
  });

  test("that no number can hold are refused where nothing caps them, never rounded", () => {
    const batch = scanned(recordsAt(2 ** 53));
    expect(sequence(batch, EMPTY, { ...PREFER, uncapped: true }, NOW)).toMatchObject({
      ok: false,
      error: { code: "invalid" },
    });
    expect(sequence(batch, EMPTY, PREFER, NOW)).toMatchObject({
      ok: true,
      value: { tail: { timestamp: NOW } },
    });
  });
});

describe("conditions", () => {
  test("the fence is checked before the match, and both before the timestamps", () => {
    const state = { ...EMPTY, fencingToken: "in force", tail: { seqNum: 3, timestamp: 0 } };
    const rules = { ...PREFER, mode: "client-require" as const };
    const decide = (extra: { matchSeqNum?: number; fencingToken?: string }): unknown => {
      const decision = sequence(scanned(recordsAt(undefined), extra), state, rules, NOW);
      return decision.ok ? undefined : decision.error;
    };
    expect(decide({ fencingToken: "old", matchSeqNum: 9 })).toBeInstanceOf(
      FencingTokenMismatchError,
    );
    expect(decide({ fencingToken: "in force", matchSeqNum: 9 })).toBeInstanceOf(
      SeqNumMismatchError,
    );
    expect(decide({ fencingToken: "in force", matchSeqNum: 3 })).toMatchObject({ code: "invalid" });
    expect(decide({ fencingToken: "" })).toMatchObject({ expectedFencingToken: "in force" });
  });

  test("a cipher's ceiling spares commands, and fails the whole batch otherwise", () => {
    const rules = { ...PREFER, maxOrdinarySeqNum: 10 };
    const at = (seqNum: number, records: AppendRecord[]): boolean =>
      sequence(scanned(records), { ...EMPTY, tail: { seqNum, timestamp: 0 } }, rules, NOW).ok;
    expect(at(10, recordsAt(1))).toBe(true);
    expect(at(10, recordsAt(1, 2))).toBe(false);
    expect(at(10, [...recordsAt(1), fenceRecord("t")])).toBe(true);
    expect(at(99, [trimRecord(5)])).toBe(true);
  });
});

test("a trim never passes its own record and never moves back; the last fence wins", () => {
  const command = fc.oneof(
    fc.bigInt(0n, 2n ** 64n - 1n).map((seqNum) => ({ record: trimRecord(seqNum), trim: seqNum })),
    fc.nat(60).map((seqNum) => ({ record: trimRecord(seqNum), trim: BigInt(seqNum) })),
    fc
      .string({ maxLength: 9, unit: "grapheme-ascii" })
      .map((token) => ({ record: fenceRecord(token), token })),
    fc.constant({ record: recordsAt(undefined)[0] as AppendRecord }),
  );
  fc.assert(
    fc.property(
      fc.array(command, { minLength: 1, maxLength: 12 }),
      fc.nat(40),
      fc.nat(40),
      (commands, seqNum, trimPoint) => {
        const state = {
          tail: { seqNum, timestamp: 0 },
          fencingToken: "before",
          trimPoint: Math.min(trimPoint, seqNum),
        };
        const decision = sequence(
          scanned(commands.map(({ record }) => record)),
          state,
          PREFER,
          NOW,
        );
        let point = BigInt(state.trimPoint);
        let token: string | undefined;
        commands.forEach((entry, index) => {
          if ("token" in entry) token = entry.token;
          if (!("trim" in entry)) return;
          const candidate =
            entry.trim < BigInt(seqNum + index + 1) ? entry.trim : BigInt(seqNum + index + 1);
          if (candidate > point) point = candidate;
        });
        expect(decision).toMatchObject({
          ok: true,
          value: {
            fencingToken: token,
            trimPoint: Number(point) === state.trimPoint ? undefined : Number(point),
          },
        });
      },
    ),
  );
});

test("a cut takes the longest run that start, count, bytes and until allow", () => {
  const arbitrary = fc.record({
    sizes: fc.array(fc.nat(30), { minLength: 1, maxLength: 12 }),
    steps: fc.array(fc.nat(2), { minLength: 12, maxLength: 12 }),
    from: fc.nat(14),
    count: fc.oneof(fc.nat(13), fc.constant(Number.POSITIVE_INFINITY)),
    meteredBytes: fc.oneof(fc.nat(500), fc.constant(Number.POSITIVE_INFINITY)),
    until: fc.oneof(fc.nat(26), fc.constant(Number.POSITIVE_INFINITY)),
  });
  fc.assert(
    fc.property(arbitrary, ({ sizes, steps, from, count, meteredBytes: bytes, until }) => {
      let timestamp = 0;
      const records: SequencedRecord[] = sizes.map((size, index) => {
        timestamp += steps[index] ?? 0;
        return { seqNum: index + 1, timestamp, headers: [], body: new Uint8Array(size) };
      });
      const stored = {
        firstSeqNum: 1,
        count: records.length,
        meteredBytes: batchMeteredBytes(records),
        firstTimestamp: records[0]?.timestamp ?? 0,
        lastTimestamp: timestamp,
        writtenMs: 0,
        bytes: encodeReadBatch({ records }),
      };
      const wanted: SequencedRecord[] = [];
      let total = 0;
      let isStopped = false;
      for (const record of records) {
        if (record.seqNum < from) continue;
        const size = meteredBytes(record);
        isStopped = wanted.length + 1 > count || total + size > bytes || record.timestamp >= until;
        if (isStopped) break;
        wanted.push(record);
        total += size;
      }
      const cut = cutBatch(stored, from, { count, meteredBytes: bytes, until });
      expect([cut.count, cut.meteredBytes, cut.isStopped]).toEqual([
        wanted.length,
        total,
        isStopped,
      ]);
      expect([...cut.bytes]).toEqual([...encodeReadBatch({ records: wanted })]);
      if (wanted.length > 0) expect(cut.lastSeqNum).toBe(wanted.at(-1)?.seqNum);
    }),
  );
});
