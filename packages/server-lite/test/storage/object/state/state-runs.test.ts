import { type Random, randomInteger, seededRandom } from "@s2kit/core";
import { describe, expect, it } from "vitest";
import {
  MemoryStateMedium,
  openMemoryStateStore,
} from "../../../../src/storage/disk/state/memory-state-store.js";
import { KEY_CHECKPOINT, SPACE_META } from "../../../../src/storage/log/state-keys.js";
import { StateTables } from "../../../../src/storage/log/state-tables.js";
import { keyFromString } from "../../../../src/storage/meta-key.js";
import { FIRST_CHECKPOINT } from "../../../../src/storage/object/claim/claim.js";
import type { RunName } from "../../../../src/storage/object/format/manifest-entry.js";
import { keyOf, type NumberedName } from "../../../../src/storage/object/format/names.js";
import { StateRuns } from "../../../../src/storage/object/state/state-runs.js";
import { CalmShard } from "../claim/calm-shard.js";

const WRITER = { incarnation: "a".repeat(32), nonce: "b".repeat(32) };
const runName = ({ epoch, number }: RunName): NumberedName => ({
  kind: "run",
  shard: 0,
  epoch,
  number,
});

/** A state that changes, and is written to a bucket now and then. */
class ChangingState {
  readonly medium = new MemoryStateMedium();
  readonly tables = new StateTables(openMemoryStateStore(this.medium));
  readonly state: StateRuns;
  runs: readonly RunName[] = [];
  dropped: NumberedName[] = [];
  private readonly world: CalmShard;
  private checkpoints = 0;

  constructor(world: CalmShard, epoch: number, maxRunBytes = 1 << 20) {
    this.world = world;
    const { shard } = world.node("a");
    this.state = new StateRuns({ bucket: shard, store: this.tables.store, maxRunBytes });
    this.state.own(epoch, WRITER);
  }

  change(random: Random, count: number, keys: number): void {
    for (let each = 0; each < count; each++) {
      const key = `${SPACE_META}${randomInteger(random, 1, keys).toString(36)}`;
      const isGone = random.next() < 0.3;
      this.tables.set(key, isGone ? undefined : random.bytes(randomInteger(random, 0, 40)));
    }
  }

  async checkpoint(): Promise<void> {
    this.tables.freeze();
    const value = Buffer.from(String(++this.checkpoints));
    const entry = { key: keyFromString(KEY_CHECKPOINT), value };
    const written = await this.world.during(this.state.write(this.tables, entry));
    this.runs = written.runs;
    this.dropped.push(...written.dropped);
  }
}

/** What somebody reads who opens the state from these runs. */
async function load(world: CalmShard, runs: readonly RunName[]): Promise<MemoryStateMedium> {
  const medium = new MemoryStateMedium();
  const { shard } = world.node("b");
  const state = new StateRuns({ bucket: shard, store: openMemoryStateStore(medium) });
  await world.during(state.load({ ...FIRST_CHECKPOINT, runs }));
  return medium;
}

const content = (medium: MemoryStateMedium): string[] =>
  [...medium.entries.from("")].map(
    ([key, value]) =>
      `${Buffer.from(key, "latin1").toString("hex")}=${Buffer.from(value).toString("hex")}`,
  );

describe("the state of a shard in the bucket", () => {
  it("is what it was at the last checkpoint, whatever was put and removed", async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = seededRandom(seed);
      const world = new CalmShard();
      const changing = new ChangingState(world, 1, 512);
      for (let round = 0; round < 12; round++) {
        changing.change(random, randomInteger(random, 0, 60), 120);
        await changing.checkpoint();
        expect(content(await load(world, changing.runs)), `seed ${seed}`).toEqual(
          content(changing.medium),
        );
      }
    }
  });

  it("has runs that together are not much larger than the state", async () => {
    const random = seededRandom(3);
    const world = new CalmShard();
    const changing = new ChangingState(world, 1);
    let most = 0;
    for (let round = 0; round < 60; round++) {
      changing.change(random, 40, 200);
      await changing.checkpoint();
      most = Math.max(most, changing.runs.length);
    }
    const bytes = changing.runs.reduce(
      (sum, run) => sum + (world.bucket.objects.get(keyOf(runName(run)))?.bytes.length ?? 0),
      0,
    );
    const stateBytes = content(changing.medium).join("").length / 2;
    expect(bytes).toBeLessThan(3 * stateBytes);
    expect(most).toBeGreaterThan(1);
  });

  it("says which runs it no longer needs, each once, and never one that it names", async () => {
    const random = seededRandom(4);
    const changing = new ChangingState(new CalmShard(), 1, 256);
    for (let round = 0; round < 20; round++) {
      changing.change(random, 30, 50);
      await changing.checkpoint();
      const named = new Set(changing.runs.map((run) => keyOf(runName(run))));
      expect(changing.dropped.some((name) => named.has(keyOf(name)))).toBe(false);
    }
    expect(changing.dropped.length).toBeGreaterThan(5);
    expect(new Set(changing.dropped.map(keyOf)).size).toBe(changing.dropped.length);
  });

  it("goes on with a later owner, in runs of its own epoch", async () => {
    const random = seededRandom(5);
    const world = new CalmShard();
    const first = new ChangingState(world, 1);
    first.change(random, 200, 300);
    await first.checkpoint();
    const second = new ChangingState(world, 2);
    await world.during(second.state.load({ ...FIRST_CHECKPOINT, runs: first.runs }));
    second.change(random, 10, 300);
    await second.checkpoint();
    expect(second.runs.map(({ epoch }) => epoch)).toEqual([1, 2]);
    expect(content(await load(world, second.runs))).toEqual(content(second.medium));
  });

  it("that lacks a run is not opened, nor one with a bit turned", async () => {
    const world = new CalmShard();
    const changing = new ChangingState(world, 1);
    changing.change(seededRandom(6), 100, 300);
    await changing.checkpoint();
    const key = keyOf(runName(changing.runs[0] as RunName));
    const object = world.bucket.objects.get(key);
    if (object !== undefined) object.bytes[150] = (object.bytes[150] as number) ^ 1;
    await expect(load(world, changing.runs)).rejects.toThrow(
      `damaged: restore it from a copy key=${key}`,
    );
    world.bucket.lose(key);
    await expect(load(world, changing.runs)).rejects.toThrow(`missing in the bucket key=${key}`);
  });
});
