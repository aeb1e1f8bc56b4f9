// One seeded life story of a store: random work, crashes at random calls of the disk, restarts, and
// after each of them the oracle. The log is totally ordered, so the oracle is exact: what is there
// after a restart must be the commits up to one position, which is not below any that was
// acknowledged or shown before. Everything is compared: stream state, records, metadata.

import { type Random, randomInteger, seededRandom } from "@s2kit/core";
import { createSimulatedClock } from "@s2kit/core/testing";
import type { EngineRules } from "../../../src/storage/disk/engine/engine-rules.js";
import {
  type DiskEngine,
  openDiskStorage,
} from "../../../src/storage/disk/engine/open-disk-storage.js";
import { inspectDirectory } from "../../../src/storage/disk/inspect/inspect-directory.js";
import { verifyDirectory } from "../../../src/storage/disk/inspect/verify-directory.js";
import {
  MemoryStateMedium,
  openMemoryStateStore,
} from "../../../src/storage/disk/state/memory-state-store.js";
import { SPACE_EXTENT, u64OfKey } from "../../../src/storage/log/state-keys.js";
import type { Mutation } from "../../../src/storage/storage.js";
import { linesOf } from "../../../src/testing/append-source.js";
import { SimulatedCrash } from "../../../src/testing/crash-points.js";
import { FaultyDisk, type PlantedDiskBugs } from "../../../src/testing/faulty-disk.js";
import { uncountedBytes } from "../disk/dead-bytes.js";
import { Format1Turns, UPGRADE_CRASH_POINTS } from "../upgrade/format-1-turns.js";
import {
  AppliedModel,
  compare,
  Model,
  type ModelCommit,
  type ModelMutation,
  type ModelStream,
  Violation,
} from "./crash-model.js";
import { CRASH_POINTS, RARE_CRASH_POINTS } from "./crash-points.js";
import { ModelReader } from "./model-reader.js";
import { RandomMutations } from "./random-mutations.js";

export const STORE = "/store";
const SEGMENT_BYTES = 64 * 1024;
const ALL = { maxBytes: 1 << 30, endSeqNum: Number.MAX_SAFE_INTEGER };
const ACTIONS_PER_LIFE = 40;
/** Share of restarts that find a directory of format 1, and of those that crash while they upgrade it. */
const TURN_BACK_CHANCE = 0.2;
const UPGRADE_CRASH_CHANCE = 0.7;

export interface HistoryOptions {
  readonly seed: number;
  readonly lives?: number;
  /** Default: the strict ones. */
  readonly rules?: EngineRules;
  readonly planted?: PlantedDiskBugs;
  /** Crashes only here; default: anywhere. */
  readonly crashAt?: string;
  /** Gets the story as it goes, so that one that fails has told it so far. */
  readonly trace?: string[];
}

export interface HistoryResult {
  readonly crashes: number;
  readonly commits: number;
  readonly reads: number;
  readonly trace: string;
  readonly reached: ReadonlyMap<string, number>;
  readonly crashedAt: ReadonlyMap<string, number>;
}

/** Runs one history. @throws {Violation} when the oracle is not content */
export async function runHistory(options: HistoryOptions): Promise<HistoryResult> {
  const history = new History(options);
  await history.run(options.lives ?? 5);
  return {
    crashes: history.crashes,
    commits: history.commitCount,
    reads: history.reads,
    trace: history.trace.join(" "),
    reached: history.disk.reached,
    crashedAt: history.disk.crashedAt,
  };
}

class History {
  readonly disk: FaultyDisk;
  readonly trace: string[];
  crashes = 0;
  commitCount = 0;
  /** By model readers, in lives that ended well. */
  reads = 0;
  private readonly random: Random;
  private readonly options: HistoryOptions;
  private readonly medium = new MemoryStateMedium();
  private readonly turns: Format1Turns;
  /** This life begins with an upgrade. */
  private isUpgrade = false;
  private readonly clock = createSimulatedClock(1_000_000);
  /** Commits that may still be lost, and the state they start from. */
  private commits: ModelCommit[] = [];
  private base = new Model();
  /** Acknowledged, or shown to anyone. */
  private shown = 0;
  /** What readers of this life may see. */
  private applied = new AppliedModel(new Model());
  private lastEpoch = 0;
  private life = 0;
  private readonly mutations: RandomMutations;
  /** A call of this life fails, and the process may end by that. */
  private isFaulty = false;

