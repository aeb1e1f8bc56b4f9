// A queue-like load on a server in a process of its own that is killed and restarted: quiet streams
// beside busy ones that are trimmed all the time, so that log segments are recycled and data files
// merged; readers at many positions, unary and streaming. Every answer is held against the model; the
// first one that is wrong ends the run. Bounded in time and in what it keeps in flight.

import { type ChildProcess, fork } from "node:child_process";
import {
  encodeAppendInput,
  type Random,
  randomInteger,
  sleep,
  systemClock,
  trimRecord,
} from "@s2kit/core";
import { Gone } from "./line.js";
import { FIRST_TIMESTAMP, StreamModel, type StreamShape } from "./model.js";
import { BASIN, Wire } from "./wire.js";

const FOLDER = import.meta.dirname;
const PROTOBUF = "application/protobuf";
const UNARY_READERS = 12;
const BATCHES_PER_SESSION = 400;
const SETTLE_MS = 60_000;

export interface QueueLoadOptions {
  readonly directory: string;
  /** Of load, all lives together; their starts are not counted. */
  readonly seconds: number;
  readonly lives: number;
  readonly random: Random;
  readonly shapes: readonly StreamShape[];
  /** Bytes of records per second, all streams together. */
  readonly bytesPerSecond: number;
  /** Default: the server's. */
  readonly segmentBytes?: number | undefined;
}

export interface QueueLoadResult {
  readonly unaryReads: number;
  readonly streamedBatches: number;
  readonly records: number;
  readonly appends: number;
  readonly appendedBytes: number;
  readonly trims: number;
  readonly kills: number;
}

/** @throws {Error} at the first answer that is wrong: a `Violation` of the model */
export async function runQueueLoad(options: QueueLoadOptions): Promise<QueueLoadResult> {
  const load = new QueueLoad(options);
  await load.run();
  return load.counts;
}

/** One life of the server, and what goes on in it. */
interface Life {
  readonly child: ChildProcess;
  readonly wire: Wire;
  isOver: boolean;
}

class QueueLoad {
  readonly counts = {
    unaryReads: 0,
    streamedBatches: 0,
    records: 0,
    appends: 0,
    appendedBytes: 0,
    trims: 0,
    kills: 0,
  };
  private readonly options: QueueLoadOptions;
  private readonly streams: readonly StreamModel[];
  private failure: Error | undefined;

  constructor(options: QueueLoadOptions) {
    this.options = options;
    this.streams = options.shapes.map((shape) => new StreamModel(shape));
  }

  async run(): Promise<void> {
    const { lives, seconds } = this.options;
    /** Where the reader of each stream goes on, over all lives. */
    const cursors = this.streams.map(() => ({ next: 0 }));
    for (let life = 1; life <= lives; life++) {
      await this.live((seconds * 1000) / lives, cursors, life === lives);
      if (this.failure !== undefined) throw this.failure;
    }
  }

  private async live(
    lifeMs: number,
    cursors: readonly { next: number }[],
    isLast: boolean,
  ): Promise<void> {
    const life = await this.start();
    try {
      await this.recover(life.wire, cursors);
      // How long a start takes is the machine's matter: each life has its time from here on.
      const endMs = systemClock.monotonic() + lifeMs;
      const work = [
        ...this.streams.map((stream) => this.write(life, stream)),
        ...this.streams.map((stream, at) => this.followOn(life, stream, cursors[at] as Cursor)),
        ...this.streams.map((stream) => this.wander(life, stream)),
        ...Array.from({ length: UNARY_READERS }, () => this.readUnary(life)),
      ].map((task) => task.catch((error: unknown) => this.noteFailure(life, error)));
      while (this.failure === undefined && systemClock.monotonic() < endMs)
        await sleep(systemClock, Math.min(50, Math.max(1, endMs - systemClock.monotonic())));
      life.isOver = true;
      if (isLast && this.failure === undefined) await this.settle(cursors);
      await kill(life.child);
      this.counts.kills++;
      await Promise.all(work);
    } finally {
      life.isOver = true;
      await kill(life.child);
      life.wire.close();
    }
  }

