// Benchmarks of the storage layer alone: `pnpm bench:storage [section...]`. Sections: bulk, small,
// single, read, recover, trim, million, soak (S2KIT_SOAK_SECONDS, default 20). Figures are medians of five
// where a run is short; the machine should have nothing else to do.

import * as fs from "node:fs";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@s2kit/core";
import { type DiskEngine, openDiskStorage } from "../src/storage/disk/open-disk-storage.js";
import type { AppendMutation } from "../src/storage/storage.js";
import { appendOf } from "../src/testing/append-source.js";
import { machine, median, medianOf, percentile, report, withStore } from "./storage-harness.js";

const MIB = 1024 * 1024;
const RUNS = 5;
const sections: Record<string, () => Promise<void>> = {
  bulk,
  small,
  single,
  read,
  recover,
  trim,
  million,
  soak,
};

machine();
const wanted = process.argv.slice(2);
for (const [name, run] of Object.entries(sections))
  if (wanted.length === 0 || wanted.includes(name)) await run();

/** A stream with an append mutation that is used again and again. */
function openStream(storage: DiskEngine, streamId: number, records: number, bytes: number) {
  storage.commit([{ kind: "create-stream", streamId, writtenMs: 1 }]);
  const bodies = Array.from({ length: records }, () => new Uint8Array(bytes).fill(65));
  const made = appendOf({ streamId, firstSeqNum: 0, bodies });
  let firstSeqNum = 0;
  return (): AppendMutation => {
    const mutation = { ...made, firstSeqNum };
    firstSeqNum += records;
    return mutation;
  };
}

/** Keeps `depth` commits outstanding for some time; answers commits per second. */
async function closedLoop(
  storage: DiskEngine,
  depth: number,
  seconds: number,
  next: () => AppendMutation,
): Promise<number> {
  const commits = Array.from({ length: depth }, () => 0);
  const end = performance.now() + seconds * 1000;
  const start = performance.now();
  let done = 0;
  let head = 0;
  const positions: number[] = [];
  await new Promise<void>((resolve) => {
    const fill = (): void => {
      while (head < positions.length && (positions[head] as number) <= storage.durable) {
        head++;
        done++;
      }
      if (head > 100_000) {
        positions.splice(0, head);
        head = 0;
      }
      if (performance.now() >= end) {
        if (head === positions.length) resolve();
        return;
      }
      while (positions.length - head < commits.length)
        positions.push(storage.commit([next()]).position);
    };
    storage.onDurable(fill);
    fill();
  });
  return done / ((performance.now() - start) / 1000);
}

/** Bandwidth of bare positional writes of `bytes` to a preallocated durable file, one in flight. */
async function rawBandwidth(bytes: number, seconds: number): Promise<number> {
  return rawWrites(bytes, seconds, (rate) => rate * bytes);
}

async function rawWrites<T>(
  bytes: number,
  seconds: number,
  result: (perSecond: number, latenciesUs: number[]) => T,
  isInline = false,
): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), "s2kit-raw-"));
  const fileBytes = 64 * MIB;
  const path = join(directory, "raw");
  fs.writeFileSync(path, new Uint8Array(fileBytes));
  const fd = fs.openSync(path, fs.constants.O_RDWR | fs.constants.O_DSYNC);
  fs.fsyncSync(fd);
  const payload = new Uint8Array(bytes).fill(66);
  const latencies: number[] = [];
  const start = performance.now();
  let at = 0;
  while (performance.now() - start < seconds * 1000) {
    const began = performance.now();
    if (isInline) fs.writeSync(fd, payload, 0, bytes, at);
    else
      await new Promise<void>((resolve, reject) =>
        fs.write(fd, payload, 0, bytes, at, (error) =>
          error === null ? resolve() : reject(error),
        ),
      );
    latencies.push((performance.now() - began) * 1000);
    at = at + 2 * bytes > fileBytes ? 0 : at + Math.ceil(bytes / 4096) * 4096;
  }
  const perSecond = latencies.length / ((performance.now() - start) / 1000);
  fs.closeSync(fd);
  rmSync(directory, { recursive: true });
  return result(perSecond, latencies);
}