  constructor(options: HistoryOptions) {
    this.options = options;
    this.trace = options.trace ?? [];
    this.random = seededRandom(options.seed);
    this.mutations = new RandomMutations(this.random);
    this.turns = new Format1Turns(options.seed, STORE);
    this.disk = new FaultyDisk({
      random: this.random,
      planted: options.planted ?? {},
      isSlow: true,
      roomOf: this.turns.roomOf,
    });
    this.turns.attach(this.disk, this.medium);
    this.medium.isStopped = () => this.disk.hasCrashed;
    this.medium.beforeWrite = (changes) => this.disk.point(this.turns.labelOf(changes));
  }

  async run(lives: number): Promise<void> {
    for (let life = 0; life < lives; life++) {
      const isLast = life === lives - 1;
      if (!isLast) this.armCrash();
      this.isFaulty = !isLast && this.random.next() < 0.2;
      try {
        await Promise.race([this.live(isLast), this.disk.crash]);
      } catch (error) {
        if (error instanceof Violation) throw error;
        if (!this.disk.hasCrashed && !this.isFaulty) throw error;
        this.crashes++;
      }
      const kind = this.random.next() < 0.25 ? "kill" : "power";
      this.trace.push(this.disk.hasCrashed ? `crash:${kind}` : kind);
      this.medium.crash(randomInteger(this.random, 0, this.medium.pending.length));
      this.disk.restart(kind);
      this.turnBack();
    }
  }

  /** The next life may find the directory as format 1 would have left it. */
  private turnBack(): void {
    const offence = this.turns.offence();
    if (offence !== undefined) throw new Violation(offence);
    const isForced = UPGRADE_CRASH_POINTS.includes(this.options.crashAt ?? "");
    this.isUpgrade = this.turns.turnBack(isForced ? 1 : TURN_BACK_CHANCE);
    if (this.isUpgrade) this.trace.push("format 1");
  }

  /** Half of the crashes come after some calls, half at a kind of call, so that rare ones have theirs. */
  private armCrash(): void {
    const { crashAt } = this.options;
    const { random } = this.turns;
    if (this.isUpgrade && random.next() < UPGRADE_CRASH_CHANCE) {
      const label = crashAt ?? this.turns.crashPoint();
      this.disk.crashAfter(
        label === "upgrade transaction" ? randomInteger(random, 1, 8) : 1,
        label,
      );
    } else if (crashAt !== undefined) {
      const isRare = RARE_CRASH_POINTS.includes(crashAt);
      this.disk.crashAfter(isRare ? 1 : randomInteger(this.random, 1, 30), crashAt);
    } else if (this.random.next() < 0.5) {
      const reach = [30, 120, 400, 1200][randomInteger(this.random, 0, 3)] as number;
      this.disk.crashAfter(randomInteger(this.random, 1, reach));
    } else {
      const label = CRASH_POINTS[randomInteger(this.random, 0, CRASH_POINTS.length - 1)];
      const isFirst = this.random.next() < 0.5;
      this.disk.crashAfter(isFirst ? 1 : randomInteger(this.random, 2, 12), label);
    }
  }

