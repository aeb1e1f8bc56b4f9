// The buffer of a read session between its wire and its consumer: bounds, order, and what takes its
// place in line without being seen.

import type { SequencedRecord } from "@s2kit/core";
import { describe, expect, it } from "vitest";
import { type Delivery, DeliveryBuffer } from "../../src/session/read/delivery-buffer.js";

const MIB = 1024 * 1024;

const record = (seqNum: number): SequencedRecord => ({
  seqNum,
  timestamp: 0,
  headers: [],
  body: new Uint8Array(0),
});

const batch = (seqNum: number, wireBytes = 1): Delivery => ({
  records: [record(seqNum)],
  tail: undefined,
  next: { seqNum: seqNum + 1, timestamp: 0 },
  boundary: undefined,
  wireBytes,
});

/** Received, and not for the consumer: all its records were filtered. */
const unseen = (seqNum: number, wireBytes = 1): Delivery => ({
  ...batch(seqNum, wireBytes),
  records: [],
});

function setUp(): { buffer: DeliveryBuffer; flow: string[]; complete: (number | undefined)[] } {
  const flow: string[] = [];
  const complete: (number | undefined)[] = [];
  const buffer = new DeliveryBuffer({
    onFull: () => void flow.push("full"),
    onRoom: () => void flow.push("room"),
    onComplete: ({ next }) => void complete.push(next?.seqNum),
  });
  return { buffer, flow, complete };
}

function consume(buffer: DeliveryBuffer): number | undefined {
  const delivery = buffer.tryTake();
  if (delivery === undefined) return undefined;
  buffer.noteDelivered(delivery);
  return delivery.records[0]?.seqNum;
}

describe("the buffer of a read session", () => {
  it("is full at 4 MiB or 256 batches, once, and has room below half", () => {
    for (const [count, size] of [
      [4, MIB],
      [256, 1],
    ] as const) {
      const { buffer, flow } = setUp();
      for (let i = 0; i < count - 1; i++) buffer.push(batch(i, size));
      expect(flow).toEqual([]);
      buffer.push(batch(count - 1, size));
      buffer.push(batch(count, size));
      expect([flow, buffer.isFull]).toEqual([["full"], true]);
      for (let i = 0; i < count / 2 + 1; i++) expect(consume(buffer)).toBe(i);
      expect(flow).toEqual(["full"]);
      consume(buffer);
      expect([flow, buffer.isFull]).toEqual([["full", "room"], false]);
    }
  });

  it("has room again when what filled it is for nobody to take", () => {
    const { buffer, flow, complete } = setUp();
    buffer.push(batch(0));
    for (let i = 1; i < 256; i++) buffer.push(unseen(i));
    expect(flow).toEqual(["full"]);
    expect(consume(buffer)).toBe(0);
    expect([flow, buffer.isFull]).toEqual([["full", "room"], false]);
    expect([buffer.deliveredTo?.seqNum, complete.length]).toEqual([256, 256]);
  });

  it("completes what nobody sees only behind what was consumed before it", () => {
    const { buffer, complete } = setUp();
    buffer.push(unseen(0));
    expect(complete).toEqual([1]);
    buffer.push(batch(1));
    buffer.push(unseen(2));
    const taken = buffer.tryTake() as Delivery;
    buffer.push(unseen(3));
    expect(complete).toEqual([1]);
    buffer.noteDelivered(taken);
    expect(complete).toEqual([1, 2, 3, 4]);
  });

  it("gives one who waits the next batch, then what was buffered, then the end", async () => {
    const { buffer } = setUp();
    const waiting = buffer.take();
    buffer.push(unseen(0));
    buffer.push(batch(1));
    buffer.push(batch(2));
    buffer.end(undefined);
    expect((await waiting)?.records[0]?.seqNum).toBe(1);
    expect((await buffer.take())?.records[0]?.seqNum).toBe(2);
    expect(await buffer.take()).toBeUndefined();
  });
});
