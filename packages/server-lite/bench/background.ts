// What the background costs at size: `pnpm bench:background`, with S2KIT_BENCH_STREAMS streams (default a
// million, a tenth of them in one basin) on the disk engine; S2KIT_BENCH_EARLIER=1 begins with a directory
// of an earlier version, where nothing is on the agenda and no size is known, and takes much longer. For each piece of work: how long it took, the
// longest that the event loop was busy without a break, and the slowest of the appends that went on beside
// it. `busy` is processor time of the loop's own thread between two looks, and tells nothing of what else
// the machine does; `step` is the same without garbage collection, which what the store keeps makes
// long; `stall` is what a clock saw.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { type Clock, encodeAppendInput, systemClock, systemRandom } from "@s2kit/core";
import { DEFAULT_BASIN_CONFIG, DEFAULT_STREAM_CONFIG } from "@s2kit/core/control";
import { Backend } from "../src/backend/backend.js";
import { dueSecsOf, rescheduled } from "../src/backend/catalog/agenda.js";
import { AGENDA } from "../src/backend/catalog/keys/agenda-entry.js";
import { BASIN } from "../src/backend/catalog/keys/basin.js";
import { CENSUS } from "../src/backend/catalog/keys/census-record.js";
import { ONLY, put } from "../src/backend/catalog/keys/key-kind.js";
import { STREAM_ID } from "../src/backend/catalog/keys/stream-id.js";
import { STREAM_ROW, type StreamMark } from "../src/backend/catalog/keys/usage-stream.js";
import { type DiskEngine, openDiskStorage } from "../src/storage/disk/engine/open-disk-storage.js";
import type { Mutation } from "../src/storage/storage.js";
import { appendOf } from "../src/testing/append-source.js";
import { machine, percentile } from "./storage-harness.js";
import { watchThread } from "./watch-thread.js";

const STREAMS = Number(process.env["S2KIT_BENCH_STREAMS"] ?? 1_000_000);
const BIG = "big-basin";
const BIG_STREAMS = STREAMS / 10;
const IS_EARLIER = process.env["S2KIT_BENCH_EARLIER"] === "1";
const LIVE = { basin: "live-basin", stream: "live" };
const DAY_MS = 86_400_000;

/** Ticks come every two seconds instead of every minute, and the wall clock can be moved. */
let offsetMs = 0;
const clock: Clock = {
  now: () => systemClock.now() + offsetMs,
  monotonic: () => systemClock.monotonic(),
  setTimer: (callback, delayMs, options) =>
    systemClock.setTimer(callback, delayMs >= 10_000 ? delayMs / 30 : delayMs, options),
};

interface Node {
  readonly storage: DiskEngine;
  readonly backend: Backend;
}

async function open(directory: string): Promise<Node> {
  const storage = await openDiskStorage({ directory, clock });
  const backend = new Backend(
    { appendInflightBytes: 1 << 26 },
    {
      storage,
      clock,
      random: systemRandom,
      onBackgroundError: (error) => process.stdout.write(`  background: ${String(error)}\n`),
    },
  );
  return { storage, backend };
}

async function close({ storage, backend }: Node): Promise<void> {
  await backend.close();
  await storage.maintain();
  await storage.close();
}

/** A directory whose server was killed, so that the next one counts everything. */
async function fill(directory: string): Promise<void> {
  const storage = await openDiskStorage({ directory, clock });
  const batch = appendOf({ streamId: 1, firstSeqNum: 0, bodies: [new Uint8Array(100)] });
  const createdMs = clock.now();
  const basins = [LIVE.basin, BIG, ...Array.from({ length: 9 }, (_, at) => `basin-${at}-of-nine`)];
  const record = { createdMs, location: "local", config: DEFAULT_BASIN_CONFIG };
  storage.commit(basins.map((basin) => put(BASIN, basin, record)));
  let last = 0;
  for (let at = 0; at < STREAMS; at += 500) {
    const mutations: Mutation[] = [put(STREAM_ID, ONLY, at + 500)];
    for (let streamId = at + 1; streamId <= at + 500; streamId++) {
      // A tenth is due two days before the others.
      const writtenMs = streamId % 9 === 0 ? createdMs - 2 * DAY_MS : createdMs;
      const basin = streamId <= BIG_STREAMS ? BIG : (basins[2 + (streamId % 9)] as string);
      const name = { basin, stream: nameOf(streamId) };
      const value = { streamId, createdMs: writtenMs, config: DEFAULT_STREAM_CONFIG };
      const dueSecs = IS_EARLIER ? undefined : dueSecsOf(value.config, { nowMs: writtenMs });
      mutations.push(
        { kind: "create-stream", streamId, writtenMs },
        { ...batch, streamId, writtenMs },
        ...rescheduled(name, value, dueSecs).mutations,
      );
      const marks: StreamMark[] = [[Math.floor(writtenMs / 60_000) * 60, 108, 1, 108]];
      if (!IS_EARLIER) mutations.push(put(STREAM_ROW, streamId, { basin, appended: 108, marks }));
    }
    await storage.whenDurable(last);
    last = storage.commit(mutations).position;
  }
  if (!IS_EARLIER) storage.commit([put(CENSUS, ONLY, { version: 0, isClean: false })]);
  // A last checkpoint of all this would take longer than a close may.
  await storage.maintain();
  await storage.close();
}

function nameOf(streamId: number): string {
  return `stream-${String(streamId).padStart(9, "0")}`;
}

