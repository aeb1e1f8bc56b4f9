// The rules of lending by themselves: who holds, who gives back, and what is never used again.

import { systemClock } from "@s2kit/core";
import { beforeEach, expect, test } from "vitest";
import { forfeit, giveAway, giveBack, hold, LentBuffers } from "../../src/lending/lent-buffers.js";
import { HeldOutput } from "../../src/memory/held-output.js";
import { MemoryBudget } from "../../src/memory/memory-budget.js";

const MIB = 1024 * 1024;
const POISON_BYTE = 0xa5;

let buffers: LentBuffers;
beforeEach(() => {
  buffers = new LentBuffers(4 * MIB);
});

const output = (): HeldOutput =>
  new HeldOutput(new MemoryBudget(systemClock, 64 * MIB), () => undefined);

test("a buffer is lent again when its last holder gave it back, and is written over first", () => {
  const bytes = buffers.lend(MIB);
  bytes.fill(1);
  hold(bytes.buffer);
  giveBack(bytes.buffer);
  expect([buffers.lentCount, bytes[0]]).toEqual([1, 1]);
  giveBack(bytes.buffer);
  expect([buffers.lentCount, bytes[0]]).toEqual([0, POISON_BYTE]);
  expect(buffers.lend(MIB - 1).buffer).toBe(bytes.buffer);
  expect(buffers.freeBytes).toBe(0);
});

test("what was returned can be neither held nor returned again", () => {
  const { buffer } = buffers.lend(MIB);
  giveBack(buffer);
  expect(() => hold(buffer)).toThrow(/not looked at any more/);
  expect(() => giveBack(buffer)).toThrow(/no more holds/);
});

test("what was forfeited is never used again, and counts no more", () => {
  const { buffer } = buffers.lend(MIB);
  hold(buffer);
  forfeit(buffer);
  giveBack(buffer);
  expect(buffers.lentCount).toBe(0);
  expect(buffers.lend(MIB).buffer).not.toBe(buffer);
});

test("what was given away is left as it is", () => {
  const bytes = buffers.lend(MIB).fill(1);
  giveAway(bytes.buffer);
  giveBack(bytes.buffer);
  expect([buffers.lentCount, bytes[0]]).toEqual([0, 1]);
});

test("what its owner keeps stays as it is without holders, until it is dropped", () => {
  const bytes = buffers.lend(MIB).fill(1);
  buffers.keep(bytes.buffer);
  giveBack(bytes.buffer);
  expect([buffers.lentCount, bytes[0], buffers.freeBytes]).toEqual([0, 1, 0]);
  buffers.drop(bytes.buffer);
  expect([bytes[0], buffers.freeBytes]).toEqual([POISON_BYTE, bytes.buffer.byteLength]);
});

test("no more is kept for the next borrowers than was said", () => {
  const lent = Array.from({ length: 8 }, () => buffers.lend(MIB));
  for (const { buffer } of lent) giveBack(buffer);
  expect(buffers.freeBytes).toBeLessThanOrEqual(4 * MIB);
});

test("an output holds what it wrote until that has left", () => {
  const bytes = buffers.lend(MIB).fill(1);
  const held = output();
  held.wrote(bytes.subarray(0, 10));
  giveBack(bytes.buffer);
  expect(bytes[0]).toBe(1);
  held.left(true);
  expect([buffers.lentCount, bytes[0]]).toEqual([0, POISON_BYTE]);
});

test("a broken output may still be written from: its buffers are not used again", () => {
  const bytes = buffers.lend(MIB).fill(1);
  const held = output();
  held.wrote(bytes);
  giveBack(bytes.buffer);
  held.clear();
  expect([buffers.lentCount, bytes[0]]).toEqual([0, 1]);
  expect(buffers.lend(MIB).buffer).not.toBe(bytes.buffer);
});
