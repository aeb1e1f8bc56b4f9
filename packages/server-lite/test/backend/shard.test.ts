// A shard fails as a whole and alone: it says so once, with the reason, and another one in the same process
// goes on.

import { seededRandom } from "@s2kit/core";
import { createSimulatedClock, type SimulatedClock } from "@s2kit/core/testing";
import { afterEach, describe, expect, it } from "vitest";
import { Basins } from "../../src/backend/control/basins.js";
import { Shard } from "../../src/backend/shard.js";
import { createMemoryStorage, type MemoryStorage } from "../../src/storage/memory/memory.js";
import { sequencedBatch } from "../../src/testing/append-source.js";
import { START_MS } from "../support/backend-node.js";

const ADDRESS = { basin: "test-basin", stream: "s" };

interface Opened {
  readonly shard: Shard;
  readonly storage: MemoryStorage;
  readonly errors: unknown[];
}

const shards: Opened[] = [];

afterEach(async () => {
  for (const { shard, storage } of shards.splice(0)) {
    await shard.close();
    await storage.close();
  }
});

function opened(clock: SimulatedClock): Opened {
  const storage = createMemoryStorage();
  const errors: unknown[] = [];
  const shard = new Shard({
    storage,
    clock,
    random: seededRandom(1),
    onBackgroundError: (error) => errors.push(error),
  });
  new Basins({
    catalog: shard.catalog,
    now: () => clock.now(),
    locationOf: () => "local",
    onDeleted: () => shard.scheduleDeletion(),
  }).create({ basin: ADDRESS.basin });
  shard.streams.create(ADDRESS);
  shards.push({ shard, storage, errors });
  return { shard, storage, errors };
}

/** Appends one record; answers what became of it so far. */
function append({ shard }: Opened): string[] {
  const outcomes: string[] = [];
  shard.streamers.open(ADDRESS, "append").append(sequencedBatch(["x"], [START_MS]), {
    acked: () => outcomes.push("acked"),
    failed: ({ code }) => outcomes.push(code),
  });
  return outcomes;
}

describe("a shard", () => {
  it("is open, then closed with its store", async () => {
    const { shard, storage } = opened(createSimulatedClock(START_MS));
    expect(shard.state).toEqual({ kind: "open" });
    await shard.close();
    expect(shard.state).toEqual({ kind: "open" });
    await storage.close();
    expect(shard.state).toEqual({ kind: "closed" });
  });

  it("tells once that it failed, and why", async () => {
    const only = opened(createSimulatedClock(START_MS));
    const { shard, storage } = only;
    const reasons: string[] = [];
    shard.onFailed(({ message }) => reasons.push(message));
    const before = append(only);
    await storage.whenDurable(shard.lastPosition);
    expect(before).toEqual(["acked"]);
    expect(reasons).toEqual([]);
    storage.fail(new Error("the disk broke"));
    storage.fail(new Error("and again"));
    expect(reasons).toHaveLength(1);
    const { state } = shard;
    expect(state).toMatchObject({ kind: "failed", reason: { message: reasons[0] } });
    expect(state.kind === "failed" && state.reason.cause).toMatchObject({
      message: "the disk broke",
    });
  });

  it("tells at once who comes when it has failed already", () => {
    const { shard, storage } = opened(createSimulatedClock(START_MS));
    storage.fail(new Error("the disk broke"));
    const reasons: string[] = [];
    shard.onFailed(({ message }) => reasons.push(message));
    expect(reasons).toHaveLength(1);
  });

  it("stays failed when its store is closed", async () => {
    const { shard, storage } = opened(createSimulatedClock(START_MS));
    storage.fail(new Error("the disk broke"));
    await shard.close();
    await storage.close();
    expect(shard.state.kind).toBe("failed");
  });

  it("fails what waits for it, while another one acknowledges", async () => {
    const clock = createSimulatedClock(START_MS);
    const [first, second] = [opened(clock), opened(clock)];
    first.storage.holdDurability();
    const waiting = append(first);
    first.storage.fail(new Error("the disk broke"));
    expect(waiting).toEqual(["storage"]);
    const others = append(second);
    await clock.advanceAsync(0);
    expect(others).toEqual(["acked"]);
    expect(second.shard.state.kind).toBe("open");
    // Nor does the background of one reach into the other.
    await clock.advanceAsync(70_000);
    expect(second.errors).toEqual([]);
    expect(second.shard.streamers.size).toBe(0);
  });
});