/** Runs a piece of work beside a closed loop of small appends. */
async function measure(what: string, { backend }: Node, work: () => Promise<void>): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const latencies: number[] = [];
  let isDone = false;
  const appending = (async () => {
    const message = encodeAppendInput({ records: [{ headers: [], body: new Uint8Array(100) }] });
    while (!isDone) {
      const start = performance.now();
      await new Promise<void>((resolve, reject) => {
        void backend.append(() => backend.openAppend(LIVE), message, {
          acked: () => resolve(),
          failed: reject,
        });
      });
      latencies.push(performance.now() - start);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  })();
  const busy = watchThread();
  const cpu = process.cpuUsage();
  const start = performance.now();
  delay.enable();
  await work();
  delay.disable();
  const { busyMs, stepMs } = await busy();
  const tookMs = performance.now() - start;
  isDone = true;
  await appending;
  const { user, system } = process.cpuUsage(cpu);
  const stall = Math.max(0, delay.max / 1e6 - 1);
  const p99 = Math.max(0, delay.percentile(99.9) / 1e6 - 1);
  process.stdout.write(
    `${what.padEnd(52)} ${tookMs.toFixed(0).padStart(8)} ms  cpu ${((user + system) / 1000).toFixed(0).padStart(7)} ms  ` +
      `busy p99.9 ${shown(percentile(busyMs, 0.999))} max ${shown(longest(busyMs))} ms  ` +
      `step max ${shown(longest(stepMs))} ms  ` +
      `stall p99.9 ${p99.toFixed(1).padStart(6)} max ${stall.toFixed(1).padStart(6)} ms  ` +
      `append p99 ${percentile(latencies, 0.99).toFixed(1).padStart(6)} max ${Math.max(...latencies)
        .toFixed(1)
        .padStart(6)} ms\n`,
  );
}

function longest(samples: readonly number[]): number {
  return samples.reduce((a, b) => Math.max(a, b), 0);
}

function shown(ms: number): string {
  return ms.toFixed(1).padStart(5);
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

const rest = (ms: number) => (): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

machine();
const directory = mkdtempSync(join(tmpdir(), "s2kit-background-"));
try {
  const began = performance.now();
  await fill(directory);
  process.stdout.write(
    `${STREAMS} streams made in ${((performance.now() - began) / 1000).toFixed(1)} s\n`,
  );
  globalThis.gc?.();
  const opening = performance.now();
  let node = await open(directory);
  process.stdout.write(`open, before the census: ${(performance.now() - opening).toFixed(0)} ms\n`);
  node.backend.shard.streams.create(LIVE);
  const isCounted = (): boolean => node.backend.shard.catalog.get(CENSUS, ONLY)?.version === 1;
  await measure(`census of ${STREAMS} streams`, node, () => until(isCounted));
  await measure("what it put on the agenda for now", node, () => until(() => isIdle(node)));
  await close(node);
  globalThis.gc?.();
  const again = performance.now();
  node = await open(directory);
  process.stdout.write(`open after a clean stop: ${(performance.now() - again).toFixed(0)} ms\n`);
  process.stdout.write(`rss ${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MiB\n`);
  await measure("at rest, three ticks of every job", node, rest(7000));
  await one("delete one stream of the full store", node, BIG, nameOf(1));
  await measure("create 10 000 streams", node, async () => {
    for (let at = 0; at < 10_000; at += 100) {
      for (let more = at; more < at + 100; more++)
        node.backend.shard.streams.create({ basin: LIVE.basin, stream: `made-${more}` });
      await node.backend.settled();
    }
  });
  await measure(`flush usage of ${BIG_STREAMS / 10} busy streams`, node, async () => {
    const message = encodeAppendInput({ records: [{ headers: [], body: new Uint8Array(10) }] });
    for (let streamId = 2; streamId < 2 + BIG_STREAMS / 10; streamId++)
      await new Promise<void>((resolve, reject) => {
        const stream = nameOf(streamId);
        void node.backend.append(() => node.backend.openAppend({ basin: BIG, stream }), message, {
          acked: () => resolve(),
          failed: reject,
        });
      });
    await node.backend.shard.usage.flush();
  });
  await measure(`delete a basin of ${BIG_STREAMS} streams`, node, async () => {
    node.backend.basins.delete(BIG);
    await until(() => node.backend.shard.catalog.basin(BIG) === undefined);
  });
  offsetMs = 6 * DAY_MS;
  await measure(`retention of ${BIG_STREAMS} streams that are due at once`, node, () =>
    until(() => isIdle(node)),
  );
  await close(node);
} finally {
  rmSync(directory, { recursive: true, force: true });
}

const small = mkdtempSync(join(tmpdir(), "s2kit-background-"));
try {
  const node = await open(small);
  node.backend.basins.create({ basin: LIVE.basin });
  node.backend.shard.streams.create(LIVE);
  node.backend.shard.streams.create({ basin: LIVE.basin, stream: "one" });
  await one("delete one stream of a store that has two", node, LIVE.basin, "one");
  await close(node);
} finally {
  rmSync(small, { recursive: true, force: true });
}

async function one(what: string, node: Node, basin: string, stream: string): Promise<void> {
  await measure(what, node, async () => {
    node.backend.shard.streams.delete({ basin, stream });
    await until(() => node.backend.shard.catalog.stream(basin, stream) === undefined);
  });
}

/** Nothing on the agenda is due. */
function isIdle({ backend }: Node): boolean {
  const [first] = backend.shard.catalog.page(AGENDA, {
    prefix: "",
    startAfter: "",
    limit: 1,
  }).items;
  return first === undefined || AGENDA.partsOf(first.name).dueSecs > clock.now() / 1000;
}
