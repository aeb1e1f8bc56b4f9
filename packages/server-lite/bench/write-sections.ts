// Storage benchmarks of appends: bandwidth, many small ones, a lone one, beside a trim, for a long time.

import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import type { DiskEngine } from "../src/storage/disk/engine/open-disk-storage.js";
import { ROW_BYTES } from "../src/storage/log/row.js";
import type { AppendMutation } from "../src/storage/storage.js";
import { appendOf } from "../src/testing/append-source.js";
import { median, medianOf, percentile, report, withStore } from "./storage-harness.js";
import { closedLoop, MIB, openStream, RUNS, rawBandwidth, rawWrites } from "./storage-loads.js";

/** A file system in memory, where there is one: a disk that answers at once. */
const MEMORY_ROOT = "/dev/shm";
const FAST_SYNC_US = 60;

export async function bulk(): Promise<void> {
  const raw = await medianOf(RUNS, () => rawBandwidth(4 * MIB, 0.5, tmpdir()));
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

/** The disk decides when its sync is slow; a file system in memory shows what the engine can do. */
export async function small(): Promise<void> {
  await smallIn(tmpdir());
  if (existsSync(MEMORY_ROOT)) await smallIn(MEMORY_ROOT);
}

async function smallIn(root: string): Promise<void> {
  const streams = 1000;
  let groupBytes = 0;
  const sync = await rawWrites(4096, 0.2, root, (_, latencies) => median(latencies), true);
  const value = await medianOf(RUNS, () =>
    withStore(
      { cacheBytes: 64 * MIB },
      async (storage) => {
        // One batch for all, as a server scans into one: a thousand of them would not fit the caches.
        const one = appendOf({ streamId: 1, firstSeqNum: 0, bodies: [new Uint8Array(150)] });
        const nexts = Array.from({ length: streams }, (_, index) => {
          const streamId = index + 1;
          storage.commit([{ kind: "create-stream", streamId, writtenMs: 1 }]);
          let firstSeqNum = 0;
          return () => ({ ...one, streamId, firstSeqNum: firstSeqNum++ });
        });
        const [stored] = storage.commit([(nexts[0] as () => AppendMutation)()]).stored;
        groupBytes = streams * ((stored?.bytes.length ?? 0) + ROW_BYTES);
        let turn = 0;
        const next = () => (nexts[turn++ % streams] as () => AppendMutation)();
        await closedLoop(storage, streams, 0.3, next);
        return closedLoop(storage, streams, 0.6, next);
      },
      root,
    ),
  );
  const raw = await medianOf(RUNS, () => rawBandwidth(groupBytes, 0.3, root));
  report({
    what: `1000 streams, one append of 150 B each, sync ${Math.round(sync)} us`,
    value,
    unit: "appends/s",
    reference: (raw / groupBytes) * streams,
    goal:
      sync < FAST_SYNC_US ? ">= 1 000 000 (R: bare writes of 1000)" : "(R: bare writes of 1000)",
  });
}

export async function single(): Promise<void> {
  const raw: number[] = [];
  const own: number[] = [];
  const own99: number[] = [];
  const raw99: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    // The same size on the disk: a group of one append is one sector of 4 KiB.
    await rawWrites(
      4096,
      0.4,
      tmpdir(),
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

/** Appends of 4 KiB while another stream of 1 GB is trimmed and its space goes back. */
export async function trim(): Promise<void> {
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

/** Saturation with a retention of 200 000 records: memory must not grow. */
export async function soak(): Promise<void> {
  const seconds = Number(process.env["S2KIT_SOAK_SECONDS"] ?? 20);
  await withStore({}, async (storage) => {
    const next = openStream(storage, 1, 100, 1024);
    const resident: number[] = [];
    const heap: number[] = [];
    const slices = 10;
    for (let slice = 0; slice < slices; slice++) {
      const end = performance.now() + (seconds * 1000) / slices;
      while (performance.now() < end) {
        await closedLoop(storage, 32, 0.5, next);
        const tail = storage.streamState(1)?.tail.seqNum ?? 0;
        storage.commit([{ kind: "trim", streamId: 1, trimPoint: Math.max(0, tail - 200_000) }]);
      }
      globalThis.gc?.();
      const { rss, heapUsed } = process.memoryUsage();
      resident.push(rss / MIB);
      heap.push(heapUsed / MIB);
      const figures = `resident ${Math.round(rss / MIB)} MiB, heap ${(heapUsed / MIB).toFixed(1)} MiB`;
      process.stdout.write(`  soak ${slice + 1}/${slices}: ${figures}\n`);
    }
    const early = median(resident.slice(2, 5));
    const what = `resident memory at the end of ${seconds} s of saturation`;
    const value = median(resident.slice(-3));
    report({ what, value, unit: "MiB", reference: early, goal: "flat (R: after 30 %)" });
    // Resident memory moves by the buffer of a rewrite; what leaks shows here.
    report({
      what: "live heap, then",
      value: median(heap.slice(-3)),
      unit: "MiB",
      reference: median(heap.slice(2, 5)),
      goal: "flat",
    });
  });
}
