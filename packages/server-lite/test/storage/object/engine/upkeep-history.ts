// Histories of the object engine with its background at work: the log becomes data objects, objects are
// merged and collected, while commits, trims and readers go on, the bucket is slow, silent or tells
// nothing, and processes die or are replaced at any moment. After each of them the oracle is exact:
// the state is that behind one of the commits, none before the last that was shown to anyone.

import { type Random, randomInteger, S2Error, seededRandom } from "@s2kit/core";
import type { ObjectStorage } from "../../../../src/storage/object/engine/object-storage.js";
import { nameOf } from "../../../../src/storage/object/format/names.js";
import type { Mutation } from "../../../../src/storage/storage.js";
import {
  AppliedModel,
  compare,
  Model,
  type ModelCommit,
  type ModelMutation,
  Violation,
} from "../../crash/crash-model.js";
import { ModelReader } from "../../crash/model-reader.js";
import { RandomMutations } from "../../crash/random-mutations.js";
import type { Weather } from "../double/simulated-bucket.js";
import { BenchNode, BucketBench } from "./bucket-bench.js";

const LIVES = 4;
const ACTIONS_PER_LIFE = 45;
const READERS = 2;

const ROUGH: Partial<Weather> = {
  lost: 0.05,
  twice: 0.1,
  refused: 0.03,
  deleteTwice: 0.1,
  slow: 0.05,
  isUnsorted: true,
  pageEntries: 5,
};

export interface UpkeepResult {
  readonly commits: number;
  readonly reads: number;
  readonly deaths: number;
  readonly replaced: number;
  /** Data objects that were put, and those of them that were removed. */
  readonly dataPuts: number;
  readonly dataDeletes: number;
}

/** A process that serves, or did. */
interface Life {
  readonly node: BenchNode;
  readonly storage: ObjectStorage;
  readonly readers: readonly ModelReader[];
  isOver: boolean;
}

class UpkeepHistory {
  readonly result = { commits: 0, reads: 0, deaths: 0, replaced: 0, dataPuts: 0, dataDeletes: 0 };
  private readonly bench: BucketBench;
  private readonly random: Random;
  private readonly mutations: RandomMutations;
  /** Commits that may still be lost, and the state they start from. */
  private commits: ModelCommit[] = [];
  private base = new Model();
  private applied = new AppliedModel(new Model());
  /** Acknowledged, or shown to anyone. */
  private shown = 0;
  private started = 0;
  private readonly seed: number;

  constructor(seed: number) {
    this.seed = seed;
    this.random = seededRandom(seed * 131 + 3);
    this.mutations = new RandomMutations(this.random);
    const isRough = this.random.next() < 0.5;
    this.bench = new BucketBench(isRough ? ROUGH : { slow: 0.05 }, seed, {
      onPut: (key) => this.count(key, "dataPuts"),
      onDelete: (key) => this.count(key, "dataDeletes"),
    });
  }

  async run(): Promise<UpkeepResult> {
    try {
      let before: Life | undefined;
      for (let life = 0; life < LIVES; life++) before = await this.live(before);
      // Its readers would read beside all histories that follow.
      if (before !== undefined) this.end(before);
      return this.result;
    } finally {
      this.bench.stop();
    }
  }

  /** @returns the process, when it is not over yet: the next one takes the shard from it */
  private async live(before: Life | undefined): Promise<Life | undefined> {
    const life = await this.open(before);
    for (let action = 0; action < ACTIONS_PER_LIFE; action++) {
      await this.act(life);
      this.requireWell(life);
    }
    const dice = this.random.next();
    if (dice < 0.3) return life;
    if (dice < 0.55) {
      await life.storage.close();
      this.show(life.storage.durable);
    } else {
      await this.turns(randomInteger(this.random, 0, 80));
      this.requireWell(life);
      this.show(life.storage.durable);
      life.node.isDead = true;
      this.result.deaths++;
    }
    this.end(life);
    return undefined;
  }

  private async open(before: Life | undefined): Promise<Life> {
    const node = new BenchNode(`n${++this.started}`);
    const opening = this.bench.open(node, {
      window: randomInteger(this.random, 1, 4),
      groupBytes: 8192,
      cacheBytes: this.random.next() < 0.5 ? 0 : 64 * 1024,
      extentCacheBytes: this.random.next() < 0.5 ? 0 : 64 * 1024,
      logBytes: 40 * 1024,
      logSlots: 12,
      dataBytes: 32 * 1024,
    });
    // Before its background commits anything of its own, or removes what the one before still reads.
    let found = 0;
    const opened = opening.then((storage) => {
      found = storage.durable;
      if (before !== undefined) before.isOver = true;
      return storage;
    });
    if (before !== undefined) await this.workUntil(before, opened);
    const storage = await opened;
    await this.verify(storage, found);
    const life: Life = { node, storage, readers: [], isOver: false };
    const model = new AppliedModel(this.base);
    this.applied = model;
    const readers = Array.from({ length: READERS }, (_, at) => {
      const random = seededRandom(this.seed * 31 + this.started * READERS + at);
      const isOver = (): boolean => life.isOver || node.isDead;
      const onRead = (): void => this.show(storage.durable);
      return new ModelReader({ storage, model, random, isOver, onRead });
    });
    for (const reader of readers) void reader.run();
    return Object.assign(life, { readers });
  }

