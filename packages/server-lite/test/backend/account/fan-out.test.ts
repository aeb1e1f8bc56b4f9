// When a change of the account is done, who gets to see it before, and what a process leaves to the next one:
// with stores whose durability a test holds in its hand.

import { decodeUtf8Lossy, encodeUtf8, seededRandom } from "@s2kit/core";
import { createSimulatedClock, type SimulatedClock } from "@s2kit/core/testing";
import { describe, expect, it } from "vitest";
import { ROOT_ACCESS } from "../../../src/backend/access/access.js";
import { Backend } from "../../../src/backend/backend.js";
import { shardOf } from "../../../src/backend/catalog/placement.js";
import {
  createMemoryMedium,
  createMemoryStorage,
  type MemoryMedium,
  type MemoryStorage,
} from "../../../src/storage/memory/memory.js";
import { row, START_MS } from "../../support/backend-node.js";

const SHARDS = 3;
const BASIN = "basin-one";

interface Several {
  readonly backend: Backend;
  readonly storages: readonly MemoryStorage[];
  readonly clock: SimulatedClock;
  readonly errors: unknown[];
}

const media = (): MemoryMedium[] => Array.from({ length: SHARDS }, () => createMemoryMedium());

function several(on: readonly MemoryMedium[] = media()): Several {
  const storages = on.map((medium) => createMemoryStorage({ medium }));
  const clock = createSimulatedClock(START_MS);
  const errors: unknown[] = [];
  const backend = new Backend(
    { appendInflightBytes: 1 << 20 },
    {
      storage: storages,
      clock,
      random: seededRandom(1),
      onBackgroundError: (error) => errors.push(error),
    },
  );
  return { backend, storages, clock, errors };
}

