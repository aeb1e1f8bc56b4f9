// A shard in the hands of a simulated owner: it appends, moves records into data objects, puts
// checkpoints, collects, and gives the shard away. The log, the manifest and the collection are the
// real ones; what stands in for an engine is the state and when it does what.

import { sleep } from "@s2kit/core";
import type { OpenedShard } from "../../../../../src/storage/object/claim/claim.js";
import { garbageOf, leftoversOf } from "../../../../../src/storage/object/claim/collection.js";
import { OwnedManifest } from "../../../../../src/storage/object/claim/owned-manifest.js";
import type {
  LogPlace,
  ShardCheckpoint,
} from "../../../../../src/storage/object/format/manifest-entry.js";
import {
  dataPrefix,
  keyOf,
  type NumberedName,
  statePrefix,
} from "../../../../../src/storage/object/format/names.js";
import { Freshness } from "../../../../../src/storage/object/lease/freshness.js";
import {
  LogPipeline,
  STRICT_PIPELINE,
} from "../../../../../src/storage/object/log/log-pipeline.js";
import type { History } from "./history.js";
import type { ShardState } from "./shard-state.js";
import type { SimulatedNode } from "./simulated-node.js";
import { encodeSmallGroup, type Segment, type SmallGroup } from "./small-group.js";

const WINDOW = 3;
/** Longer than any history: an owner that gives up is tested elsewhere. */
const LIMIT_MS = 1_000_000;

/** A place of the log from which it could be repeated, and what lies before it. */
interface CutPlace {
  readonly place: LogPlace;
  /** Records before. */
  readonly count: number;
  readonly sequence: number;
}

export class ServedShard {
  isLost = false;
  isReleasing = false;
  /** Records that are durable. */
  durableCount: number;
  readonly freshness: Freshness;
  readonly pipeline: LogPipeline;
  readonly opened: OpenedShard;
  readonly state: ShardState;
  private readonly world: History;
  private readonly node: SimulatedNode;
  private readonly manifest: OwnedManifest;
  private readonly groups = new Map<number, SmallGroup>();
  private readonly cuts: CutPlace[] = [];
  private sequence: number;
  private runs = 0;
  private dataObjects = 0;
  private collected: LogPlace;
  private waiting: (() => void)[] = [];

  constructor(node: SimulatedNode, opened: OpenedShard, state: ShardState, generation: number) {
    const { world, clock, bucket, lease } = node;
    const { epoch, writer } = opened;
    this.node = node;
    this.world = world;
    this.opened = opened;
    this.state = state;
    this.durableCount = state.records.length;
    this.sequence = opened.log.sequence;
    this.collected = opened.checkpoint.replay;
    this.manifest = new OwnedManifest(bucket, opened);
    const { weak } = world;
    const rules = weak.freshness;
    this.freshness = new Freshness({
      bucket,
      clock,
      lease,
      epoch,
      generation,
      ...(rules === undefined ? {} : { rules }),
    });
    this.pipeline = new LogPipeline({
      bucket,
      clock,
      epoch,
      writer,
      window: WINDOW,
      limitMs: LIMIT_MS,
      rules: { ...STRICT_PIPELINE, ...weak.pipeline },
      onDurable: (slots) => this.durable(slots),
      onEnd: (end) => {
        if (end.kind === "failed") world.oracle.fail(`${node.name}: ${end.cause.message}`);
        this.lose();
      },
    });
  }

  start(): void {
    this.node.spawn(() => this.append());
    this.node.spawn(() => this.maintain());
  }

