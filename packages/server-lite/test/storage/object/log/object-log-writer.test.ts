import { describe, expect, it } from "vitest";
import {
  MemoryStateMedium,
  openMemoryStateStore,
} from "../../../../src/storage/disk/state/memory-state-store.js";
import { Durability } from "../../../../src/storage/durability.js";
import { GroupBuilder } from "../../../../src/storage/log/group-builder.js";
import { payloadRoomBytes, place, rowsNeeded } from "../../../../src/storage/log/mutation-rows.js";
import { SegmentRows } from "../../../../src/storage/log/segment-rows.js";
import { StateTables } from "../../../../src/storage/log/state-tables.js";
import { TailCache } from "../../../../src/storage/log/tail-cache.js";
import { claimShard } from "../../../../src/storage/object/claim/claim.js";
import { LogPipeline } from "../../../../src/storage/object/log/log-pipeline.js";
import { ObjectLogWriter } from "../../../../src/storage/object/log/object-log-writer.js";
import type { Mutation } from "../../../../src/storage/storage.js";
import { CalmShard, slotKey, type TestNode } from "../claim/calm-shard.js";

const LINGER_MS = 25;
const EAGER_BYTES = 16 * 1024;

/** A log that commits gather in, over the bucket. */
class GatheringLog {
  readonly durability = new Durability(0);
  readonly writer: ObjectLogWriter;
  readonly pipeline: LogPipeline;
  private readonly builder: GroupBuilder;
  private readonly tables = new StateTables(openMemoryStateStore(new MemoryStateMedium()));
  private readonly world: CalmShard;

  private constructor(world: CalmShard, node: TestNode, epoch: number, incarnation: string) {
    this.world = world;
    const { clock } = world;
    const { storeKey } = node.shard;
    this.writer = new ObjectLogWriter({
      clock,
      durability: this.durability,
      lingerMs: LINGER_MS,
      eagerBytes: EAGER_BYTES,
    });
    this.pipeline = new LogPipeline({
      bucket: node.shard,
      clock,
      epoch,
      window: 2,
      limitMs: 60_000,
      writer: { incarnation, nonce: "1".repeat(32) },
      onDurable: (slots) => this.writer.durable(slots),
      onEnd: () => this.writer.ended(),
    });
    this.builder = new GroupBuilder({
      storeKey,
      ownerEpoch: epoch,
      segmentBytes: 1024 * 1024,
      slabBytes: 64 * 1024,
      cache: new TailCache(0),
      generation: 1,
      fileOffset: 0,
      sequence: 1,
      position: 0,
      segmentRows: new SegmentRows(1),
      onSegment: () => undefined,
      onSealed: (group) => this.writer.enqueue(group),
    });
    this.writer.attach(this.builder, this.pipeline);
  }

  static async open(world: CalmShard, node: TestNode): Promise<GatheringLog> {
    const owner = { node: node.name, incarnation: "b".repeat(32) };
    const outcome = await world.during(
      claimShard({
        bucket: node.shard,
        owner,
        nonce: "1".repeat(32),
        top: 0,
        areStillSilent: () => Promise.resolve(true),
        restored: {
          load: () => Promise.resolve(),
          repeat: () => undefined,
          check: () => Promise.resolve(),
        },
      }),
    );
    expect(outcome.kind).toBe("opened");
    return new GatheringLog(world, node, 1, owner.incarnation);
  }

  /** Commits one entry of so many bytes; answers its position. */
  commit(bytes = 10): number {
    const mutation: Mutation = { kind: "put", key: Buffer.from("k"), value: new Uint8Array(bytes) };
    this.builder.beginCommit(payloadRoomBytes(mutation), rowsNeeded(mutation));
    place(this.builder, this.tables, mutation);
    this.writer.kick();
    return this.builder.position;
  }

  /** One turn of the loop. */
  async turn(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    await new Promise<void>((resolve) => setImmediate(resolve));
  }

  async drained(): Promise<void> {
    await this.world.during(this.writer.drained());
  }
}

async function gathering(): Promise<{ world: CalmShard; node: TestNode; log: GatheringLog }> {
  const world = new CalmShard();
  const node = world.node("a");
  return { world, node, log: await GatheringLog.open(world, node) };
}