  private noteFailure(life: Life, error: unknown): void {
    // What a killed server does not answer is no answer.
    if (error instanceof Gone && (life.isOver || life.child.killed)) return;
    this.failure ??= asError(error);
  }

  /** The readers that go through everything come to the end of what was acknowledged. */
  private async settle(cursors: readonly { next: number }[]): Promise<void> {
    const endMs = systemClock.monotonic() + SETTLE_MS;
    for (const [at, stream] of this.streams.entries())
      while (this.failure === undefined && (cursors[at] as Cursor).next < stream.ackedTail) {
        if (systemClock.monotonic() > endMs)
          stream.fail(`a reader stays behind next=${(cursors[at] as Cursor).next}`);
        await sleep(systemClock, 20);
      }
  }

  private async start(): Promise<Life> {
    const { directory, segmentBytes } = this.options;
    const storage = { kind: "disk", directory, segmentBytes };
    const child = fork(
      `${FOLDER}/../../test/hostile/support/child-server.ts`,
      [JSON.stringify({ storage })],
      {
        execArgv: ["--import", `${FOLDER}/../../test/storage/programs/source-loader.mjs`],
        stdio: ["ignore", "ignore", "inherit", "ipc"],
      },
    );
    const port = await new Promise<number>((resolve, reject) => {
      child.once("message", (message: { port: number }) => resolve(message.port));
      child.once("exit", (code) => reject(new Error(`the server does not start code=${code}`)));
    });
    return { child, wire: new Wire(port), isOver: false };
  }

  private async recover(wire: Wire, cursors: readonly { next: number }[]): Promise<void> {
    await wire.call("PUT", `/v1/basins/${BASIN}`);
    for (const [at, stream] of this.streams.entries()) {
      const { name } = stream.shape;
      await wire.call("PUT", `/v1/streams/${name}`);
      const { status, body } = await wire.call("GET", `/v1/streams/${name}/records/tail`);
      if (status !== 200) stream.fail(`no tail status=${status} ${body.toString()}`);
      const { tail } = JSON.parse(body.toString()) as { tail: { seq_num: number } };
      stream.recovered(tail.seq_num);
      if ((cursors[at] as Cursor).next > tail.seq_num)
        stream.fail(`records that were read are lost next=${(cursors[at] as Cursor).next}`);
    }
  }

  private async write(life: Life, stream: StreamModel): Promise<void> {
    const { shape } = stream;
    const share = this.options.bytesPerSecond * shape.weight;
    const batchMs = ((shape.recordBytes * shape.batchRecords) / share) * 1000;
    for (let turn = 0; !life.isOver; turn++) {
      const startMs = systemClock.monotonic();
      const first = stream.ackedTail;
      const records = Array.from({ length: shape.batchRecords }, (_, index) =>
        stream.record(first + index),
      );
      await this.append(life, stream, records);
      const keep = shape.keepRecords;
      if (keep !== undefined && turn % 8 === 7) await this.trim(life, stream, keep);
      const restMs = batchMs - (systemClock.monotonic() - startMs);
      if (restMs > 0) await sleep(systemClock, restMs);
    }
  }

  private async trim(life: Life, stream: StreamModel, keep: number): Promise<void> {
    const seqNum = stream.ackedTail;
    const trimPoint = Math.max(stream.sentTrim, seqNum - keep);
    stream.sentTrim = trimPoint;
    stream.commands.add(seqNum);
    await this.append(life, stream, [trimRecord(trimPoint, FIRST_TIMESTAMP + seqNum)]);
    stream.ackedTrim = trimPoint;
    this.counts.trims++;
  }

  private async append(
    life: Life,
    stream: StreamModel,
    records: Parameters<typeof encodeAppendInput>[0]["records"],
  ): Promise<void> {
    const seqNum = stream.ackedTail;
    const input = { records, matchSeqNum: seqNum, fencingToken: undefined };
    const message = encodeAppendInput(input);
    stream.sentTail = seqNum + records.length;
    const path = `/v1/streams/${stream.shape.name}/records`;
    const headers = { "content-type": PROTOBUF, accept: PROTOBUF };
    const { status, body } = await life.wire.call("POST", path, headers, message);
    if (status !== 200) stream.fail(`an append is refused status=${status} ${body.toString()}`);
    stream.ackedTail = stream.sentTail;
    this.counts.appends++;
    this.counts.appendedBytes += message.length;
  }

