// One seeded story of a few streams on any engine: writers, trims by command and by age, streams that
// are dropped and made anew, and the background at work all the time; beside every writer readers of
// each kind (bounded, following, from a seqNum, from a timestamp). The model knows each record: a
// reader sees it once, in order, and skips only what is trimmed.

import {
  type AppendRecord,
  decodeReadBatch,
  decodeUtf8Lossy,
  encodeAppendInput,
  encodeUtf8,
  type Random,
  type ReadQuery,
  randomInteger,
  S2Error,
  seededRandom,
  trimRecord,
} from "@s2kit/core";
import { DEFAULT_STREAM_CONFIG } from "@s2kit/core/control";
import { AppendBatch, scanAppendInput } from "@s2kit/core/server";
import type { SimulatedClock } from "@s2kit/core/testing";
import { createPendingAppends } from "../../src/backend/append/pending-appends.js";
import { Streamer, type StreamerComponents } from "../../src/backend/append/streamer.js";
import { planRead } from "../../src/backend/read/read-plan.js";
import type { Reader } from "../../src/backend/read/reader.js";
import { createReader } from "../../src/backend/read/stream-reader.js";
import type { Storage } from "../../src/storage/storage.js";

export interface UpkeepOptions {
  readonly seed: number;
  readonly storage: Storage;
  readonly steps: number;
  /** Passes while the story goes on; the one of the engine too, when it is simulated. */
  readonly clock: SimulatedClock;
  /** All background work there is now; nothing on engines without one. */
  readonly maintain: () => Promise<void>;
}

export interface UpkeepResult {
  /** Records that readers saw, each held against the model. */
  readonly records: number;
  readonly readers: number;
}

interface ModelStream {
  readonly streamer: Streamer;
  readonly id: number;
  trimPoint: number;
  isDropped: boolean;
}

/** What a reader was asked for next. */
interface Progress {
  readonly stream: ModelStream;
  next: number;
}

interface Following extends Progress {
  readonly reader: Reader;
  done: Promise<void>;
}

const STREAMS = 3;
/** A few of these are more than a reader takes at once. */
const LARGE = 400_000;

/** @throws {Error} at the first hole, repeat or foreign record */
export async function runUpkeep(options: UpkeepOptions): Promise<UpkeepResult> {
  const story = new Story(options);
  await story.run();
  return { records: story.records, readers: story.readers };
}

class Story {
  records = 0;
  readers = 0;
  private readonly options: UpkeepOptions;
  private readonly random: Random;
  private readonly clock: SimulatedClock;
  private readonly context: StreamerComponents;
  private readonly streams: ModelStream[] = [];
  private nextId = 1;
  private readonly followers: Following[] = [];
  private readonly unary = new Set<Promise<void>>();
  private failure: Error | undefined;
  private upkeep: Promise<void> | undefined;

  constructor(options: UpkeepOptions) {
    this.options = options;
    this.clock = options.clock;
    this.random = seededRandom(options.seed);
    const { storage } = options;
    const pending = createPendingAppends(storage);
    this.context = {
      storage,
      pending,
      now: () => this.clock.now(),
      lastPosition: 0,
      openLeases: 0,
    };
  }

  async run(): Promise<void> {
    for (let at = 0; at < STREAMS; at++) this.streams.push(this.create());
    for (let step = 0; step < this.options.steps && this.failure === undefined; step++) {
      await this.act();
      this.clock.advance(randomInteger(this.random, 0, 30));
      if (this.random.next() < 0.7) await new Promise((resolve) => setImmediate(resolve));
    }
    await this.passing(Promise.all([...this.unary, this.upkeep]));
    // Followers come to the very end, then they are told to go.
    for (const stream of this.streams) await this.passing(this.append(stream, 1, 10));
    for (const follower of this.followers) {
      const { stream, reader, done } = follower;
      while (!stream.isDropped && follower.next < stream.streamer.stableTail.seqNum) {
        if (this.failure !== undefined) break;
        await this.turn();
      }
      reader.close();
      await done;
    }
    if (this.failure !== undefined) throw this.failure;
  }

  /** Waits, and lets time pass meanwhile: throttled writes go by the clock. */
  private async passing<T>(waiting: Promise<T>): Promise<T> {
    let isDone = false;
    const done = waiting.finally(() => {
      isDone = true;
    });
    while (!isDone) await this.turn();
    return done;
  }

  private async turn(): Promise<void> {
    this.clock.advance(10);
    await new Promise((resolve) => setImmediate(resolve));
  }

  private async act(): Promise<void> {
    const { random } = this;
    const at = Math.floor(random.next() * STREAMS);
    const stream = this.streams[at] as ModelStream;
    const dice = random.next();
    // The first stream is quiet: its records lie in many files. The others are queues.
    if (dice < 0.4) {
      const size = random.next() < 0.15 ? LARGE : 700;
      const count = at === 0 ? 1 : randomInteger(random, 1, 5);
      void this.append(stream, count, Math.ceil(size / count));
    } else if (dice < 0.5 && at !== 0) {
      this.trimByCommand(stream);
      if (random.next() < 0.5) void this.append(stream, 3, 10);
    } else if (dice < 0.56 && at !== 0) await this.passing(this.trimByAge(stream));
    else if (dice < 0.58 && at !== 0) this.streams[at] = this.replace(stream);
    else if (dice < 0.7) await this.passing(this.follow(stream));
    else if (dice < 0.85)
      this.upkeep ??= this.options.maintain().finally(() => {
        this.upkeep = undefined;
      });
    for (const other of this.streams) if (random.next() < 0.3) this.readOnce(other);
  }

