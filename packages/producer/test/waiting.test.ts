// What a reader of messages that waits keeps in memory: not the batch that it has read. The platform
// keeps each variable of a function that waits.

import type { ReadSession } from "@s2kit/client";
import { AliveBuffers } from "@s2kit/client/testing";
import { seededRandom } from "@s2kit/core";
import { expect, it } from "vitest";
import { type MessageCodec, MessageWriter, readMessages } from "../src/patterns/index.js";
import { FakeSession } from "./fake-session.js";

const BODY_BYTES = 9000;
/** A message is as long as it says. */
const codec: MessageCodec<number> = {
  encode: (length) => new Uint8Array(length),
  decode: (bytes) => bytes.length,
};

it("messages that were taken leave memory while the next batch is waited for", async () => {
  const writing = new FakeSession();
  void new MessageWriter(writing, codec, {}, { random: seededRandom(1) }).write(BODY_BYTES);
  await expect.poll(() => writing.taken.length).toBe(1);
  const headers = writing.taken[0]?.input.records[0]?.headers ?? [];
  const alive = new AliveBuffers();
  let asked = 0;
  const next = async () => {
    if (asked++ > 0) return new Promise<never>(() => undefined);
    const record = { seqNum: 0, timestamp: 1, headers, body: alive.make(BODY_BYTES) };
    return { done: false, value: { records: [record] } };
  };
  const batches = () => ({ next, [Symbol.asyncIterator]: batches });
  const session = { batches, cancel: async () => undefined };
  const messages = readMessages(session as unknown as ReadSession<"bytes">, codec);
  expect(await lengthOf(messages)).toBe(BODY_BYTES);
  // Now the reader waits: for the batch that never comes.
  void messages.next();
  expect(await alive.count()).toBe(0);
});

async function lengthOf(messages: ReturnType<typeof readMessages<number>>) {
  return (await messages.next()).value?.message;
}