async function bulk(): Promise<void> {
  const raw = await medianOf(RUNS, () => rawBandwidth(4 * MIB, 0.5));
  const goal = ">= 0.5";
  const what = "100 x 1 KiB appends, one stream, 64 outstanding";
  // Into recycled segments, as after any trim; the background is paused for the burst.
  const burst = await withStore({}, async (storage) => {
    const next = openStream(storage, 1, 100, 1024);
    const values: number[] = [];
    for (let run = 0; run < RUNS + 1; run++) {
      storage.resumeMaintenance();
      await trimAll(storage, 1);
      storage.pauseMaintenance();
      const bytes = await closedLoop(storage, 64, 0.25, next);
      if (run > 0) values.push(bytes * 100 * 1024);
    }
    return median(values);
  });
  report({ what: `${what}, burst`, value: burst / 1e6, unit: "MB/s", reference: raw / 1e6, goal });
  const steady = await withStore({}, async (storage) => {
    const next = openStream(storage, 1, 100, 1024);
    return (await closedLoop(storage, 64, 6, next)) * 100 * 1024;
  });
  // Every byte is written twice then: to the log and to a data file.
  report({
    what: `${what}, 6 s with rewriting`,
    value: steady / 1e6,
    unit: "MB/s",
    reference: raw / 1e6,
  });
}

/** Trims a stream whole and waits until its space is back. */
async function trimAll(storage: DiskEngine, streamId: number): Promise<void> {
  const trimPoint = storage.streamState(streamId)?.tail.seqNum ?? 0;
  await storage.whenDurable(storage.commit([{ kind: "trim", streamId, trimPoint }]).position);
  await storage.maintain();
  await storage.maintain();
}

async function small(): Promise<void> {
  const streams = 1000;
  const value = await medianOf(RUNS, () =>
    withStore({ cacheBytes: 64 * MIB }, async (storage) => {
      // One batch for all, as a server scans into one: a thousand of them would not fit the caches.
      const one = appendOf({ streamId: 1, firstSeqNum: 0, bodies: [new Uint8Array(150)] });
      const nexts = Array.from({ length: streams }, (_, index) => {
        const streamId = index + 1;
        storage.commit([{ kind: "create-stream", streamId, writtenMs: 1 }]);
        let firstSeqNum = 0;
        return () => ({ ...one, streamId, firstSeqNum: firstSeqNum++ });
      });
      let turn = 0;
      const next = () => (nexts[turn++ % streams] as () => AppendMutation)();
      await closedLoop(storage, streams, 0.3, next);
      return closedLoop(storage, streams, 1.2, next);
    }),
  );
  report({
    what: "1000 streams, one append of 150 B each outstanding",
    value,
    unit: "appends/s",
    goal: ">= 1 000 000",
  });
}

async function single(): Promise<void> {
  const raw: number[] = [];
  const own: number[] = [];
  const own99: number[] = [];
  const raw99: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    // The same size on the disk: a group of one append is one sector of 4 KiB.
    await rawWrites(
      4096,
      0.4,
      (_, latencies) => {
        raw.push(median(latencies));
        raw99.push(percentile(latencies, 0.99));
      },
      true,
    );
    await withStore({}, async (storage) => {
      const next = openStream(storage, 1, 1, 1024);
      const latencies: number[] = [];
      const end = performance.now() + 600;
      while (performance.now() < end) {
        const began = performance.now();
        const { position } = storage.commit([next()]);
        await storage.whenDurable(position);
        latencies.push((performance.now() - began) * 1000);
      }
      own.push(median(latencies.slice(200)));
      own99.push(percentile(latencies.slice(200), 0.99));
    });
  }
  report({
    what: "one append of 1 KiB at a time, p50",
    value: median(own),
    unit: "us",
    reference: median(raw),
    goal: "<= 1.3",
  });
  report({
    what: "one append of 1 KiB at a time, p99",
    value: median(own99),
    unit: "us",
    reference: median(raw99),
    goal: "<= 2",
  });
}

