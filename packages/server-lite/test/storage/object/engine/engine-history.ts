// Histories of the object engine that end with the death of its process, over and over: at any
// moment, also inside a claim or a checkpoint. What the next process finds must be the state behind
// one of the commits, none before the last that was confirmed, with every record of it.

import { randomInteger, seededRandom } from "@s2kit/core";
import type { ObjectStorage } from "../../../../src/storage/object/engine/object-storage.js";
import type { Mutation } from "../../../../src/storage/storage.js";
import { appendOf, linesOf } from "../../../../src/testing/append-source.js";
import { BenchNode, BucketBench } from "./bucket-bench.js";

const ALL = { maxBytes: 64 * 1024 * 1024, endSeqNum: Number.MAX_SAFE_INTEGER };
const STREAMS = 4;
const LIVES = 4;

/** Some streams begin late. Not by chance: a history is known by its seed. */
function startOf(streamId: number): number {
  return streamId % 4 === 3 ? streamId : 0;
}

interface ModelStream {
  readonly bodies: string[];
  trimPoint: number;
}

/** What a store holds, in words. */
class Model {
  readonly streams = new Map<number, ModelStream>();
  readonly meta = new Map<string, string>();

  text(): string {
    const streams = [...this.streams].sort(([a], [b]) => a - b);
    const meta = [...this.meta].sort(([a], [b]) => (a < b ? -1 : 1));
    return JSON.stringify([streams.map(([id, each]) => [id, each.trimPoint, each.bodies]), meta]);
  }

  static of(text: string): Model {
    const [streams, meta] = JSON.parse(text) as [[number, number, string[]][], [string, string][]];
    const model = new Model();
    for (const [id, trimPoint, bodies] of streams) model.streams.set(id, { trimPoint, bodies });
    for (const [key, value] of meta) model.meta.set(key, value);
    return model;
  }
}

export interface EngineResult {
  readonly deaths: number;
  readonly commits: number;
  readonly checkpoints: number;
}

class EngineHistory {
  private readonly bench: BucketBench;
  private readonly random;
  private model = new Model();
  /** The state behind each commit, by position. */
  private readonly behind = new Map<number, string>();
  private confirmed = 0;
  /** Of the last commit. */
  private last = 0;
  private nextStream = 1;
  private words = 0;
  readonly result = { deaths: 0, commits: 0, checkpoints: 0 };

  constructor(seed: number) {
    this.random = seededRandom(seed * 31 + 7);
    const isRough = this.random.next() < 0.5;
    this.bench = new BucketBench(
      isRough
        ? { lost: 0.1, twice: 0.2, refused: 0.05, deleteTwice: 0.2, slow: 0.1 }
        : { slow: 0.1 },
      seed,
    );
    this.behind.set(0, this.model.text());
  }

  async run(): Promise<EngineResult> {
    try {
      for (let life = 0; life < LIVES; life++) await this.live(life);
      return this.result;
    } finally {
      this.bench.stop();
    }
  }

  /** One process from its start to its death, or to a clean close. */
  private async live(life: number): Promise<void> {
    const { bench, random } = this;
    if (random.next() < 0.4) await this.dieOpening(life);
    const node = new BenchNode(`n${life}`);
    const window = randomInteger(random, 1, 4);
    const storage = await bench.open(node, { window, cacheBytes: 0, groupBytes: 8192 });
    await this.verify(storage);
    const steps = randomInteger(random, 1, 40);
    for (let step = 0; step < steps; step++) {
      this.commit(storage);
      if (random.next() < 0.3) await bench.clock.advanceAsync(0);
      if (random.next() < 0.15) await storage.whenDurable(Math.min(this.last, storage.durable + 1));
      if (random.next() < 0.08) this.checkpoint(storage, node);
    }
    if (random.next() < 0.2) {
      await storage.close();
      this.confirmed = Math.max(this.confirmed, storage.durable);
      return;
    }
    await this.turns(randomInteger(random, 0, 60));
    this.confirmed = Math.max(this.confirmed, storage.durable);
    node.isDead = true;
    this.result.deaths++;
  }

  /** A process that dies while it claims. */
  private async dieOpening(life: number): Promise<void> {
    const node = new BenchNode(`d${life}`);
    this.bench.open(node).catch(() => undefined);
    await this.turns(randomInteger(this.random, 1, 80));
    node.isDead = true;
    this.result.deaths++;
  }

  private checkpoint(storage: ObjectStorage, node: BenchNode): void {
    this.result.checkpoints++;
    storage.checkpoint().catch((error: unknown) => {
      if (!node.isDead) throw error;
    });
  }

  private async turns(count: number): Promise<void> {
    for (let turn = 0; turn < count; turn++)
      await new Promise<void>((resolve) => setImmediate(resolve));
  }

