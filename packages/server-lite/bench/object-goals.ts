// What an append to the object engine waits for, and what a start costs, beside the bare requests
// of the same run: `pnpm bench:goals [PUT_MS] [SECONDS] [STREAMS]`. The store is the double over
// real sockets, in a process of its own, whose PUTs take effect late: the latency outweighs what
// the machine adds. With `--peer s2` our server beside the official one instead: `goals/beside-peer`.

import { seededRandom, systemClock } from "@s2kit/core";
import { openLmdbStateStore } from "../src/storage/disk/state/lmdb-state-store.js";
import {
  MemoryStateMedium,
  openMemoryStateStore,
} from "../src/storage/disk/state/memory-state-store.js";
import type { StateStore } from "../src/storage/log/state-store.js";
import { createCredentials } from "../src/storage/object/client/credentials/credentials.js";
import { openBucket } from "../src/storage/object/client/open-bucket.js";
import type { SteadyHooks } from "../src/storage/object/client/steady/steady-hooks.js";
import { SteadyStore } from "../src/storage/object/client/steady/steady-store.js";
import type { ObjectStorage } from "../src/storage/object/engine/object-storage.js";
import { openObjectStorage } from "../src/storage/object/engine/open-object-storage.js";
import { openScratchState } from "../src/storage/object/state/scratch-state.js";
import { sequencedBatch } from "../src/testing/append-source.js";
import { KEYS } from "../test/support/bucket-double/double.js";
import { besidePeer } from "./goals/beside-peer.js";
import { DoubleProcess } from "./goals/double-process.js";
import { GOALS_USAGE, type GoalsOptions, parseGoals } from "./goals/options.js";

const MIB = 1024 * 1024;
/** Of the engine's defaults. */
const LINGER_MS = 25;
const WINDOW = 4;
const LOG_BYTES = 64 * MIB;
const options = asked();
if (options.peer !== undefined) {
  await besidePeer(options);
  process.exit(0);
}
const { putMs, seconds, streamCount } = options;