async function read(): Promise<void> {
  const batches = 2000;
  await withStore({ maintenance: "manual", cacheBytes: 16 * MIB }, async (storage, directory) => {
    const next = openStream(storage, 1, 100, 1024);
    for (let at = 0; at < batches; at += 50) {
      let position = 0;
      for (let turn = 0; turn < 50; turn++) ({ position } = storage.commit([next()]));
      await storage.whenDurable(position);
    }
    const fromLog = await medianOf(RUNS, () => readAll(storage));
    await storage.maintain();
    const files = fs
      .readdirSync(`${directory}/segments`)
      .map((name) => `${directory}/segments/${name}`);
    const reference = await medianOf(RUNS, () => readFiles(files));
    const fromData = await medianOf(RUNS, () => readAll(storage));
    const goal = ">= 0.6";
    report({
      what: "read of one stream, warm, in data files",
      value: fromData / 1e6,
      unit: "MB/s",
      reference: reference / 1e6,
      goal,
    });
    report({
      what: "read of one stream, warm, in the log",
      value: fromLog / 1e6,
      unit: "MB/s",
      reference: reference / 1e6,
      goal,
    });
  });
}

async function readAll(storage: DiskEngine): Promise<number> {
  const start = performance.now();
  let bytes = 0;
  for (let seqNum = 0; ; ) {
    const found = await storage.read(1, seqNum, {
      maxBytes: MIB,
      endSeqNum: Number.MAX_SAFE_INTEGER,
    });
    const last = found.at(-1);
    if (last === undefined) break;
    for (const batch of found) bytes += batch.bytes.length;
    seqNum = last.firstSeqNum + last.count;
  }
  return bytes / ((performance.now() - start) / 1000);
}

async function readFiles(paths: readonly string[]): Promise<number> {
  const start = performance.now();
  let bytes = 0;
  for (const path of paths) {
    const fd = fs.openSync(path, "r");
    for (let at = 0; ; ) {
      const target = new Uint8Array(MIB);
      const count = await new Promise<number>((resolve, reject) =>
        fs.read(fd, target, 0, MIB, at, (error, read) =>
          error === null ? resolve(read) : reject(error),
        ),
      );
      if (count === 0) break;
      bytes += count;
      at += count;
    }
    fs.closeSync(fd);
  }
  return bytes / ((performance.now() - start) / 1000);
}

async function recover(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "s2kit-recover-"));
  const options = { directory, clock: systemClock, maintenance: "manual" } as const;
  const storage = await openDiskStorage(options);
  const next = openStream(storage, 1, 100, 1024);
  for (let at = 0; at < 3000; at += 50) {
    let position = 0;
    for (let turn = 0; turn < 50; turn++) ({ position } = storage.commit([next()]));
    await storage.whenDurable(position);
  }
  await storage.close();
  const logBytes = fs
    .readdirSync(`${directory}/wal`)
    .reduce((sum, name) => sum + fs.statSync(`${directory}/wal/${name}`).size, 0);
  const used = 3000 * 100 * 1040;
  const value = await medianOf(RUNS, async () => {
    const start = performance.now();
    const again = await openDiskStorage(options);
    const took = (performance.now() - start) / 1000;
    await again.close();
    return used / took;
  });
  report({
    what: `recovery of ${Math.round(logBytes / MIB)} MiB of log`,
    value: value / 1e9,
    unit: "GB/s",
    goal: ">= 0.5",
  });
  rmSync(directory, { recursive: true });
}