describe("commits on their way to the bucket", () => {
  it("go out at once when nothing is on its way, all of one turn together", async () => {
    const { world, log } = await gathering();
    log.commit();
    log.commit();
    await log.turn();
    expect(log.pipeline.nextSlot).toBe(1);
    await log.drained();
    expect(log.durability.position).toBe(2);
    expect(world.bucket.objects.has(slotKey(1, 1))).toBe(false);
  });

  it("gather for a while when something is on its way", async () => {
    const { world, node, log } = await gathering();
    node.cutUntilMs = world.clock.monotonic() + 1000;
    log.commit();
    await log.turn();
    for (let each = 0; each < 5; each++) log.commit();
    await log.turn();
    expect(log.pipeline.nextSlot).toBe(1);
    world.clock.advance(LINGER_MS - 1);
    expect(log.pipeline.nextSlot).toBe(1);
    world.clock.advance(1);
    expect(log.pipeline.nextSlot).toBe(2);
    await log.drained();
    expect(log.durability.position).toBe(6);
  });

  it("wait no longer than for the answer", async () => {
    const { world, log } = await gathering();
    log.commit();
    await log.turn();
    log.commit();
    while (log.durability.position < 1) {
      expect(log.pipeline.nextSlot).toBe(1);
      await log.turn();
      world.clock.fireNext();
    }
    const answeredMs = world.clock.monotonic();
    await log.turn();
    expect(log.pipeline.nextSlot).toBe(2);
    expect(world.clock.monotonic()).toBe(answeredMs);
    await log.drained();
  });

  it("wait no longer than until they are many", async () => {
    const { world, node, log } = await gathering();
    node.cutUntilMs = world.clock.monotonic() + 1000;
    log.commit();
    await log.turn();
    log.commit(EAGER_BYTES);
    expect(log.pipeline.nextSlot).toBe(2);
    await log.drained();
  });

  it("are confirmed in order, though a later group arrives before an earlier one", async () => {
    const { world, node, log } = await gathering();
    node.cutUntilMs = world.clock.monotonic() + 1000;
    const first = log.commit();
    await log.turn();
    node.cutUntilMs = 0;
    const second = log.commit(EAGER_BYTES);
    const order: number[] = [];
    void log.durability.when(first).then(() => order.push(first));
    void log.durability.when(second).then(() => order.push(second));
    while (!world.bucket.objects.has(slotKey(1, 1))) {
      await log.turn();
      world.clock.fireNext();
    }
    world.clock.advance(100);
    await log.turn();
    expect(order).toEqual([]);
    await log.drained();
    expect(order).toEqual([first, second]);
  });

  it("are counted until they are durable, also behind a full window", async () => {
    const { world, node, log } = await gathering();
    node.failure = "unknown";
    for (let each = 0; each < 5; each++) {
      log.commit(EAGER_BYTES);
      await log.turn();
    }
    expect(log.pipeline.hasRoom).toBe(false);
    expect(log.writer.queuedBytes).toBeGreaterThan(5 * EAGER_BYTES);
    expect(log.writer.health.kind).toBe("waiting");
    node.failure = undefined;
    await log.drained();
    expect(log.writer.queuedBytes).toBe(0);
    expect(log.writer.health).toEqual({ kind: "well" });
    expect(log.durability.position).toBe(5);
    expect(world.bucket.objects.has(slotKey(1, 0))).toBe(true);
  });

  it("go nowhere any more when a successor fenced the log", async () => {
    const { world, log } = await gathering();
    const next = await world.open(world.node("b"));
    expect(next.opened.epoch).toBe(2);
    const position = log.commit();
    await log.drained();
    expect(log.durability.position).toBeLessThan(position);
    expect(log.writer.health).toMatchObject({
      kind: "ended",
      state: { kind: "fenced", successor: 2 },
    });
    log.commit();
    await log.turn();
    expect(log.pipeline.nextSlot).toBe(1);
  });

  it("are repeated by the next owner, in the order of their positions", async () => {
    const { world, log } = await gathering();
    for (let each = 0; each < 7; each++) {
      log.commit(each * 3000);
      if (each % 2 === 0) await log.turn();
    }
    await log.drained();
    const next = await world.open(world.node("b"));
    expect(next.opened.log.position).toBe(8);
    expect(next.opened.log.slots.get(1)).toBe(log.pipeline.durable);
  });
});
