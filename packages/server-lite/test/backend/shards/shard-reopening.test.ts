// A shard that failed alone comes back while the others are served: with what was durable, with what it missed of
// the account, and with nothing of what it held.

import { seededRandom } from "@s2kit/core";
import { createSimulatedClock, type SimulatedClock } from "@s2kit/core/testing";
import { afterEach, describe, expect, it } from "vitest";
import { Backend } from "../../../src/backend/backend.js";
import { shardOf } from "../../../src/backend/catalog/placement.js";
import {
  createMemoryMedium,
  createMemoryStorage,
  type MemoryMedium,
  type MemoryStorage,
} from "../../../src/storage/memory/memory.js";
import type { Storage } from "../../../src/storage/storage.js";
import { row, START_MS } from "../../support/backend-node.js";

const SHARDS = 3;
const BASIN = "basin-one";
const LOST = 1;

interface Node {
  readonly backend: Backend;
  readonly storages: readonly MemoryStorage[];
  readonly clock: SimulatedClock;
  readonly errors: string[];
  readonly events: string[];
  readonly tries: number[];
}

const nodes: Node[] = [];
afterEach(async () => {
  for (const { backend } of nodes.splice(0)) await backend.close();
});

/** @param prepare - runs before a shard is opened again; may throw */
function nodeOf(prepare: (medium: MemoryMedium) => void = () => undefined): Node {
  const media = Array.from({ length: SHARDS }, () => createMemoryMedium());
  const storages = media.map((medium) => createMemoryStorage({ medium }));
  const clock = createSimulatedClock(START_MS);
  const [errors, events]: [string[], string[]] = [[], []];
  const tries: number[] = [];
  const backend = new Backend(
    { appendInflightBytes: 1 << 20 },
    {
      storage: storages,
      clock,
      random: seededRandom(1),
      reopen: async (shard): Promise<Storage> => {
        tries.push(clock.monotonic());
        const medium = media[shard] as MemoryMedium;
        prepare(medium);
        return createMemoryStorage({ medium });
      },
      onBackgroundError: (error) => errors.push(String(error)),
    },
  );
  backend.shards.onFailed({
    onUnusable: (reason) => events.push(`unusable ${reason.message}`),
    onReduced: (shard) => events.push(`reduced ${shard}`),
    onRestored: (shard) => events.push(`restored ${shard}`),
  });
  const node = { backend, storages, clock, errors, events, tries };
  nodes.push(node);
  return node;
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 8; turn++) await new Promise((resolve) => setImmediate(resolve));
}

async function pass({ clock }: Node, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 500) {
    await clock.advanceAsync(Math.min(500, left));
    await settle();
  }
}

function nameIn(shard: number): string {
  for (let at = 0; ; at++)
    if (shardOf({ basin: BASIN, stream: `s-${at}` }, SHARDS) === shard) return `s-${at}`;
}

const ADDRESS = { basin: BASIN, stream: nameIn(LOST) };

async function withStream(node: Node): Promise<void> {
  node.backend.basins.create({ basin: BASIN });
  await settle();
  node.backend.streamsAt(ADDRESS).create(ADDRESS);
  await settle();
}

const failShard = ({ storages }: Node): void => storages[LOST]?.fail(new Error("gone"));

describe("a shard that failed alone", () => {
  it("is opened again, has its streams, and hears what it missed", async () => {
    const node = nodeOf();
    const { backend } = node;
    await withStream(node);
    failShard(node);
    expect(() => backend.streamsAt(ADDRESS)).toThrow("cannot be used now");
    const changed = backend.ask();
    changed.noteChange();
    backend.basins.create({ basin: "basin-two" });
    const done = changed.barrier();
    await pass(node, 1500);
    expect(node.events).toEqual(["reduced 1", "restored 1"]);
    expect(backend.streamsAt(ADDRESS).get(ADDRESS).createdMs).toBe(START_MS);
    expect(backend.shards.all[LOST]?.catalog.basin("basin-two")).toBeDefined();
    await done;
    expect(node.errors).toEqual([]);
  });

  it("is tried again ever more slowly, and may fail once more later", async () => {
    let refusals = 3;
    const node = nodeOf(() => {
      if (refusals-- > 0) throw new Error("not now");
    });
    await withStream(node);
    failShard(node);
    await pass(node, 20_000);
    expect(node.errors).toEqual(["Error: not now", "Error: not now", "Error: not now"]);
    const waits = node.tries.slice(1).map((at, index) => at - (node.tries[index] ?? 0));
    expect(waits).toEqual([2000, 4000, 8000]);
    const again = node.backend.shards.all[LOST]?.storage as MemoryStorage;
    again.fail(new Error("gone again"));
    await pass(node, 1500);
    expect(node.events).toEqual(["reduced 1", "restored 1", "reduced 1", "restored 1"]);
    expect(node.backend.streamsAt(ADDRESS).get(ADDRESS).createdMs).toBe(START_MS);
  });

  it("takes nothing along of what readers got: a counter never falls", async () => {
    const node = nodeOf();
    const { gauges, shards } = node.backend;
    await withStream(node);
    for (const { usage } of shards.all) usage.reader(BASIN).delivered(100, 3);
    failShard(node);
    await pass(node, 1500);
    expect(node.events).toEqual(["reduced 1", "restored 1"]);
    shards.all[LOST]?.usage.reader(BASIN).delivered(10, 1);
    expect([gauges.readRecords, gauges.readBytes]).toEqual([10, 310]);
  });

  it("is not taken back when what it has is not of this store", async () => {
    const node = nodeOf((medium) => createMemoryStorage({ medium }).commit([row("n/account", 99)]));
    await withStream(node);
    failShard(node);
    await pass(node, 1500);
    expect(node.events).toEqual(["reduced 1"]);
    expect(node.errors[0]).toContain("do not fit together");
    expect(() => node.backend.streamsAt(ADDRESS)).toThrow("cannot be used now");
  });

  it("is not opened by a node that closes", async () => {
    const node = nodeOf();
    await withStream(node);
    failShard(node);
    await node.backend.close();
    await pass(node, 5000);
    expect(node.tries).toEqual([]);
    expect(node.events).toEqual(["reduced 1"]);
  });

  it("frees the names of basins that were deleted while it was gone", async () => {
    const node = nodeOf();
    const { backend } = node;
    await withStream(node);
    failShard(node);
    backend.basins.delete(BASIN);
    await pass(node, 800);
    expect(() => backend.basins.create({ basin: BASIN })).toThrow("is being deleted");
    await pass(node, 3000);
    expect(backend.basins.create({ basin: BASIN }).result).toBe("created");
    await settle();
    expect(() => backend.streamsAt(ADDRESS).get(ADDRESS)).toThrow("not found");
  });
});
