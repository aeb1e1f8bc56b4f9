// How followers are told of a live batch: behind its ack, each once, and a crowd in turns of the loop.

import { S2Error } from "@s2kit/core";
import { expect, test } from "vitest";
import { Followers } from "../../src/backend/append/followers.js";
import type { StoredBatch } from "../../src/storage/storage.js";

const tail = { seqNum: 1, timestamp: 0 };
const stored: StoredBatch = {
  firstSeqNum: 0,
  count: 1,
  meteredBytes: 9,
  firstTimestamp: 0,
  lastTimestamp: 0,
  writtenMs: 0,
  bytes: new Uint8Array(20),
};
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("nobody is told in the turn of the batch itself, and each is told once of several", async () => {
  const followers = new Followers();
  let told = 0;
  const follower = followers.add(() => told++);
  followers.publish(stored, tail);
  followers.publish(stored, tail);
  expect(told).toBe(0);
  await turn();
  expect(told).toBe(1);
  expect([follower.take() !== undefined, follower.take() !== undefined]).toEqual([true, true]);
});

test("a crowd is told in turns, so that it does not hold up the loop", async () => {
  const followers = new Followers();
  let told = 0;
  for (let at = 0; at < 1000; at++) followers.add(() => told++);
  followers.publish(stored, tail);
  await Promise.resolve();
  expect(told).toBeGreaterThan(0);
  let turns = 0;
  for (let before = 0; told < 1000; turns++) {
    expect(told - before).toBeLessThanOrEqual(128);
    before = told;
    await turn();
  }
  expect(turns).toBeGreaterThan(5);
  expect(told).toBe(1000);
});

test("one that closes before its turn is not told", async () => {
  const followers = new Followers();
  let told = 0;
  const follower = followers.add(() => told++);
  followers.publish(stored, tail);
  follower.close();
  await turn();
  expect(told).toBe(0);
});

test("one whose stream ended takes what waited for it, and is offered nothing more", async () => {
  const followers = new Followers();
  let told = 0;
  const follower = followers.add(() => told++);
  followers.publish(stored, tail);
  const error = new S2Error({ code: "stream_not_found", message: "deleted" });
  followers.fail(error);
  followers.publish(stored, tail);
  await turn();
  expect([told, follower.state, followers.size]).toEqual([1, { kind: "ended", error }, 0]);
  expect([follower.take() !== undefined, follower.take()]).toEqual([true, undefined]);
  follower.close();
  follower.close();
  expect(follower.state).toEqual({ kind: "closed" });
});
