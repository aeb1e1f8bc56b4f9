import { describe, expect, it } from "vitest";
import { encodeGroup } from "../../../../src/storage/object/format/log-object.js";
import { CalmShard, slotKey } from "../claim/calm-shard.js";
import { encodeSmallGroup } from "../claim/history/small-group.js";

/** Lets time pass until something is so. */
async function until(world: CalmShard, isSo: () => boolean): Promise<void> {
  for (let turn = 0; turn < 10_000 && !isSo(); turn++) {
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (!isSo()) world.clock.fireNext();
  }
  expect(isSo()).toBe(true);
}

/** Lets so much time pass, and all that comes due in it. */
async function pass(world: CalmShard, ms: number): Promise<void> {
  const endMs = world.clock.monotonic() + ms;
  for (;;) {
    await new Promise<void>((resolve) => setImmediate(resolve));
    const next = world.clock.liveTimers[0];
    if (next === undefined || next.at > endMs) return;
    world.clock.fireNext();
  }
}

describe("the log of an owner", () => {
  it("has as many groups on their way as the window says, and no more", async () => {
    const world = new CalmShard();
    const served = await world.open(world.node("a"), 3);
    for (const record of ["one", "two", "three"]) served.append(record);
    expect(served.pipeline.hasRoom).toBe(false);
    expect(() => served.append("four")).toThrow("a group goes out when there is room");
    await world.during(served.pipeline.drained());
    expect(served.pipeline).toMatchObject({ durable: 3, inFlightBytes: 0, hasRoom: true });
  });

  it("counts as durable what has no gap before it", async () => {
    const world = new CalmShard();
    const node = world.node("a");
    const served = await world.open(node);
    node.cutUntilMs = world.clock.monotonic() + 1000;
    served.append("one");
    node.cutUntilMs = 0;
    served.append("two");
    served.append("three");
    // Both are answered; the first is still on its way.
    await pass(world, 500);
    expect(world.bucket.objects.has(slotKey(1, 1))).toBe(true);
    expect(world.bucket.objects.has(slotKey(1, 2))).toBe(true);
    expect(world.bucket.objects.has(slotKey(1, 0))).toBe(false);
    expect(served.pipeline.durable).toBe(0);
    await world.during(served.pipeline.drained());
    expect(served.pipeline.durable).toBe(3);
  });

  it("is written through lost answers, refusals and echoes", async () => {
    const world = new CalmShard({ lost: 0.4, refused: 0.2, twice: 0.5, falseExists: 0.2 });
    const served = await world.open(world.node("a"));
    for (let record = 0; record < 40; record++) {
      await until(world, () => served.pipeline.hasRoom);
      served.append(`r${record}`);
    }
    await world.during(served.pipeline.drained());
    expect(served.pipeline.durable).toBe(40);
    expect(served.ends).toEqual([]);
    const next = await world.open(world.node("b"));
    expect(next.state.records).toEqual(Array.from({ length: 40 }, (_, record) => `r${record}`));
  });

  it("waits out an outage, and fails when it is too long: the outcome is unknown", async () => {
    const world = new CalmShard();
    const node = world.node("a");
    const served = await world.open(node, 4, 60_000);
    node.failure = "unknown";
    served.append("one");
    const sinceMs = world.clock.monotonic();
    await until(world, () => world.clock.monotonic() - sinceMs > 30_000);
    expect(served.pipeline.state.kind).toBe("open");
    expect(served.pipeline.waitingSinceMs).toBe(sinceMs);
    node.failure = undefined;
    await world.during(served.pipeline.drained());
    expect(served.pipeline.durable).toBe(1);
    node.failure = "busy";
    served.append("two");
    await until(world, () => served.pipeline.state.kind !== "open");
    expect(served.ends).toMatchObject([{ kind: "failed" }]);
    expect(served.pipeline.hasRoom).toBe(false);
    expect(String((served.ends[0] as { cause?: Error }).cause?.message)).toContain(
      "the bucket gave no answer: put s/00/log/",
    );
  });

  it("fails at once when the bucket will never take it", async () => {
    const world = new CalmShard();
    const node = world.node("a");
    const served = await world.open(node);
    const sinceMs = world.clock.monotonic();
    node.failure = "rejected";
    served.append("one");
    await until(world, () => served.pipeline.state.kind !== "open");
    expect(world.clock.monotonic() - sinceMs).toBeLessThan(1000);
    expect(served.ends).toMatchObject([{ kind: "failed" }]);
  });

  it("stops when a group of somebody else lies in its place", async () => {
    const world = new CalmShard();
    const node = world.node("a");
    const served = await world.open(node);
    const name = node.shard.logName(1, 0);
    // The same process twice, as a copied machine is: another claim, so another nonce.
    const writer = { ...served.opened.writer, nonce: "f".repeat(32) };
    const small = { sequence: 1, position: 0, records: ["other"], moved: undefined };
    const group = encodeSmallGroup(small, 1, node.shard.storeKey);
    const parts = encodeGroup(name, { writer, durable: 0, offset: 0, group }, node.shard.storeKey);
    await world.during(node.shard.settle(name, parts));
    served.append("one");
    await until(world, () => served.pipeline.state.kind !== "open");
    expect(served.pipeline.durable).toBe(0);
    expect(served.ends).toMatchObject([
      { kind: "failed", cause: { message: expect.stringContaining("stop one of them") } },
    ]);
  });

  it("proves by a group that nobody had fenced it when the group was sent", async () => {
    const world = new CalmShard();
    const served = await world.open(world.node("a"));
    expect(served.pipeline.provenMs).toBe(Number.NEGATIVE_INFINITY);
    world.clock.advance(50);
    const sentMs = world.clock.monotonic();
    served.append("one");
    await world.during(served.pipeline.drained());
    expect(served.pipeline.provenMs).toBe(sentMs);
  });
});