  private async live(isLast: boolean): Promise<void> {
    const life = ++this.life;
    const opening = openDiskStorage({
      directory: STORE,
      clock: this.clock,
      random: this.random,
      disk: this.disk.mount(),
      openState: () => openMemoryStateStore(this.medium),
      segmentBytes: SEGMENT_BYTES,
      allowsSmallSegments: true,
      maxFreeSegments: 2,
      cacheBytes: SEGMENT_BYTES,
      maintenance: "manual",
      writes: this.random.next() < 0.5 ? "pool" : "inline",
      eagerBytes: this.random.next() < 0.5 ? 4096 : SEGMENT_BYTES,
      upgradeSliceEntries: this.turns.sliceEntries(),
      ...(this.options.rules === undefined ? {} : { rules: this.options.rules }),
    });
    const storage = await this.passing(opening);
    await this.verify(storage);
    const applied = new AppliedModel(this.base);
    this.applied = applied;
    const reader = new ModelReader({
      storage,
      model: applied,
      random: seededRandom(this.options.seed * 31 + life),
      // The world has stopped, or goes on without this process; or a call was ordered to fail.
      isOver: () => this.life !== life || this.disk.hasCrashed || this.isFaulty,
      onRead: () => this.acknowledge(storage, storage.durable),
    });
    void reader.run();
    try {
      await this.liveOn(storage, isLast, reader);
    } finally {
      reader.stop();
    }
  }

  private async liveOn(storage: DiskEngine, isLast: boolean, reader: ModelReader): Promise<void> {
    const { life } = this;
    for (let action = 0; action < ACTIONS_PER_LIFE; action++) {
      if (this.isFaulty && this.random.next() < 0.1) this.orderFault();
      await this.act(storage);
      if (reader.violation !== undefined) throw reader.violation;
      // The world has gone on without this process.
      if (this.life !== life) return;
      if (storage.status === "failed") {
        if (this.disk.hasCrashed || this.isFaulty) throw new SimulatedCrash("seen by the engine");
        throw new Violation(`the store failed by itself: ${storage.failure?.message}`);
      }
    }
    if (!isLast && this.random.next() < 0.7) return;
    if (isLast) await this.passing(storage.maintain());
    await this.passing(storage.close());
    if (reader.violation !== undefined) throw reader.violation;
    this.reads += reader.reads;
    if (storage.status === "failed" || this.disk.hasCrashed || this.disk.fault !== undefined)
      throw new SimulatedCrash("while closing");
    this.acknowledge(storage, storage.durable);
    this.trace.push("close");
    if (isLast) await this.audit();
  }

  /** At the end: every checksum holds, every record is somewhere once, and nothing was left behind. */
  private async audit(): Promise<void> {
    const directory = {
      directory: STORE,
      disk: this.disk.mount(),
      openState: () => openMemoryStateStore(this.medium),
    };
    const report = await verifyDirectory(directory);
    if (!report.isSound)
      throw new Violation(`verify is not content: ${JSON.stringify(report.problems.slice(0, 3))}`);
    const { dataFiles } = await inspectDirectory(directory);
    const idle = dataFiles.filter((file) => file.state !== "in use");
    if (idle.length > 0) throw new Violation(`files are left over: ${JSON.stringify(idle)}`);
    const uncounted = uncountedBytes(this.medium);
    if (uncounted > 0) throw new Violation(`garbage is not counted bytes=${uncounted}`);
    const used = new Set(dataFiles.map((file) => Number(file.file.slice(9, 21))));
    for (const [key] of this.medium.entries.from(SPACE_EXTENT)) {
      if (!key.startsWith(SPACE_EXTENT)) break;
      if (!used.has(u64OfKey(key, 17)))
        throw new Violation(`an extent is left over of file=${u64OfKey(key, 17)}`);
    }
  }

  /** The next call of some kind fails, or leaves a short write behind. */
  private orderFault(): void {
    const labels = [...CRASH_POINTS, "short log", "short data file"];
    const label = labels[randomInteger(this.random, 0, labels.length - 1)] as string;
    this.disk.fault = { label, code: this.random.next() < 0.5 ? "EIO" : "ENOSPC" };
    this.trace.push(`fault:${label}`);
  }