  lose(): void {
    this.isLost = true;
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  /** Waits for something to be durable, or for the end. */
  async untilMoved(): Promise<void> {
    if (!this.isLost) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  private async append(): Promise<void> {
    const { world, node, pipeline } = this;
    while (!this.isLost) {
      await sleep(node.clock, world.mean(world.habits.appendMs));
      if (pipeline.hasRoom && !this.isLost && !this.isReleasing)
        this.commit(world.chance(0.3) ? 2 : 1);
    }
  }

  private commit(count: number, moved?: Segment): number {
    const { state, world, opened, pipeline } = this;
    const position = state.records.length;
    const records = Array.from({ length: count }, () => world.newRecord());
    const group: SmallGroup = { sequence: this.sequence++, position, records, moved };
    state.repeat(group);
    this.groups.set(pipeline.nextSlot, group);
    return pipeline.put(encodeSmallGroup(group, opened.epoch, world.storeKey), 0);
  }

  private durable(slots: number): void {
    if (this.isLost) return;
    for (const [slot, { position, records, sequence }] of this.groups) {
      if (slot >= slots) break;
      this.groups.delete(slot);
      this.durableCount = Math.max(this.durableCount, position + records.length);
      const place = { epoch: this.opened.epoch, slot: slot + 1 };
      this.cuts.push({ place, count: position + records.length, sequence: sequence + 1 });
      for (const [at, record] of records.entries())
        this.world.oracle.acknowledged(this.opened.epoch, position + at, record);
    }
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  private async maintain(): Promise<void> {
    const { world, node } = this;
    const { habits } = world;
    await this.sweep();
    while (!this.isLost) {
      await sleep(node.clock, world.mean(habits.roundMs));
      if (this.isLost) return;
      const { covered } = this.state;
      if (this.durableCount > covered) {
        const isMerge = world.chance(0.4) && this.state.segments.length > 0;
        await this.rewrite(isMerge ? 0 : covered, this.durableCount);
      }
      if (world.chance(0.7) && !this.isLost) await this.checkpoint();
      if (world.mode === "lease" && world.chance(habits.release) && !this.isLost)
        return this.release();
    }
  }

  private async rewrite(from: number, to: number): Promise<void> {
    const { world, state, opened, node, pipeline } = this;
    const moved: Segment = { epoch: opened.epoch, number: ++this.dataObjects, from, to };
    await state.upload(state.nameOf(moved), opened.writer, state.records.slice(from, to));
    if (world.chance(0.15)) await sleep(node.clock, world.mean(world.chance(0.3) ? 500 : 60));
    while (!pipeline.hasRoom && !this.isLost) await this.untilMoved();
    if (this.isLost || this.isReleasing) return;
    const slot = this.commit(0, moved);
    while (pipeline.durable <= slot && !this.isLost) await this.untilMoved();
  }

  private async checkpoint(): Promise<void> {
    const { world, state, opened, node, manifest } = this;
    if (!manifest.isReady || [...this.groups.values()].some(({ moved }) => moved !== undefined))
      return;
    const before = manifest.checkpoint;
    let cut: CutPlace | undefined;
    for (const each of this.cuts) if (each.count <= state.covered) cut = each;
    const run = { epoch: opened.epoch, number: ++this.runs };
    const dropped = [
      ...state.dropped,
      ...before.runs.map((each) => ({ ...run, ...each, kind: "run" as const, shard: 0 })),
    ];
    state.dropped = [];
    if (
      !(await state.upload(state.runName(run.epoch, run.number), opened.writer, [
        ...state.segments,
      ]))
    )
      return;
    if (this.isLost) return;
    const checkpoint: ShardCheckpoint = {
      ...before,
      ...(cut === undefined
        ? {}
        : { replay: cut.place, sequence: cut.sequence, position: cut.count + 1 }),
      runs: [run],
      known: { epoch: opened.epoch, slot: this.pipeline.durable },
    };
    const firstEntry = manifest.collectedBelow;
    const collect = async (): Promise<void> => {
      const lastEntry =
        world.weak.collectsEarly === true ? manifest.lastNumber + 1 : manifest.lastNumber;
      await this.collect(checkpoint, { firstEntry, lastEntry, dropped });
    };
    if (world.weak.collectsEarly === true) this.node.spawn(collect);
    if (!(await manifest.putCheckpoint(checkpoint))) return this.lose();
    world.log?.(
      `${node.name} checkpoint ${opened.epoch}/${manifest.lastNumber} at ${JSON.stringify(checkpoint.replay)}`,
    );
    // Those before the place are never asked for again.
    this.cuts.splice(0, cut === undefined ? 0 : this.cuts.indexOf(cut));
    if (world.chance(0.2)) await sleep(node.clock, world.mean(world.chance(0.5) ? 30 : 375));
    if (world.weak.collectsEarly !== true) this.node.spawn(collect);
  }

  /** Removes what the confirmed checkpoint made needless; some of it only, as if it were cut short. */
  private async collect(
    { replay }: ShardCheckpoint,
    entries: { firstEntry: number; lastEntry: number; dropped: readonly NumberedName[] },
  ): Promise<void> {
    const { world, opened, collected, node } = this;
    world.oracle.stats.collections++;
    const { epoch, log } = opened;
    const confirmed = { shard: 0, epoch, from: collected, replay, slots: log.slots, ...entries };
    const names = (world.weak.garbageOf ?? garbageOf)(confirmed, world);
    this.collected = replay;
    this.manifest.collectedBelow = Math.max(entries.lastEntry, this.manifest.collectedBelow);
    for (const name of names)
      if (name.kind === "run" || name.kind === "data" || world.chance(0.85))
        node.spawn(() => node.bucket.delete([name]));
  }

  /** Keys of all that the state names now. */
  named(): string[] {
    const { state, manifest } = this;
    const { runs } = manifest.checkpoint;
    return [
      ...state.segments.map((segment) => state.nameOf(segment)),
      ...state.dropped,
      ...runs.map(({ epoch, number }) => state.runName(epoch, number)),
    ].map(keyOf);
  }

  /** What earlier owners left. */
  private async sweep(): Promise<void> {
    const { node, opened, world } = this;
    if (world.weak.sweeps === false) return;
    const named = new Set(this.named());
    const { bucket } = node;
    const listed = [
      ...(await bucket.list(dataPrefix(0))),
      ...(await bucket.list(statePrefix(0))),
      ...(await bucket.listLog()),
      ...(await bucket.listManifest()),
    ];
    const leftovers = { epoch: opened.epoch, replay: opened.checkpoint.replay, named };
    for (const name of leftoversOf(listed, leftovers, keyOf)) await bucket.delete([name]);
  }

  private async release(): Promise<void> {
    const { world, node, manifest, pipeline } = this;
    this.isReleasing = true;
    await pipeline.drained();
    if (this.isLost || manifest.state !== "owned") return;
    // First nobody is served any more, then the bucket says so.
    if (world.weak.servesWhileReleasing !== true) this.lose();
    world.oracle.stats.releases++;
    world.log?.(`${node.name} releases ${this.opened.epoch}`);
    if (world.chance(0.6))
      world.clock.setTimer(
        () => node.pause(world.leaseMs * (0.4 + 0.4 * world.random.next())),
        world.mean(3),
      );
    await manifest.release({ epoch: this.opened.epoch, slot: pipeline.durable });
    this.lose();
  }
}