/** Appends of 4 KiB while another stream of 1 GB is trimmed and its space goes back. */
async function trim(): Promise<void> {
  await withStore({ cacheBytes: 16 * MIB }, async (storage) => {
    const bulkNext = openStream(storage, 1, 100, 1024);
    await closedLoop(storage, 8, 0, bulkNext);
    for (let at = 0; at < 10_000; at += 20) {
      let position = 0;
      for (let turn = 0; turn < 20; turn++) ({ position } = storage.commit([bulkNext()]));
      await storage.whenDurable(position);
    }
    await storage.maintain();
    const next = openStream(storage, 2, 1, 1024);
    const run = async (seconds: number): Promise<number[]> => {
      const latencies: number[] = [];
      const end = performance.now() + seconds * 1000;
      while (performance.now() < end) {
        const began = performance.now();
        await storage.whenDurable(storage.commit([next()]).position);
        latencies.push(performance.now() - began);
        if (latencies.length % 64 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      return latencies;
    };
    const quiet = await run(3);
    storage.commit([
      { kind: "trim", streamId: 1, trimPoint: storage.streamState(1)?.tail.seqNum ?? 0 },
    ]);
    const trimming = await run(6);
    const base = percentile(quiet, 0.999);
    report({ what: "append p99.9 without trim", value: base * 1000, unit: "us" });
    report({
      what: "append p99.9 while 1 GB is trimmed",
      value: percentile(trimming, 0.999) * 1000,
      unit: "us",
      reference: base * 1000,
    });
    report({
      what: "longest stall beyond that p99.9 while trimming",
      value: Math.max(...trimming) - base,
      unit: "ms",
      reference: Math.max(...quiet) - base,
      goal: "<= 5 ms (R: longest without trim)",
    });
  });
}

/** A million dormant streams: time and memory to the first append after a restart. */
async function million(): Promise<void> {
  const streams = 1_000_000;
  const directory = mkdtempSync(join(tmpdir(), "s2kit-million-"));
  let storage = await openDiskStorage({ directory, clock: systemClock });
  const batch = appendOf({ streamId: 1, firstSeqNum: 0, bodies: [new Uint8Array(100)] });
  const began = performance.now();
  for (let at = 0; at < streams; at += 500) {
    const mutations = [];
    for (let id = at + 1; id <= at + 500; id++) {
      const key = Buffer.from(`basin/stream-${String(id).padStart(9, "0")}`);
      mutations.push({ kind: "create-stream", streamId: id, writtenMs: 1 } as const);
      mutations.push({ kind: "put", key, value: Buffer.from(String(id)) } as const);
      mutations.push({ ...batch, streamId: id });
    }
    await storage.whenDurable(storage.commit(mutations).position);
  }
  process.stdout.write(
    `  made ${streams} streams in ${Math.round(performance.now() - began)} ms\n`,
  );
  await storage.close();
  if (globalThis.gc !== undefined) globalThis.gc();
  const start = performance.now();
  storage = await openDiskStorage({ directory, clock: systemClock });
  const state = storage.streamState(777_777);
  const next = { ...batch, streamId: 777_777, firstSeqNum: state?.tail.seqNum ?? 0 };
  await storage.whenDurable(storage.commit([next]).position);
  report({
    what: "open with a million streams to the first append",
    value: performance.now() - start,
    unit: "ms",
    goal: "<= 2000",
  });
  await storage.close();
  const { execFileSync } = await import("node:child_process");
  const probe = join(import.meta.dirname, "storage-open-probe.ts");
  const out = execFileSync(process.execPath, [...process.execArgv, probe, directory], {
    encoding: "utf8",
  });
  const { openMs, rssBytes, listMs } = JSON.parse(out) as {
    openMs: number;
    rssBytes: number;
    listMs: number;
  };
  report({ what: "the same in a fresh process", value: openMs, unit: "ms", goal: "<= 2000" });
  report({ what: "its resident memory", value: rssBytes / MIB, unit: "MiB", goal: "<= 512" });
  report({ what: "listing 1000 names by prefix in it", value: listMs, unit: "ms" });
  rmSync(directory, { recursive: true });
}

/** Saturation with a retention of some seconds: memory must not grow. */
async function soak(): Promise<void> {
  const seconds = Number(process.env["S2KIT_SOAK_SECONDS"] ?? 20);
  await withStore({}, async (storage) => {
    const next = openStream(storage, 1, 100, 1024);
    const resident: number[] = [];
    const slices = 10;
    for (let slice = 0; slice < slices; slice++) {
      await closedLoop(storage, 32, seconds / slices, next);
      const tail = storage.streamState(1)?.tail.seqNum ?? 0;
      storage.commit([{ kind: "trim", streamId: 1, trimPoint: Math.max(0, tail - 200_000) }]);
      globalThis.gc?.();
      resident.push(process.memoryUsage().rss / MIB);
    }
    const early = median(resident.slice(2, 5));
    const what = `resident memory at the end of ${seconds} s of saturation`;
    const value = median(resident.slice(-3));
    report({ what, value, unit: "MiB", reference: early, goal: "flat (R: after 30 %)" });
  });
}