  private async readUnary(life: Life): Promise<void> {
    const { random } = this.options;
    while (!life.isOver && this.failure === undefined) {
      const stream = this.pick();
      const { ackedTail, ackedTrim, shape } = stream;
      if (ackedTail <= ackedTrim) {
        await sleep(systemClock, 1);
        continue;
      }
      const from = this.position(stream);
      const isTimestamp = random.next() < 0.2;
      const start = isTimestamp ? `timestamp=${FIRST_TIMESTAMP + from}` : `seq_num=${from}`;
      // Mostly small: the number of answers counts, not their size.
      const count = randomInteger(random, 1, random.next() < 0.95 ? 4 : 300);
      const { status, body } = await life.wire.call(
        "GET",
        `/v1/streams/${shape.name}/records?${start}&count=${count}`,
        { accept: PROTOBUF },
      );
      const isTrimmed = stream.sentTrim >= ackedTail;
      if (status === 416 && isTrimmed) continue;
      if (status !== 200)
        stream.fail(`a read fails ${start} status=${status} ${body.toString().slice(0, 200)}`);
      const next = stream.prove(body, from, ackedTrim);
      if (next === from && !isTrimmed) stream.fail(`nothing is read ${start}`);
      this.counts.unaryReads++;
      this.counts.records += next - from;
    }
  }

  /** Each quiet stream as often as all queues together. */
  private pick(): StreamModel {
    const { random } = this.options;
    const at = randomInteger(random, 0, this.streams.length - 1);
    const isBusy = (this.streams[at] as StreamModel).shape.weight >= 0.1;
    const again = isBusy && random.next() < 0.7;
    return again ? this.pick() : (this.streams[at] as StreamModel);
  }

  /** The oldest record, one of the newest, or any. */
  private position({ ackedTail, ackedTrim }: StreamModel): number {
    const { random } = this.options;
    const dice = random.next();
    if (dice < 0.2) return ackedTrim;
    if (dice < 0.5) return Math.max(ackedTrim, ackedTail - randomInteger(random, 1, 50));
    return randomInteger(random, ackedTrim, ackedTail - 1);
  }

  /** One reader that goes through a whole stream, over all lives of the server. */
  private async followOn(life: Life, stream: StreamModel, cursor: Cursor): Promise<void> {
    await this.session(life, stream, cursor, Number.POSITIVE_INFINITY);
    if (!life.isOver && !life.child.killed) stream.fail(`a session ends next=${cursor.next}`);
  }

  /** One reader that begins somewhere else again and again. */
  private async wander(life: Life, stream: StreamModel): Promise<void> {
    while (!life.isOver && this.failure === undefined) {
      if (stream.ackedTail > stream.ackedTrim)
        await this.session(life, stream, { next: this.position(stream) }, BATCHES_PER_SESSION);
      else await sleep(systemClock, 5);
    }
  }

  private session(
    life: Life,
    stream: StreamModel,
    cursor: Cursor,
    batches: number,
  ): Promise<"over" | "gone"> {
    const { ackedTrim } = stream;
    let left = batches;
    return life.wire.session(
      `/v1/streams/${stream.shape.name}/records?seq_num=${cursor.next}`,
      (message) => {
        const next = stream.prove(message, cursor.next, ackedTrim);
        if (next !== cursor.next) {
          this.counts.streamedBatches++;
          this.counts.records += next - cursor.next;
          left--;
        }
        cursor.next = next;
        // One that goes through everything does so to the end, while the rest is settled.
        const mayGoOn = !life.isOver || batches === Number.POSITIVE_INFINITY;
        return left > 0 && mayGoOn && this.failure === undefined;
      },
    );
  }
}

interface Cursor {
  next: number;
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await gone;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
