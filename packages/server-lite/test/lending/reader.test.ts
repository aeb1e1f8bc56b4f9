// Who of a reader gives a lent buffer back, and when: the one who looks at an item, and nobody before
// that; what is read ahead and never taken, too.

import { afterEach, beforeEach, expect, test } from "vitest";
import { NOT_YET, type ReadItem } from "../../src/backend/read/read-item.js";
import type { Reader } from "../../src/backend/read/reader.js";
import { LentBuffers } from "../../src/lending/lent-buffers.js";
import { type StoredStream, storedStream } from "./stored-stream.js";

const MIB = 1024 * 1024;
/** What records are made of. */
const LETTER = 97;

let buffers: LentBuffers;
let stream: StoredStream;
let reader: Reader;
/** Reads of storage that were answered. */
let answered: number;
beforeEach(async () => {
  buffers = new LentBuffers(8 * MIB);
  answered = 0;
  stream = await storedStream(6, (batch) => {
    const bytes = buffers.lend(batch.bytes.length);
    bytes.set(batch.bytes);
    answered++;
    return { ...batch, bytes };
  });
});
afterEach(() => reader.close());

async function nextOf(): Promise<ReadItem> {
  const item = await reader.next();
  expect(item).toBeDefined();
  return item as ReadItem;
}

/** Whether all of an item is still what was stored: buffers that came back are written over. */
function isIntact({ parts }: ReadItem): boolean {
  return parts.every((part) => part.subarray(100, -100).every((byte) => byte === LETTER));
}

test("an item stays as it is when others stop the reader, until its owner closes", async () => {
  reader = await stream.read({ query: { from: { seqNum: 0 }, count: 500 } });
  const item = await nextOf();
  reader.stop();
  expect([isIntact(item), buffers.lentCount]).toEqual([true, 1]);
  expect(reader.poll()).toBeUndefined();
  expect([isIntact(item), buffers.lentCount]).toEqual([false, 0]);
});

test("an item stays as it is until the next one is asked for", async () => {
  reader = await stream.read({ query: { from: { seqNum: 0 }, count: 500 } });
  const item = await nextOf();
  expect([isIntact(item), buffers.lentCount]).toEqual([true, 1]);
  const second = await nextOf();
  expect([isIntact(second), buffers.lentCount]).toEqual([true, 1]);
});

test("a client that has no room keeps no item: it was taken", async () => {
  reader = await stream.read({ query: { from: { seqNum: 0 }, count: 500 } });
  await nextOf();
  reader.rest();
  expect(buffers.lentCount).toBe(0);
});

test("what was read ahead comes back when the reader stops, whenever it is there", async () => {
  reader = await stream.read();
  await nextOf();
  reader.close();
  await expect.poll(() => answered).toBe(2);
  await expect.poll(() => buffers.lentCount).toBe(0);
});

test("what was read ahead of a place that was trimmed comes back", async () => {
  reader = await stream.read();
  await nextOf();
  await expect.poll(() => answered).toBe(2);
  stream.storage.commit([{ kind: "trim", streamId: 1, trimPoint: 4 }]);
  const item = await nextOf();
  expect(item.lastSeqNum).toBe(4);
  reader.close();
  await expect.poll(() => answered).toBe(4);
  await expect.poll(() => buffers.lentCount).toBe(0);
});

test("what was read ahead and is taken is held once, and comes back once", async () => {
  reader = await stream.read();
  for (let seqNum = 0; seqNum < 6; seqNum++) expect((await nextOf()).lastSeqNum).toBe(seqNum);
  expect(reader.poll()).not.toBe(NOT_YET);
  reader.close();
  expect([answered, buffers.lentCount]).toEqual([6, 0]);
});

test("a reader that closes while it waits for storage gives back what comes then", async () => {
  reader = await stream.read();
  expect(reader.poll()).toBe(NOT_YET);
  reader.close();
  await expect.poll(() => answered).toBe(1);
  await expect.poll(() => buffers.lentCount).toBe(0);
});
