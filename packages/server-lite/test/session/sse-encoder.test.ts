// Events of live batches are made once for all followers whose totals are equal, and only for those.

import { encodeAppendInput, encodeUtf8, type LastEventId } from "@s2kit/core";
import { AppendBatch, scanAppendInput, transcodeBatch } from "@s2kit/core/server";
import { createSimulatedClock } from "@s2kit/core/testing";
import { expect, test } from "vitest";
import { LiveBatch } from "../../src/backend/append/live-batch.js";
import type { ReadItem } from "../../src/backend/read/read-item.js";
import type { SharedOutput } from "../../src/exchange/shared-output.js";
import { createSseEncoder } from "../../src/session/sse-encoder.js";

const tail = { seqNum: 8, timestamp: 0 };

function liveItem(): ReadItem {
  const input = encodeAppendInput({
    records: [{ timestamp: 5, headers: [], body: encodeUtf8("hello") }],
    matchSeqNum: undefined,
    fencingToken: undefined,
  });
  const batch = scanAppendInput(input, new AppendBatch());
  const out = new Uint8Array(1000);
  const bytes = out.subarray(0, transcodeBatch(batch, 7, out, 0));
  const { count, meteredBytes } = batch;
  const stored = { firstSeqNum: 7, firstTimestamp: 5, lastTimestamp: 5, writtenMs: 0 };
  const shared = new LiveBatch({ ...stored, count, meteredBytes, bytes }, tail, undefined);
  return { parts: [shared.stored.bytes], count, meteredBytes, lastSeqNum: 7, tail, shared };
}

function eventOf(item: ReadItem, resumed: LastEventId | undefined): Uint8Array {
  const encoder = createSseEncoder("raw", createSimulatedClock(0), resumed);
  const output = encoder.encode(item, false) as SharedOutput;
  return output.parts[0] as Uint8Array;
}
const idOf = (event: Uint8Array): string | undefined =>
  /^id: (.*)$/m.exec(Buffer.from(event).toString())?.[1];

test("followers with equal totals get the same bytes, made once", () => {
  const item = liveItem();
  expect(eventOf(item, undefined)).toBe(eventOf(item, undefined));
});

test("a follower that had delivered as many records but other bytes gets its own id", () => {
  const item = liveItem();
  const ids = [100, 200].map((bytes) => idOf(eventOf(item, { seqNum: 6, count: 3, bytes })));
  expect(ids).toEqual([`7,4,${100 + item.meteredBytes}`, `7,4,${200 + item.meteredBytes}`]);
});

test("a follower that had delivered as many bytes in fewer records gets its own id", () => {
  const item = liveItem();
  const ids = [3, 4].map((count) => idOf(eventOf(item, { seqNum: 6, count, bytes: 100 })));
  expect(ids).toEqual([`7,4,${100 + item.meteredBytes}`, `7,5,${100 + item.meteredBytes}`]);
});
