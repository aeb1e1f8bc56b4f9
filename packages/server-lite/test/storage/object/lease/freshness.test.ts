import { describe, expect, it } from "vitest";
import { Freshness } from "../../../../src/storage/object/lease/freshness.js";
import { LeaseKeeper, momentOf } from "../../../../src/storage/object/lease/lease-keeper.js";
import { listLeases, seqsOf } from "../../../../src/storage/object/lease/lease-listing.js";
import { leaseRules } from "../../../../src/storage/object/lease/lease-rules.js";
import { OwnLease } from "../../../../src/storage/object/lease/own-lease.js";
import { CalmShard, type TestNode } from "../claim/calm-shard.js";

const LEASE_MS = 4000;

function keptLease(world: CalmShard, node: TestNode) {
  const lease = new OwnLease(leaseRules(LEASE_MS));
  let renewals = 0;
  const keeper = new LeaseKeeper({
    store: node.shard.store,
    storeKey: node.shard.storeKey,
    clock: world.clock,
    lease,
    renewMs: 1000,
    node: node.name,
    incarnation: "c".repeat(32),
    url: "http://a",
    content: () => ({ state: "up", shards: [0] }),
    onRenewed: () => renewals++,
  });
  return { lease, keeper, renewals: () => renewals };
}

async function pass(world: CalmShard, ms: number): Promise<void> {
  const endMs = world.clock.monotonic() + ms;
  for (;;) {
    await new Promise<void>((resolve) => setImmediate(resolve));
    const next = world.clock.liveTimers[0];
    if (next === undefined || next.at > endMs) break;
    world.clock.fireNext();
  }
  world.clock.advance(endMs - world.clock.monotonic());
}

describe("the lease of a process", () => {
  it("is written at its pace, and stays valid", async () => {
    const world = new CalmShard();
    const node = world.node("a");
    const { lease, keeper } = keptLease(world, node);
    void keeper.run();
    await pass(world, 30_000);
    expect(lease.isValid(momentOf(world.clock))).toBe(true);
    expect(lease.generation).toBe(1);
    const seen = await world.during(listLeases(node.shard));
    const held = seen.get(`a.${"c".repeat(32)}`);
    expect(held).toMatchObject({ url: "http://a", state: "up", shards: [0] });
    expect(seqsOf(seen).get(`a.${"c".repeat(32)}`)).toBeGreaterThanOrEqual(30);
    keeper.stop();
  });

  it("lapses in an outage, and comes back as another generation; few requests wait", async () => {
    const world = new CalmShard();
    const node = world.node("a");
    const { lease, keeper, renewals } = keptLease(world, node);
    void keeper.run();
    await pass(world, 5000);
    const before = renewals();
    node.cutUntilMs = world.clock.monotonic() + 60_000;
    await pass(world, 10_000);
    expect(lease.isValid(momentOf(world.clock))).toBe(false);
    expect(world.clock.liveTimers.length).toBeLessThan(10);
    await pass(world, 60_000);
    expect(renewals()).toBeGreaterThan(before);
    expect(lease.isValid(momentOf(world.clock))).toBe(true);
    expect(lease.generation).toBeGreaterThanOrEqual(2);
    keeper.stop();
  });

  it("counts from the sending of a renewal, however long the answer takes", async () => {
    const world = new CalmShard();
    const node = world.node("a");
    const { lease, keeper } = keptLease(world, node);
    const sentMs = world.clock.monotonic();
    node.cutUntilMs = sentMs + 2000;
    await world.during(keeper.renew());
    expect(lease.isValid(momentOf(world.clock))).toBe(true);
    world.clock.advance(sentMs + 0.75 * LEASE_MS - world.clock.monotonic());
    expect(lease.isValid(momentOf(world.clock))).toBe(false);
  });
});

describe("what an owner may answer from memory", () => {
  async function serving() {
    const world = new CalmShard();
    const node = world.node("a");
    const served = await world.open(node);
    const kept = keptLease(world, node);
    await world.during(kept.keeper.renew());
    const { epoch } = served.opened;
    const options = { bucket: node.shard, clock: world.clock, lease: kept.lease, epoch };
    return { world, node, ...kept, options };
  }

  it("is all while the lease is valid in the generation that the shard was claimed in", async () => {
    const { world, options } = await serving();
    const freshness = new Freshness({ ...options, generation: 1 });
    expect(freshness.isFresh).toBe(true);
    world.clock.advance(0.75 * LEASE_MS);
    expect(freshness.isFresh).toBe(false);
  });

  it("is nothing after a lapse, until a look at the bucket shows no later claim", async () => {
    const { world, options, keeper } = await serving();
    const freshness = new Freshness({ ...options, generation: 1 });
    world.clock.advance(LEASE_MS);
    await world.during(keeper.renew());
    expect(freshness.isFresh).toBe(false);
    await world.during(freshness.adopt());
    expect(freshness.isFresh).toBe(true);
  });

  it("stays nothing when somebody claimed meanwhile", async () => {
    const { world, options, keeper } = await serving();
    const freshness = new Freshness({ ...options, generation: 1 });
    world.clock.advance(LEASE_MS);
    await world.open(world.node("b"));
    await world.during(keeper.renew());
    await world.during(freshness.adopt());
    expect(freshness.isFresh).toBe(false);
    expect(await world.during(freshness.prove())).toBe(false);
  });

  it("is proven by looks that begin after the question: those who come meanwhile share the next", async () => {
    const { world, options } = await serving();
    const freshness = new Freshness({ ...options, generation: undefined });
    const before = world.bucket.counts.exists;
    const proofs = Array.from({ length: 5 }, () => freshness.prove());
    expect(await world.during(Promise.all(proofs))).toEqual([true, true, true, true, true]);
    expect(world.bucket.counts.exists - before).toBe(2);
  });
});