  /** The owner of before goes on until the next one has the shard: it learns of it by itself. */
  private async workUntil(before: Life, opening: Promise<ObjectStorage>): Promise<void> {
    let isOpen = false;
    const done = opening.finally(() => {
      isOpen = true;
    });
    done.catch(() => undefined);
    while (!isOpen && before.storage.status === "open") {
      await this.act(before);
      await this.turns(1);
    }
    await done;
    this.end(before);
    this.show(before.storage.durable);
    // Whatever it has under way goes on beside the next one, and changes nothing.
    void before.storage.maintain();
    before.storage.close().catch(() => undefined);
    this.result.replaced++;
  }

  private end(life: Life): void {
    life.isOver = true;
    for (const reader of life.readers) {
      reader.stop();
      this.result.reads += reader.reads;
      if (reader.violation !== undefined) throw reader.violation;
    }
  }

  private requireWell({ storage, readers }: Life): void {
    for (const { violation } of readers) if (violation !== undefined) throw violation;
    if (storage.status === "failed")
      throw new Violation(`the engine failed by itself: ${storage.failure?.message}`);
    if (storage.trouble !== undefined)
      throw new Violation(`the background is in trouble: ${storage.trouble.message}`);
  }

  private async act(life: Life): Promise<void> {
    const { storage, node } = life;
    const dice = this.random.next();
    if (dice < 0.75) await this.commit(life);
    else if (dice < 0.81) {
      const work = storage.maintain();
      if (this.random.next() < 0.5) await work;
    } else if (dice < 0.84) storage.checkpoint().catch(() => undefined);
    else if (dice < 0.86) this.outage(node);
    else await this.turns(randomInteger(this.random, 1, 12));
    this.show(storage.durable);
  }

  /** The bucket turns away whatever this process asks of it, for a while. */
  private outage(node: BenchNode): void {
    node.failure = this.random.next() < 0.5 ? "busy" : "unknown";
    this.bench.clock.setTimer(
      () => {
        node.failure = undefined;
      },
      randomInteger(this.random, 5, 400),
    );
  }

  private async commit({ storage }: Life): Promise<void> {
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
    const position = this.placed(storage, mutations);
    if (position === undefined) return this.turns(20);
    this.commits.push({ position, mutations: modelled });
    this.applied.commit({ position, mutations: modelled });
    this.result.commits++;
    if (this.random.next() < 0.5) return;
    // One that another owner has replaced may never hear of it.
    await storage.whenDurable(position).catch((error: unknown) => {
      if (storage.status !== "failed" && storage.status !== "fenced") throw error;
    });
  }

  /** @returns undefined when it was turned away */
  private placed(storage: ObjectStorage, mutations: readonly Mutation[]): number | undefined {
    try {
      return storage.commit(mutations).position;
    } catch (error) {
      const isBusy = error instanceof S2Error && error.code === "hot_server";
      if (isBusy || storage.status !== "open") return undefined;
      throw error;
    }
  }

  private draftModel(): Model {
    const model = new Model();
    for (const [id, stream] of this.base.streams)
      model.streams.set(id, { ...stream, lines: [...stream.lines] });
    for (const [key, value] of this.base.meta) model.meta.set(key, value);
    for (const commit of this.commits) model.apply(commit.mutations);
    return model;
  }

  /** The exact comparison after an open. */
  private async verify(storage: ObjectStorage, durable: number): Promise<void> {
    if (durable < this.shown)
      throw new Violation(`acknowledged commits are lost shown=${this.shown} found=${durable}`);
    for (const commit of this.commits)
      if (commit.position <= durable) this.base.apply(commit.mutations);
    this.commits = [];
    this.shown = durable;
    await compare(storage, this.base, this.mutations.endStreamId);
  }

  private show(position: number): void {
    this.shown = Math.max(this.shown, position);
  }

  private async turns(count: number): Promise<void> {
    for (let turn = 0; turn < count; turn++)
      await new Promise<void>((resolve) => setImmediate(resolve));
  }

  private count(key: string, what: "dataPuts" | "dataDeletes"): void {
    if (nameOf(key)?.kind === "data") this.result[what]++;
  }
}

/** @throws {Violation} when the oracle is not content */
export function runUpkeepHistory(seed: number): Promise<UpkeepResult> {
  return new UpkeepHistory(seed).run();
}