  private create(): ModelStream {
    const id = this.nextId++;
    const { storage } = this.options;
    const commit = storage.commit([{ kind: "create-stream", streamId: id, writtenMs: 0 }]);
    this.context.lastPosition = commit.position;
    const streamer = new Streamer(this.context, { streamId: id, config: DEFAULT_STREAM_CONFIG });
    return { streamer, id, trimPoint: 0, isDropped: false };
  }

  private replace(stream: ModelStream): ModelStream {
    stream.isDropped = true;
    stream.streamer.retire(new S2Error({ code: "stream_deletion_pending", message: "going" }));
    this.options.storage.commit([{ kind: "drop-stream", streamId: stream.id }]);
    return this.create();
  }

  private send(stream: ModelStream, records: readonly AppendRecord[]): Promise<void> {
    const input = { records, matchSeqNum: undefined, fencingToken: undefined };
    return new Promise<void>((resolve, reject) => {
      stream.streamer.append(scanAppendInput(encodeAppendInput(input), new AppendBatch()), {
        acked: () => resolve(),
        failed: reject,
      });
    }).catch((error: unknown) => {
      this.failure ??= asError(error);
    });
  }

  private append(stream: ModelStream, count: number, bytes: number): Promise<void> {
    const first = stream.streamer.tail.seqNum;
    const records = Array.from({ length: count }, (_, index) => ({
      timestamp: undefined,
      headers: [],
      body: encodeUtf8(`${stream.id}.${first + index}.${"x".repeat(bytes)}`),
    }));
    return this.send(stream, records);
  }

  private trimByCommand(stream: ModelStream): void {
    const { tail } = stream.streamer;
    const trimPoint = Math.max(0, tail.seqNum - randomInteger(this.random, 0, 5));
    void this.send(stream, [trimRecord(trimPoint)]);
    stream.trimPoint = Math.max(stream.trimPoint, trimPoint);
  }

  private async trimByAge(stream: ModelStream): Promise<void> {
    const { storage } = this.options;
    const nowMs = this.clock.now();
    const trimPoint = await storage.seekWritten(stream.id, nowMs - 2000, nowMs);
    const state = storage.streamState(stream.id);
    if (stream.isDropped || state === undefined || trimPoint <= state.trimPoint) return;
    storage.commit([{ kind: "trim", streamId: stream.id, trimPoint }]);
    stream.streamer.trimTo(trimPoint);
    stream.trimPoint = Math.max(stream.trimPoint, trimPoint);
  }

  private async open(stream: ModelStream, query: ReadQuery): Promise<Reader | undefined> {
    const { storage } = this.options;
    try {
      const plan = await planRead(storage, stream.streamer, query);
      const context = { storage, clock: this.clock, random: this.random, decrypt: undefined };
      return createReader(context, stream.streamer, plan);
    } catch (error) {
      if (error instanceof S2Error && error.status === 416) return undefined;
      throw error;
    }
  }

  private async follow(stream: ModelStream): Promise<void> {
    const seqNum = randomInteger(this.random, 0, stream.streamer.stableTail.seqNum);
    const reader = await this.open(stream, { from: { seqNum } });
    if (reader === undefined) return;
    const follower: Following = { reader, stream, next: seqNum, done: Promise.resolve() };
    follower.done = this.drain(reader, follower).catch((error: unknown) => {
      this.failure ??= asError(error);
    });
    this.followers.push(follower);
  }

  private readOnce(stream: ModelStream): void {
    const { random } = this;
    const seqNum = randomInteger(random, 0, Math.max(0, stream.streamer.stableTail.seqNum - 1));
    const count = randomInteger(random, 1, 60);
    // Timestamps are those of the clock, and many records share one: the seqNum is the safe bound.
    const from = random.next() < 0.7 ? { seqNum } : { timestamp: 1 };
    const reading = (async () => {
      const reader = await this.open(stream, { from, count });
      const next = "seqNum" in from ? seqNum : 0;
      if (reader !== undefined) await this.drain(reader, { stream, next });
    })().catch((error: unknown) => {
      this.failure ??= asError(error);
    });
    this.unary.add(reading);
    void reading.finally(() => this.unary.delete(reading));
  }

  /** Everything a reader gives, held against the model. */
  private async drain(reader: Reader, progress: Progress): Promise<void> {
    const { stream } = progress;
    this.readers++;
    try {
      for (let item = await reader.next(); item !== undefined; item = await reader.next())
        for (const part of item.parts)
          for (const { seqNum, body, headers } of decodeReadBatch(part).records) {
            const { next } = progress;
            if (seqNum < next) throw new Error(`a repeat wanted=${next} found=${seqNum}`);
            if (seqNum > Math.max(next, stream.trimPoint))
              throw new Error(`a hole wanted=${next} found=${seqNum} trim=${stream.trimPoint}`);
            const isCommand = headers.length > 0;
            const head = `${stream.id}.${seqNum}.`;
            // The rest of a large body says nothing more.
            if (!isCommand && decodeUtf8Lossy(body.subarray(0, head.length)) !== head)
              throw new Error(`a foreign record stream=${stream.id} seqNum=${seqNum}`);
            progress.next = seqNum + 1;
            this.records++;
          }
    } catch (error) {
      const isGone = error instanceof S2Error && error.code === "stream_deletion_pending";
      if (!isGone || !stream.isDropped) throw error;
    } finally {
      reader.close();
    }
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
