// The model check of messages: eight writers interleave record by record, with retries, crashes, commands and
// foreign records between, while readers come and go. Every whole message arrives once, unmixed, in the order
// of its writer; everything else is told.

import { randomInteger, seededRandom } from "@s2kit/core/testing";
import { describe, expect, it } from "vitest";
import {
  type DroppedRecords,
  type MessageCheckpoint,
  type MessageReaderOptions,
  readMessages,
} from "../src/patterns/index.js";
import { bodyOf, MessageWorld, reusingCodec } from "./message-world.js";

const CHUNK_BYTES = 16;
const CODEC = reusingCodec(4 * 1024 * 1024);

/** Reads from a checkpoint on, at most so many messages; stores what a restart needs as JSON. */
async function readSome(
  world: MessageWorld,
  seen: string[],
  stored: string | undefined,
  limit: number,
  options: MessageReaderOptions = {},
): Promise<{ readonly stored: string | undefined; readonly records: number }> {
  const checkpoint = stored === undefined ? undefined : (JSON.parse(stored) as MessageCheckpoint);
  const session = world.session(checkpoint?.seqNum);
  let left = limit;
  let next = stored;
  let records = 0;
  for await (const received of readMessages(session, CODEC, { ...options, checkpoint })) {
    const { id, body } = received.message;
    expect(Buffer.compare(body, bodyOf(id, body.length))).toBe(0);
    seen.push(id);
    records += Math.ceil((id.length + 1 + body.length) / CHUNK_BYTES);
    next = JSON.stringify(received.checkpoint());
    if (--left === 0) break;
  }
  return { stored: next, records };
}

/** The messages of each writer, in order. */
function byWriter(ids: readonly string[]): Record<string, string[]> {
  const groups: Record<string, string[]> = {};
  for (const id of ids) {
    const writer = id.split("/")[0] ?? "";
    groups[writer] = [...(groups[writer] ?? []), id];
  }
  return groups;
}

describe("messages of eight writers", () => {
  it("arrive once, unmixed and in order, whoever crashes, repeats, intrudes or restarts", async () => {
    let repeats = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const random = seededRandom(seed);
      const world = new MessageWorld(random, {
        writers: 8,
        chunkSize: CHUNK_BYTES,
        messageBytes: [1, 120],
      });
      const seen: string[] = [];
      let stored: string | undefined;
      for (let step = 0; step < 400; step++) {
        const dice = random.next();
        if (dice < 0.15) await world.write();
        else if (dice < 0.85) world.take();
        else if (dice < 0.89) world.repeat();
        else if (dice < 0.93) world.intrude();
        else if (dice < 0.95) world.crash();
        else ({ stored } = await readSome(world, seen, stored, randomInteger(random, 1, 8)));
      }
      while (world.hasQueued) world.take();
      await readSome(world, seen, stored, Number.POSITIVE_INFINITY);
      expect(byWriter(seen), `seed ${seed}`).toEqual(byWriter(world.whole));

      const dropped: DroppedRecords[] = [];
      const again: string[] = [];
      const { records } = await readSome(world, again, undefined, Number.POSITIVE_INFINITY, {
        onDropped: (each) => dropped.push(each),
      });
      expect(byWriter(again), `seed ${seed}`).toEqual(byWriter(world.whole));
      const count = (reason: string): number =>
        dropped
          .filter((each) => each.reason === reason)
          .reduce((sum, each) => sum + each.records, 0);
      expect(count("duplicate"), `seed ${seed}`).toBe(world.repeatCount);
      expect(count("foreign"), `seed ${seed}`).toBe(world.foreignCount);
      // Every record is part of a message, a command, or told.
      const told = dropped.reduce((sum, each) => sum + each.records, 0);
      expect(records + told + world.commandCount, `seed ${seed}`).toBe(world.log.length);
      expect(count("mismatch") + count("unmarked") + count("headless")).toBe(0);
      repeats += world.repeatCount;
    }
    expect(repeats).toBeGreaterThan(100);
  });

  it("of 2 to 3 MB arrive whole", async () => {
    const world = new MessageWorld(seededRandom(1), {
      writers: 8,
      messageBytes: [2_000_000, 3_000_000],
    });
    for (let round = 0; round < 2; round++) {
      for (let writer = 0; writer < 8; writer++) await world.write(writer);
      while (world.hasQueued) {
        world.take();
        if (world.log.length % 5 === 0) world.intrude();
      }
    }
    const seen: string[] = [];
    await readSome(world, seen, undefined, Number.POSITIVE_INFINITY);
    expect(seen).toEqual(world.whole);
    expect(seen).toHaveLength(16);
  });
});