  /** The exact comparison after a restart. */
  private async verify(storage: DiskEngine): Promise<void> {
    const { durable } = storage;
    if (durable < this.shown)
      throw new Violation(`acknowledged commits are lost shown=${this.shown} found=${durable}`);
    if (storage.ownerEpoch <= this.lastEpoch)
      throw new Violation(`an owner epoch came twice epoch=${storage.ownerEpoch}`);
    this.lastEpoch = storage.ownerEpoch;
    for (const commit of this.commits)
      if (commit.position <= durable) this.base.apply(commit.mutations);
    this.commits = [];
    this.acknowledge(storage, durable);
    await compare(storage, this.base, this.mutations.endStreamId);
    this.trace.push(`open:${durable}`);
  }

  /** Waits, and lets time pass meanwhile: throttled writes and retries go by the clock. */
  private async passing<T>(waiting: Promise<T>): Promise<T> {
    let isDone = false;
    const done = waiting.finally(() => {
      isDone = true;
    });
    done.catch(() => undefined);
    for (let turns = 0; !isDone && !this.disk.hasCrashed; turns++) {
      await new Promise((resolve) => setImmediate(resolve));
      if (turns > 20) this.clock.advance(50);
      if (turns > 100_000) throw new Violation("a wait never ends");
    }
    return done;
  }

  private acknowledge(storage: DiskEngine, position: number): void {
    if (position > storage.durable) throw new Violation(`an ack before durability ${position}`);
    this.shown = Math.max(this.shown, position);
  }

  private async act(storage: DiskEngine): Promise<void> {
    const dice = this.random.next();
    if (dice < 0.72) await this.commit(storage);
    else if (dice < 0.8) await this.read(storage);
    else if (dice < 0.86) {
      this.trace.push("maintain");
      const work = storage.maintain();
      if (this.random.next() < 0.5) await this.passing(work);
      if (storage.trouble !== undefined && !this.disk.hasCrashed && !this.isFaulty)
        throw new Violation(`the background is in trouble: ${storage.trouble.message}`);
    } else if (dice < 0.9) await new Promise((resolve) => setImmediate(resolve));
    else
      for (let turns = randomInteger(this.random, 1, 6); turns > 0; turns--)
        await Promise.resolve();
    this.acknowledge(storage, storage.durable);
  }

  private async commit(storage: DiskEngine): Promise<void> {
    const mutations: Mutation[] = [];
    const modelled: ModelMutation[] = [];
    const draft = this.draftModel();
    const count = this.random.next() < 0.8 ? 1 : randomInteger(this.random, 2, 4);
    for (let at = 0; at < count; at++) {
      const [mutation, apply] = this.mutations.next(draft, at);
      mutations.push(mutation);
      modelled.push(apply);
      apply(draft);
    }
    const { position } = storage.commit(mutations);
    this.commits.push({ position, mutations: modelled });
    this.applied.commit({ position, mutations: modelled });
    this.commitCount++;
    this.trace.push(`${mutations.map((mutation) => mutation.kind[0]).join("")}${position}`);
    if (this.random.next() < 0.5) return;
    await this.passing(storage.whenDurable(position));
    this.acknowledge(storage, position);
  }

  /** The applied state: a copy that is cheap enough for small models. */
  private draftModel(): Model {
    const model = new Model();
    for (const [id, stream] of this.base.streams)
      model.streams.set(id, { ...stream, lines: [...stream.lines] });
    for (const [key, value] of this.base.meta) model.meta.set(key, value);
    for (const commit of this.commits) model.apply(commit.mutations);
    return model;
  }

  /** A read in mid-life shows only what is durable, and makes it shown. */
  private async read(storage: DiskEngine): Promise<void> {
    const model = this.draftModel();
    const ids = [...model.streams.keys()];
    if (ids.length === 0) return;
    const streamId = ids[randomInteger(this.random, 0, ids.length - 1)] as number;
    const stream = model.streams.get(streamId) as ModelStream;
    const from = randomInteger(this.random, 0, stream.lines.length);
    const lines = linesOf(await storage.read(streamId, from, ALL));
    this.acknowledge(storage, storage.durable);
    for (const line of lines)
      if (stream.lines[Number(line.split(":")[0])] !== line)
        throw new Violation(`a read shows what was never written: ${line.slice(0, 40)}`);
  }
}