  private commit(storage: ObjectStorage): void {
    const { model, random } = this;
    const mutations: Mutation[] = [];
    for (let each = randomInteger(random, 1, 3); each > 0; each--) {
      const mutation = this.mutation();
      if (mutation !== undefined) mutations.push(mutation);
    }
    if (mutations.length === 0) return;
    const { position } = storage.commit(mutations);
    this.last = position;
    this.behind.set(position, model.text());
    this.result.commits++;
  }

  /** Draws a change, and makes it in the model. */
  private mutation(): Mutation | undefined {
    const { model, random } = this;
    const luck = random.next();
    const ids = [...model.streams.keys()];
    const streamId = ids[Math.floor(random.next() * ids.length)];
    const stream = streamId === undefined ? undefined : model.streams.get(streamId);
    if (luck < 0.1 || stream === undefined || streamId === undefined) {
      if (ids.length >= STREAMS) return undefined;
      const fresh = this.nextStream++;
      const tail = { seqNum: startOf(fresh), timestamp: 999 + startOf(fresh) };
      const bodies = Array.from({ length: tail.seqNum }, () => "");
      model.streams.set(fresh, { bodies, trimPoint: tail.seqNum });
      const create = { kind: "create-stream", streamId: fresh, writtenMs: 1 } as const;
      return tail.seqNum === 0 ? create : { ...create, start: { tail, fencingToken: "" } };
    }
    if (luck < 0.65) {
      const bodies = Array.from({ length: randomInteger(random, 1, 3) }, () => this.word());
      const firstSeqNum = stream.bodies.length;
      stream.bodies.push(...bodies);
      return appendOf({ streamId, firstSeqNum, bodies });
    }
    if (luck < 0.75) {
      const trimPoint = randomInteger(random, 0, stream.bodies.length);
      stream.trimPoint = Math.max(stream.trimPoint, trimPoint);
      return { kind: "trim", streamId, trimPoint };
    }
    if (luck < 0.78) {
      model.streams.delete(streamId);
      return { kind: "drop-stream", streamId };
    }
    const key = `k${randomInteger(random, 1, 8)}`;
    if (luck < 0.84) {
      model.meta.delete(key);
      return { kind: "delete", key: Buffer.from(key) };
    }
    const value = this.word();
    model.meta.set(key, value);
    return { kind: "put", key: Buffer.from(key), value: Buffer.from(value) };
  }

  private word(): string {
    return `w${++this.words}-${"x".repeat(randomInteger(this.random, 0, 400))}`;
  }

  /** The state is that behind one of the commits; the model goes on from there. */
  private async verify(storage: ObjectStorage): Promise<void> {
    const { durable } = storage;
    if (durable < this.confirmed)
      throw new Error(`confirmed up to ${this.confirmed}, found up to ${durable}`);
    const expected = this.behind.get(durable);
    if (expected === undefined) throw new Error(`nothing was committed as ${durable}`);
    const found = await contentOf(storage, this.nextStream);
    if (found !== contentText(Model.of(expected)))
      throw new Error(`behind commit ${durable}: found ${found}, not ${expected}`);
    this.model = Model.of(expected);
    for (const position of this.behind.keys()) if (position > durable) this.behind.delete(position);
    this.confirmed = durable;
    this.last = durable;
  }
}

/** What can be read of a store, as text. */
async function contentOf(storage: ObjectStorage, streams: number): Promise<string> {
  const lines: string[] = [];
  for (let streamId = 1; streamId < streams; streamId++) {
    const state = storage.streamState(streamId);
    if (state === undefined) continue;
    const records = linesOf(await storage.read(streamId, 0, ALL)).filter(
      (line) => Number(line.split(":")[0]) >= state.trimPoint,
    );
    lines.push(`${streamId} ${state.trimPoint} ${state.tail.seqNum}`, ...records);
  }
  for (const { key, value } of storage.scanMeta({ prefix: new Uint8Array(0), limit: 1000 }))
    lines.push(`${Buffer.from(key).toString()}=${Buffer.from(value).toString()}`);
  return lines.join("\n");
}

function contentText(model: Model): string {
  const lines: string[] = [];
  for (const [streamId, { bodies, trimPoint }] of [...model.streams].sort(([a], [b]) => a - b)) {
    lines.push(`${streamId} ${trimPoint} ${bodies.length}`);
    for (let seqNum = trimPoint; seqNum < bodies.length; seqNum++)
      lines.push(`${seqNum}:${1000 + seqNum}:${bodies[seqNum]}`);
  }
  const meta = [...model.meta].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [key, value] of meta) lines.push(`${key}=${value}`);
  return lines.join("\n");
}

export function runEngineHistory(seed: number): Promise<EngineResult> {
  return new EngineHistory(seed).run();
}