function asked(): GoalsOptions {
  try {
    return parseGoals(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    process.stderr.write(`${error.message}\n\n${GOALS_USAGE}`);
    process.exit(2);
  }
}

const double = await DoubleProcess.start();
/** All requests take effect so late from now on. */
const delay = (effectMs: number): Promise<void> => double.delay(effectMs);

const source = { name: "the benchmark", load: async () => createCredentials(KEYS) };
let puts = 0;
let putBytes = 0;

/** The bucket under a prefix of its own. */
async function storeAt(prefix: string): Promise<SteadyStore> {
  const bucket = await openBucket(
    { bucket: "bucket", prefix, endpoint: double.url },
    { clock: systemClock, environment: {}, credentials: source },
  );
  const hooks: SteadyHooks = {
    attempted: ({ operation, bytes }) => {
      if (operation !== "put") return;
      puts++;
      putBytes += bytes;
    },
  };
  return SteadyStore.over(bucket.store, {}, { clock: systemClock, random: seededRandom(1), hooks });
}

const open = (
  store: SteadyStore,
  openState: () => StateStore | Promise<StateStore> = () =>
    openMemoryStateStore(new MemoryStateMedium()),
): Promise<ObjectStorage> =>
  openObjectStorage({
    store,
    openState,
    clock: systemClock,
    maintenance: "manual",
    logBytes: 1024 * MIB,
    logSlots: 100_000,
  });

/** The value below which so many of 100 are. */
const percentile = (sorted: readonly number[], part: number): number =>
  sorted[Math.min(Math.floor((sorted.length * part) / 100), sorted.length - 1)] ?? Number.NaN;
const round = (value: number): number => Math.round(value * 100) / 100;

interface Row {
  readonly what: string;
  readonly "p50 ms": number;
  readonly "p99 ms": number;
  readonly "PUT/s": number;
  readonly "MiB/s": number;
  readonly "bytes PUT per byte": number;
}

async function measured(
  what: string,
  bytesOfOne: number,
  work: (over: () => boolean) => Promise<readonly number[]>,
): Promise<Row> {
  const before = { puts, putBytes };
  const sinceMs = performance.now();
  const latencies = await work(() => performance.now() - sinceMs > seconds * 1000);
  const tookS = (performance.now() - sinceMs) / 1000;
  const sorted = latencies.toSorted((a, b) => a - b);
  const bytes = latencies.length * bytesOfOne;
  return {
    what,
    "p50 ms": round(percentile(sorted, 50)),
    "p99 ms": round(percentile(sorted, 99)),
    "PUT/s": round((puts - before.puts) / tookS),
    "MiB/s": round(bytes / MIB / tookS),
    "bytes PUT per byte": round((putBytes - before.putBytes) / bytes),
  };
}

let streams = 0;

/** Clients that append a record each, and the next one when it is durable. */
function clients(storage: ObjectStorage, count: number, bytes: number) {
  return async (isOver: () => boolean): Promise<readonly number[]> => {
    const latencies: number[] = [];
    const body = seededRandom(bytes).bytes(bytes);
    const run = async (): Promise<void> => {
      const streamId = ++streams;
      storage.commit([{ kind: "create-stream", streamId, writtenMs: 1 }]);
      for (let firstSeqNum = 0; !isOver(); firstSeqNum++) {
        const batch = sequencedBatch([body], [1000 + firstSeqNum]);
        const sinceMs = performance.now();
        const append = { kind: "append", streamId, batch, firstSeqNum, writtenMs: 1 } as const;
        await storage.whenDurable(storage.commit([append]).position);
        latencies.push(performance.now() - sinceMs);
      }
    };
    await Promise.all(Array.from({ length: count }, run));
    return latencies;
  };
}

/** PUTs of so many bytes, as many at once as the engine has. */
async function barePuts(
  store: SteadyStore,
  bytes: number,
  isOver: () => boolean,
): Promise<readonly number[]> {
  const latencies: number[] = [];
  const body = seededRandom(bytes).bytes(bytes);
  let number = 0;
  const run = async (): Promise<void> => {
    while (!isOver()) {
      const sinceMs = performance.now();
      await store.putIfAbsent(`bare/${bytes}/${number++}`, [body]);
      latencies.push(performance.now() - sinceMs);
    }
  };
  await Promise.all(Array.from({ length: WINDOW }, run));
  return latencies;
}

/** A state of many streams, in runs, as the next owner loads it into a scratch store. */
async function startWithStreams(): Promise<void> {
  await delay(0);
  const store = await storeAt("streams");
  const scratch = () =>
    openScratchState((directory) => openLmdbStateStore(directory, { isScratch: true }));
  const made = await open(store, scratch);
  let last = 0;
  for (let first = 1; first <= streamCount; first += 1000) {
    const all = Array.from({ length: 1000 }, (_, at) => first + at);
    const create = (streamId: number) =>
      ({ kind: "create-stream", streamId, writtenMs: 1 }) as const;
    ({ position: last } = made.commit(all.map(create)));
    if (first % 16_000 === 1) await made.whenDurable(last);
  }
  await made.whenDurable(last);
  await made.checkpoint();
  await delay(10);
  const fromMs = performance.now();
  const opened = await open(store, scratch);
  const tookMs = Math.round(performance.now() - fromMs);
  console.log(`a start with ${streamCount} streams, requests of 10 ms and more: ${tookMs} ms`);
  await opened.close();
  await made.close();
}

const rows: Row[] = [];
const steady = await storeAt("appends");
await delay(putMs);
for (const [count, bytes] of [
  [1, 1024],
  [256, 1024],
  [64, 256 * 1024],
] as const) {
  const storage = await open(steady);
  const what = `${count} clients of ${bytes / 1024} KiB`;
  rows.push(await measured(what, bytes, clients(storage, count, bytes)));
  await storage.close();
}
for (const bytes of [1024, 64 * 1024, 4 * MIB])
  rows.push(
    await measured(`bare PUTs of ${bytes / 1024} KiB, ${WINDOW} at once`, bytes, (isOver) =>
      barePuts(steady, bytes, isOver),
    ),
  );
console.table(rows);
console.log(`PUTs take ${putMs} ms longer than they do; linger ${LINGER_MS} ms`);

await delay(0);
const starts = await storeAt("starts");
const filled = await open(starts);
let position = 0;
const body = new Uint8Array(64 * 1024);
for (let at = 0; at < LOG_BYTES / body.length; at++) {
  const streamId = 1_000_000;
  if (at === 0) filled.commit([{ kind: "create-stream", streamId, writtenMs: 1 }]);
  const batch = sequencedBatch([body], [1000 + at]);
  const append = { kind: "append", streamId, batch, firstSeqNum: at, writtenMs: 1 } as const;
  ({ position } = filled.commit([append]));
  if (at % 64 === 63) await filled.whenDurable(position);
}
await filled.whenDurable(position);
await delay(10);
const sinceMs = performance.now();
// As after a death: nobody gave the shard away.
const next = await open(starts);
console.log(
  `a start with ${LOG_BYTES / MIB} MiB of log, requests of 10 ms and more: ${Math.round(performance.now() - sinceMs)} ms`,
);
const idleFrom = puts;
await new Promise((resolve) => setTimeout(resolve, 3000));
console.log(`PUTs of an idle engine in 3 s, but for its lease: ${puts - idleFrom}`);
await next.close();
await startWithStreams();
double.end();
process.exit(0);
