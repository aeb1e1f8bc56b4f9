// What is looked at again, kills later: everything that was there is, in its place; what was doctored is told.

import type { S2Stream } from "@s2kit/client";
import { type SeenRecord, StreamOracle } from "@s2kit/sim";
import { describe, expect, it } from "vitest";
import { lookAgain, type Remembered, readWhole, remember } from "../src/load/audit.ts";

function oracleOf(): StreamOracle {
  let ticks = 0;
  return new StreamOracle("s", { next: () => ++ticks });
}

/** A stream that says what it is told to. */
function streamOf(records: readonly SeenRecord[], tail: number): S2Stream {
  return {
    checkTail: () => Promise.resolve({ tail: { seqNum: tail, timestamp: 0 } }),
    readToTail: () => Promise.resolve(sessionOf(records)),
  } as unknown as S2Stream;
}

async function* sessionOf(records: readonly SeenRecord[]): AsyncGenerator<SeenRecord> {
  yield* records;
}

/** Three batches; the last one has no answer. */
async function judged(): Promise<{ known: Remembered; records: SeenRecord[] }> {
  const oracle = oracleOf();
  const records: SeenRecord[] = [];
  for (const bodies of [["a", "b"], ["c"], ["d"]]) {
    const operation = oracle.begin({ actor: "w", bodies });
    const start = { seqNum: records.length, timestamp: 7 };
    for (const body of operation.bodies)
      records.push({ seqNum: records.length, timestamp: 7, headers: [], body });
    const end = { seqNum: records.length, timestamp: 7 };
    if (bodies[0] !== "d") oracle.acked(operation, { start, end, tail: end });
  }
  records.pop();
  const final = await readWhole(streamOf(records, 3), oracle);
  return { known: remember(oracle, final), records };
}

describe("a second look", () => {
  it("is content with what was there, and with an answer that never came", async () => {
    const { known, records } = await judged();
    await lookAgain(streamOf(records, 3), known);
    const late = { seqNum: 3, timestamp: 9, headers: [], body: "whatever" };
    await lookAgain(streamOf([...records, late], 4), known);
  });

  it.each([
    ["a record that is gone", (all: SeenRecord[]) => all.toSpliced(1, 1), 3],
    ["a first record that is gone", (all: SeenRecord[]) => all.slice(1), 3],
    ["a last record that is gone", (all: SeenRecord[]) => all.slice(0, 2), 2],
    ["every record gone", () => [], 3],
    [
      "another record",
      (all: SeenRecord[]) => all.with(1, { ...(all[1] as SeenRecord), body: "other" }),
      3,
    ],
    [
      "another time",
      (all: SeenRecord[]) => all.with(2, { ...(all[2] as SeenRecord), timestamp: 8 }),
      3,
    ],
    [
      "more than can come",
      (all: SeenRecord[]) => [
        ...all,
        ...[3, 4].map((seqNum) => ({ ...(all[0] as SeenRecord), seqNum })),
      ],
      5,
    ],
  ])("refuses %s", async (_, doctor, tail) => {
    const { known, records } = await judged();
    await expect(lookAgain(streamOf(doctor(records), tail), known)).rejects.toThrow(
      /durable|contiguous/,
    );
  });
});
