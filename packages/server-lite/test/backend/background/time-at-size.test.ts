// What background work costs in a full store, counted in entries that are looked at: what is deleted or
// due, and nothing for what merely is there. The stalls themselves are measured by `bench:background`.

import { describe, expect, it } from "vitest";
import { DELETION_DELAY_MS } from "../../../src/backend/background/deletion.js";
import { type BackendNode, fill, openNode, settled } from "../../support/backend-node.js";

const MANY = 4000;
/** About ten milliseconds of the slowest kind of entry. */
const MOST_IN_TURN = 1500;

async function full(streams: number): Promise<BackendNode> {
  const node = openNode();
  for (const basin of ["aaa-basin", "mmm-basin", "zzz-basin"])
    node.backend.basins.create({ basin });
  for (let at = 0; at < streams; at++)
    node.backend.shard.streams.create({
      basin: at % 2 === 0 ? "aaa-basin" : "zzz-basin",
      stream: `s${String(at).padStart(6, "0")}`,
    });
  await settled(node);
  return node;
}

/** What a day's worth of nothing, then one job, asks of the store. */
async function costOf(node: BackendNode, job: () => void, ms: number): Promise<number> {
  node.work.reset();
  job();
  for (let step = 0; step < 8; step++) {
    await node.clock.advanceAsync(ms / 8);
    await settled(node);
  }
  return node.work.entries;
}

describe("background work in a full store", () => {
  it("deletes a stream, and a basin of a few streams, for the same as in an empty one", async () => {
    const deleting = async (streams: number): Promise<number[]> => {
      const node = await full(streams);
      const { backend } = node;
      for (const stream of ["a", "b", "c"]) {
        backend.shard.streams.create({ basin: "mmm-basin", stream });
        fill(node, "mmm-basin", stream);
      }
      await settled(node);
      const one = await costOf(
        node,
        () => backend.shard.streams.delete({ basin: "mmm-basin", stream: "b" }),
        4 * DELETION_DELAY_MS,
      );
      expect(backend.shard.catalog.stream("mmm-basin", "b")).toBeUndefined();
      const basin = await costOf(node, () => backend.basins.delete("mmm-basin"), 2000);
      expect(backend.shard.catalog.basin("mmm-basin")).toBeUndefined();
      expect(node.errors).toEqual([]);
      return [one, basin];
    };
    const [empty, filled] = [await deleting(0), await deleting(MANY)];
    expect(filled).toEqual(empty);
  });

  it("costs nothing per stream in minutes in which nothing is due", async () => {
    const minutes = async (streams: number): Promise<number> => {
      const node = await full(streams);
      await node.clock.advanceAsync(120_000);
      await settled(node);
      const cost = await costOf(node, () => {}, 240_000);
      expect(node.errors).toEqual([]);
      return cost;
    };
    expect(await minutes(MANY)).toBe(await minutes(100));
  });

  it("looks at no more in one turn of the loop than a few milliseconds hold", async () => {
    const node = await full(MANY);
    const { backend, clock, work } = node;
    for (let at = 0; at < MANY; at += 2) fill(node, "aaa-basin", `s${String(at).padStart(6, "0")}`);
    await settled(node);
    // All at once: half of the streams are due for retention, then their basin is deleted.
    clock.jump(8 * 86_400_000);
    work.reset();
    await costOf(node, () => {}, 120_000);
    const trimmed = backend.shard.catalog.stream("aaa-basin", "s000000")?.streamId ?? 0;
    expect(backend.shard.storage.streamState(trimmed)?.trimPoint).toBe(1);
    expect(work.mostInTurn).toBeLessThan(MOST_IN_TURN);
    work.reset();
    await costOf(node, () => backend.basins.delete("aaa-basin"), 2000);
    expect(backend.shard.catalog.basin("aaa-basin")).toBeUndefined();
    expect(work.entries).toBeGreaterThan(MANY);
    expect(work.mostInTurn).toBeLessThan(MOST_IN_TURN);
    expect(node.errors).toEqual([]);
  });
});
