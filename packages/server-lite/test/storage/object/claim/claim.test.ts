import { describe, expect, it } from "vitest";
import { garbageOf } from "../../../../src/storage/object/claim/collection.js";
import { decide } from "../../../../src/storage/object/claim/decision.js";
import { OwnedManifest } from "../../../../src/storage/object/claim/owned-manifest.js";
import { CalmShard, entryKey, type Served, slotKey } from "./calm-shard.js";

async function appendAll(world: CalmShard, served: Served, records: readonly string[]) {
  for (const record of records) {
    served.append(record);
    await world.during(served.pipeline.drained());
  }
}

describe("a claim", () => {
  it("finds all that was acknowledged, and nothing else", async () => {
    const world = new CalmShard();
    const first = await world.open(world.node("a"));
    await appendAll(world, first, ["one", "two", "three"]);
    const second = await world.open(world.node("b"));
    expect(second.state.records).toEqual(["one", "two", "three"]);
    expect(second.opened.epoch).toBe(2);
    await appendAll(world, second, ["four"]);
    const third = await world.open(world.node("c"));
    expect(third.state.records).toEqual(["one", "two", "three", "four"]);
    expect(third.opened.log).toMatchObject({ sequence: 5, position: 5 });
  });

  it("ends the appends of the owner before", async () => {
    const world = new CalmShard();
    const first = await world.open(world.node("a"));
    await appendAll(world, first, ["one"]);
    await world.open(world.node("b"));
    first.append("late");
    await world.settle();
    expect(first.ends).toEqual([{ kind: "fenced", successor: 2 }]);
    expect(first.pipeline.durable).toBe(1);
    const third = await world.open(world.node("c"));
    expect(third.state.records).toEqual(["one"]);
  });

  it("ends the checkpoints of the owner before", async () => {
    const world = new CalmShard();
    const node = world.node("a");
    const first = await world.open(node);
    const manifest = new OwnedManifest(node.shard, first.opened);
    await world.open(world.node("b"));
    expect(await world.during(manifest.putCheckpoint(first.opened.checkpoint))).toBe(false);
    expect(manifest.state).toBe("fenced");
  });

  it("of an epoch that somebody has is none", async () => {
    const world = new CalmShard();
    await world.open(world.node("a"));
    const { outcome } = await world.claim(world.node("b"), { top: 0 });
    expect(outcome).toEqual({ kind: "taken" });
  });

  it("of two that race, exactly one has the epoch, also with the same incarnation", async () => {
    const world = new CalmShard({ lost: 0.3 });
    const outcomes = await Promise.all(
      ["a", "b", "c"].map((name) => world.claim(world.node(name), { top: 0 })),
    );
    const kinds = outcomes.map(({ outcome }) => outcome.kind).sort();
    expect(kinds).toEqual(["opened", "taken", "taken"]);
  });

  it("is dropped when a later one has opened meanwhile", async () => {
    const world = new CalmShard();
    const first = await world.open(world.node("a"));
    await appendAll(world, first, ["one"]);
    // It takes epoch 2, and stands still while another claims and opens.
    const slow = world.node("b");
    const claiming = world.claim(slow, { top: 1 });
    while (!world.bucket.objects.has(entryKey(2, 0))) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      world.clock.fireNext();
    }
    slow.pausedUntilMs = world.clock.monotonic() + 10_000;
    const third = await world.open(world.node("c"));
    expect(third.opened.epoch).toBe(3);
    expect((await claiming).outcome).toEqual({ kind: "dropped", why: "superseded" });
  });

  it("of a burnt epoch leaves the shard to the next one", async () => {
    const world = new CalmShard();
    await appendAll(world, await world.open(world.node("a")), ["one"]);
    const dying = world.node("b");
    void world.claim(dying, { top: 1 });
    while (!world.bucket.objects.has(entryKey(2, 0))) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      world.clock.fireNext();
    }
    dying.isDead = true;
    const { top, suspects } = await world.during(decide(world.node("c").shard));
    expect(top).toBe(2);
    expect(suspects.map(({ node }) => node)).toEqual(["b", "a"]);
    const third = await world.open(world.node("c"));
    expect(third.state.records).toEqual(["one"]);
  });

  it("that is given up because somebody lives is closed: nobody waits for the claimant", async () => {
    const world = new CalmShard();
    await appendAll(world, await world.open(world.node("a")), ["one"]);
    const { outcome } = await world.claim(world.node("b"), { areStillSilent: false });
    expect(outcome).toEqual({ kind: "dropped", why: "alive" });
    const decision = await world.during(decide(world.node("a").shard));
    expect(decision).toMatchObject({ top: 2, opened: 1, suspects: [{ node: "a" }] });
    // The owner itself may claim again, so that looks at the bucket prove something again.
    const again = await world.open(world.node("a"));
    expect(again.opened.epoch).toBe(3);
    expect(again.state.records).toEqual(["one"]);
  });

  it("knows a released shard, and to whom nobody has to listen", async () => {
    const world = new CalmShard();
    const node = world.node("a");
    const served = await world.open(node);
    await appendAll(world, served, ["one", "two"]);
    const manifest = new OwnedManifest(node.shard, served.opened);
    await world.during(manifest.release({ epoch: 1, slot: served.pipeline.durable }));
    expect(manifest.state).toBe("released");
    const decision = await world.during(decide(world.node("b").shard));
    expect(decision).toEqual({ top: 1, opened: 1, suspects: [], pending: [] });
    const next = await world.open(world.node("b"));
    expect(next.state.records).toEqual(["one", "two"]);
    const after = await world.during(decide(node.shard));
    expect(after).toMatchObject({ top: 2, opened: 2, suspects: [{ node: "b" }] });
  });
});

