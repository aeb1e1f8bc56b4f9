// Where a stream belongs is part of what is stored: these texts must give these numbers for ever.

import { expect, it } from "vitest";
import { shardOf, streamIdOf } from "../../../src/backend/catalog/placement.js";

it("places names as every version before it did", () => {
  const placed = (basin: string, stream: string, shards: number): number =>
    shardOf({ basin, stream }, shards);
  expect([
    placed("basin-one", "s", 8),
    placed("basin-one", "s-1", 8),
    placed("basin-one", "s-2", 8),
    placed("basin-two", "s", 8),
    placed("basin-one", "été/😀", 8),
    placed("basin-one", "s", 3),
    placed("basin-one", "s", 100),
  ]).toEqual([0, 7, 0, 7, 1, 1, 76]);
});

it("keeps the stream of a name apart from that of a name with another end of its basin", () => {
  expect(shardOf({ basin: "ab", stream: "c" }, 97)).not.toBe(
    shardOf({ basin: "a", stream: "bc" }, 97),
  );
});

it("places everything in the only shard there is", () => {
  expect(shardOf({ basin: "basin-one", stream: "s" }, 1)).toBe(0);
});

it("spreads names that differ in their last digits evenly", () => {
  for (const shards of [2, 3, 8, 12]) {
    const counts = new Array<number>(shards).fill(0);
    for (let at = 0; at < 12_000; at++) {
      const shard = shardOf({ basin: "basin-one", stream: `stream-${at}` }, shards);
      counts[shard] = (counts[shard] ?? 0) + 1;
    }
    const fair = 12_000 / shards;
    for (const count of counts) expect(Math.abs(count - fair) / fair).toBeLessThan(0.1);
  }
});

it("gives ids that no other shard gives, and in one shard those of ever", () => {
  expect(streamIdOf(7, { shard: 0, shards: 1 })).toBe(7);
  const ids = new Set<number>();
  for (let shard = 0; shard < 100; shard++)
    for (const local of [1, 2, 4095, 4096, 2 ** 40])
      ids.add(streamIdOf(local, { shard, shards: 100 }));
  expect(ids.size).toBe(500);
  for (const id of ids) expect(Number.isSafeInteger(id)).toBe(true);
});