/** Does something to the account; says whether its answer has left. */
function changed({ backend }: Several, act: (backend: Backend) => void): () => string {
  const asked = backend.ask();
  asked.noteChange();
  act(backend);
  let outcome = "waits";
  Promise.resolve(asked.barrier()).then(
    () => (outcome = "done"),
    ({ code }) => (outcome = code),
  );
  return () => outcome;
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

const hasBasin = ({ backend }: Several, shard: number): boolean =>
  backend.shards.all[shard]?.catalog.basin(BASIN) !== undefined;

const journal = (storage: MemoryStorage | undefined): number =>
  storage?.scanMeta({ prefix: encodeUtf8("a/"), limit: 100 }).length ?? -1;

/** A name that belongs to a shard. */
function nameIn(shard: number): string {
  for (let at = 0; ; at++)
    if (shardOf({ basin: BASIN, stream: `s-${at}` }, SHARDS) === shard) return `s-${at}`;
}

describe("a change of the account", () => {
  it("is done when it is durable in every shard, and not before", async () => {
    const node = several();
    const { storages } = node;
    for (const storage of storages) storage.holdDurability();
    const outcome = changed(node, ({ basins }) => basins.create({ basin: BASIN }));
    await settle();
    // A version that a crash would give to another change must not be anywhere.
    expect([hasBasin(node, 1), hasBasin(node, 2)]).toEqual([false, false]);
    storages[0]?.releaseDurability();
    await settle();
    expect([hasBasin(node, 1), hasBasin(node, 2)]).toEqual([true, true]);
    storages[1]?.releaseDurability();
    await settle();
    expect(outcome()).toBe("waits");
    expect(journal(storages[0])).toBe(1);
    storages[2]?.releaseDurability();
    await settle();
    expect(outcome()).toBe("done");
    expect(journal(storages[0])).toBe(0);
  });

  it("reaches no shard before it is durable in the first, whatever else is durable there", async () => {
    const node = several();
    const { backend, storages } = node;
    storages[0]?.holdDurability();
    backend.basins.create({ basin: "basin-two" });
    const before = backend.shard.lastPosition;
    backend.basins.create({ basin: BASIN });
    storages[0]?.releaseDurability(before);
    expect(backend.shards.all[1]?.catalog.basin("basin-two")).toBeDefined();
    expect(hasBasin(node, 1)).toBe(false);
    storages[0]?.releaseDurability();
    expect(hasBasin(node, 1)).toBe(true);
  });

  it("comes to a shard once, also while another one has not got it", async () => {
    const node = several();
    const { backend, storages } = node;
    storages[2]?.holdDurability();
    const changes: string[] = [];
    const one = storages[1] as MemoryStorage;
    const commit = one.commit.bind(one);
    one.commit = (mutations) => {
      for (const each of mutations)
        if (each.kind === "put") changes.push(decodeUtf8Lossy(each.key));
      return commit(mutations);
    };
    for (const basin of ["basin-two", "basin-three"]) {
      backend.basins.create({ basin });
      await settle();
    }
    expect(changes.filter((key) => key.startsWith("b/"))).toEqual(["b/basin-two", "b/basin-three"]);
  });

  it("is refused in time when a shard does not take it, stands, and gets there", async () => {
    const node = several();
    const { storages, clock } = node;
    storages[2]?.holdDurability();
    const outcome = changed(node, ({ basins }) => basins.create({ basin: BASIN }));
    await settle();
    await clock.advanceAsync(7900);
    expect(outcome()).toBe("waits");
    await clock.advanceAsync(200);
    expect(outcome()).toBe("unavailable");
    storages[2]?.releaseDurability();
    await settle();
    const again = changed(node, ({ basins }) => basins.ensure({ basin: BASIN }));
    await settle();
    expect(again()).toBe("done");
    expect(journal(storages[0])).toBe(0);
  });

  it("is refused also when it finds nothing to do, while an earlier one is not done", async () => {
    const node = several();
    node.storages[1]?.holdDurability();
    changed(node, ({ basins }) => basins.create({ basin: BASIN }));
    const noop = changed(node, ({ basins }) => basins.ensure({ basin: BASIN }));
    await settle();
    expect(noop()).toBe("waits");
    node.storages[1]?.releaseDurability();
    await settle();
    expect(noop()).toBe("done");
  });

  it("comes again after a shard was too busy for it", async () => {
    const node = several();
    const busy = node.storages[1] as MemoryStorage;
    const commit = busy.commit.bind(busy);
    let refusals = 2;
    busy.commit = (mutations) => {
      const isChange = mutations.some(
        (each) => each.kind === "put" && decodeUtf8Lossy(each.key) === "n/account",
      );
      if (isChange && refusals-- > 0) throw new Error("too busy");
      return commit(mutations);
    };
    const outcome = changed(node, ({ basins }) => basins.create({ basin: BASIN }));
    await settle();
    expect(hasBasin(node, 1)).toBe(false);
    for (let tries = 0; tries < 2; tries++) await node.clock.advanceAsync(250);
    await settle();
    expect(outcome()).toBe("done");
    expect(hasBasin(node, 1)).toBe(true);
    expect(node.errors).toHaveLength(2);
  });

  it("that a process left half way is made everywhere before the next one serves", async () => {
    const on = media();
    const first = several(on);
    const outcome = changed(first, ({ basins }) => basins.create({ basin: BASIN }));
    // Durable in the first shard; the others end before they could take it.
    for (const shard of [1, 2]) first.storages[shard]?.fail(new Error("killed"));
    await settle();
    expect(outcome()).toBe("waits");
    first.storages[0]?.fail(new Error("killed"));
    const next = several(on);
    expect([hasBasin(next, 1), hasBasin(next, 2)]).toEqual([true, true]);
    await settle();
    expect(journal(next.storages[0])).toBe(0);
  });

  it("is refused when too many wait for a shard", async () => {
    const node = several();
    node.storages[1]?.fail(new Error("gone"));
    const create = (at: number): void =>
      void node.backend.basins.create({ basin: `basin-${String(at).padStart(4, "0")}` });
    for (let at = 0; at < 1000; at++) create(at);
    expect(() => create(1000)).toThrow("takes no changes now");
    expect(journal(node.storages[0])).toBe(100);
  });

  it("reaches tokens and locations too", async () => {
    const node = several();
    const rows = (shard: number): number =>
      ["t/", "h/", "n/default-location"].reduce(
        (sum, prefix) =>
          sum +
          (node.storages[shard]?.scanMeta({ prefix: encodeUtf8(prefix), limit: 9 }).length ?? 0),
        0,
      );
    const { accessTokens, locations } = node.backend;
    accessTokens.issue(ROOT_ACCESS, { id: "t", scope: { ops: ["read"] } });
    locations.setDefault("aws:us-east-1");
    await settle();
    expect([rows(0), rows(1), rows(2)]).toEqual([3, 3, 3]);
    accessTokens.revoke("t");
    await settle();
    expect([rows(0), rows(1), rows(2)]).toEqual([1, 1, 1]);
  });
});

describe("shards that do not fit together", () => {
  it("are refused when one knows of changes that the first never made", () => {
    const on = media();
    several(on).storages[1]?.commit([row("n/account", 7)]);
    expect(() => several(on)).toThrow("do not fit together");
  });

  it("are refused when one missed a change that is kept nowhere", () => {
    const on = media();
    several(on).storages[0]?.commit([row("n/account", 7)]);
    expect(() => several(on)).toThrow("do not fit together");
  });
});

describe("a deleted basin", () => {
  it("keeps its name until the last shard has purged its part for good", async () => {
    const node = several();
    const { backend, storages, clock } = node;
    changed(node, ({ basins }) => basins.create({ basin: BASIN }));
    await settle();
    for (let shard = 0; shard < SHARDS; shard++) {
      const address = { basin: BASIN, stream: nameIn(shard) };
      backend.streamsAt(address).create(address);
    }
    await settle();
    changed(node, ({ basins }) => basins.delete(BASIN));
    await settle();
    storages[2]?.holdDurability();
    for (let second = 0; second < 5; second++) {
      await clock.advanceAsync(1000);
      await settle();
    }
    expect(backend.shards.all[0]?.catalog.streams(BASIN, PAGE).items).toEqual([]);
    expect(() => backend.basins.create({ basin: BASIN })).toThrow("is being deleted");
    storages[2]?.releaseDurability();
    for (let second = 0; second < 5; second++) {
      await clock.advanceAsync(1000);
      await settle();
    }
    expect(backend.basins.create({ basin: BASIN }).result).toBe("created");
    await settle();
    for (const { catalog } of backend.shards.all) {
      expect(catalog.streams(BASIN, PAGE).items).toEqual([]);
      expect(catalog.basin(BASIN)?.deletedMs).toBe(undefined);
    }
  });
});

describe("a shard without streams of a deleted basin", () => {
  it("says so when it is durable that it knows of the deletion, and not before", async () => {
    const node = several();
    const { backend, storages, clock } = node;
    changed(node, ({ basins }) => basins.create({ basin: BASIN }));
    await settle();
    storages[2]?.holdDurability();
    changed(node, ({ basins }) => basins.delete(BASIN));
    for (let second = 0; second < 5; second++) {
      await settle();
      await clock.advanceAsync(1000);
    }
    expect(backend.shard.catalog.basin(BASIN)?.deletedMs).toBeDefined();
    storages[2]?.releaseDurability();
    for (let second = 0; second < 5; second++) {
      await settle();
      await clock.advanceAsync(1000);
    }
    expect(backend.shard.catalog.basin(BASIN)).toBe(undefined);
  });
});

const PAGE = { prefix: "", startAfter: "", limit: 10 };