describe("a collection that comes late", () => {
  it("takes nothing that a later owner needs", async () => {
    const world = new CalmShard();
    const node = world.node("a");
    const first = await world.open(node);
    const manifest = new OwnedManifest(node.shard, first.opened);
    await appendAll(world, first, ["one", "two", "three"]);
    const { state, opened } = first;
    const segment = { epoch: 1, number: 1, from: 0, to: 2 };
    const run = { epoch: 1, number: 1 };
    await world.during(state.upload(state.nameOf(segment), opened.writer, ["one", "two"]));
    await world.during(state.upload(state.runName(1, 1), opened.writer, [segment]));
    const replay = { epoch: 1, slot: 2 };
    const place = { replay, sequence: 3, position: 3, known: { epoch: 1, slot: 3 } };
    expect(await world.during(manifest.putCheckpoint({ ...place, runs: [run] }))).toBe(true);
    // The owner stands still; others come, write, put a checkpoint of their own, and go.
    const otherNode = world.node("b");
    const second = await world.open(otherNode);
    await appendAll(world, second, ["four"]);
    const later = new OwnedManifest(otherNode.shard, second.opened);
    expect(await world.during(later.putCheckpoint(second.opened.checkpoint))).toBe(true);
    const garbage = garbageOf({
      shard: 0,
      epoch: 1,
      from: { epoch: 1, slot: 0 },
      replay,
      slots: new Map(),
      firstEntry: 1,
      lastEntry: manifest.lastNumber,
      dropped: [],
    });
    expect(garbage).toHaveLength(3);
    await world.during(node.shard.delete(garbage));
    const third = await world.open(world.node("c"));
    expect(third.state.records).toEqual(["one", "two", "three", "four"]);
  });
});

describe("what is missing in the bucket", () => {
  async function served(): Promise<CalmShard> {
    const world = new CalmShard();
    await appendAll(world, await world.open(world.node("a")), ["one", "two", "three", "four"]);
    return world;
  }

  it("in the middle of a log is damage: nothing is put there", async () => {
    const world = await served();
    world.bucket.lose(slotKey(1, 1));
    await expect(world.open(world.node("b"))).rejects.toThrow(`key=${slotKey(1, 1)}`);
    expect(world.bucket.objects.has(slotKey(1, 1))).toBe(false);
  });

  it("at the end of a log is damage when a release knew of it", async () => {
    const world = new CalmShard();
    const node = world.node("a");
    const first = await world.open(node);
    await appendAll(world, first, ["one", "two"]);
    await world.during(new OwnedManifest(node.shard, first.opened).release({ epoch: 1, slot: 2 }));
    world.bucket.lose(slotKey(1, 1));
    await expect(world.open(world.node("b"))).rejects.toThrow(`key=${slotKey(1, 1)}`);
  });

  it("at the end of an epoch that a successor closed is damage, be it the fence", async () => {
    const world = await served();
    await world.open(world.node("b"));
    world.bucket.lose(slotKey(1, 4));
    await expect(world.open(world.node("c"))).rejects.toThrow(`key=${slotKey(1, 4)}`);
  });

  it("as the claim of an epoch is damage", async () => {
    const world = await served();
    await world.open(world.node("b"));
    world.bucket.lose(entryKey(1, 0));
    await expect(world.during(decide(world.node("c").shard))).rejects.toThrow(
      `a claim is missing in the bucket`,
    );
  });

  it("is no damage where groups overtook each other and nothing behind was durable", async () => {
    const world = new CalmShard();
    const node = world.node("a");
    const first = await world.open(node);
    first.append("one");
    await world.during(first.pipeline.drained());
    // The second never arrives, the third does.
    node.cutUntilMs = Number.POSITIVE_INFINITY;
    first.append("two");
    node.cutUntilMs = 0;
    first.append("three");
    while (!world.bucket.objects.has(slotKey(1, 2))) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      world.clock.fireNext();
    }
    expect(first.pipeline.durable).toBe(1);
    const second = await world.open(world.node("b"));
    expect(second.state.records).toEqual(["one"]);
  });

  it("is told from what is turned in a bit", async () => {
    const world = await served();
    const object = world.bucket.objects.get(slotKey(1, 2));
    if (object !== undefined) object.bytes[200] = (object.bytes[200] as number) ^ 1;
    await expect(world.open(world.node("b"))).rejects.toThrow(
      `damaged: restore it from a copy key=${slotKey(1, 2)}`,
    );
  });
});
