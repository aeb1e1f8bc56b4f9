// Storage benchmarks of reads and openings: warm, cold, recovery of a log, a million streams.

import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@s2kit/core";
import { openDiskStorage } from "../src/storage/disk/engine/open-disk-storage.js";
import { realDisk } from "../src/storage/disk/medium/real-disk.js";
import { appendOf } from "../src/testing/append-source.js";
import { median, medianOf, report, withStore } from "./storage-harness.js";
import { MIB, openStream, RUNS, readAll, readFiles, traceReads } from "./storage-loads.js";

export async function read(): Promise<void> {
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
    const files = dataFilesOf(directory);
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

/**
 * One stream of eight whose batches alternated in the log, after the rewrite, with nothing in any cache:
 * the reads must come in file order, as large as they can be.
 */
export async function cold(): Promise<void> {
  const streams = 8;
  const directory = mkdtempSync(join(tmpdir(), "s2kit-cold-"));
  try {
    const options = { directory, clock: systemClock, maintenance: "manual" } as const;
    const writer = await openDiskStorage(options);
    const nexts = Array.from({ length: streams }, (_, at) => openStream(writer, at + 1, 100, 1024));
    for (let round = 0; round < 500; round++) {
      let position = 0;
      for (const next of nexts) ({ position } = writer.commit([next()]));
      await writer.whenDurable(position);
    }
    await writer.maintain();
    await writer.close();
    const traced = traceReads(realDisk);
    const own: number[] = [];
    const raw: number[] = [];
    for (let streamId = 1; streamId <= RUNS; streamId++) {
      const files = dataFilesOf(directory);
      if (!forget(files)) return;
      raw.push(await readFiles(files.slice(0, 1)));
      forget(files);
      const storage = await openDiskStorage({ ...options, disk: traced.disk });
      traced.reset();
      own.push(await readAll(storage, streamId));
      await storage.close();
    }
    report({
      what: "read of one stream of eight, cold, after the rewrite",
      value: median(own) / 1e6,
      unit: "MB/s",
      reference: median(raw) / 1e6,
      goal: "(R: a whole file, cold, 1 MiB reads)",
    });
    const { bytes, reads, sequentialBytes } = traced.totals();
    report({
      what: `its bytes that follow the read before, ${reads} reads`,
      value: (100 * sequentialBytes) / bytes,
      unit: "%",
      goal: "sequential",
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function dataFilesOf(directory: string): string[] {
  return fs.readdirSync(`${directory}/segments`).map((name) => `${directory}/segments/${name}`);
}

/** Drops files from the page cache. @returns false when this system cannot */
function forget(files: readonly string[]): boolean {
  for (const file of files) {
    const args = [`if=${file}`, "iflag=nocache", "count=0", "status=none"];
    if (spawnSync("dd", args).status === 0) continue;
    process.stdout.write("  cold: no dd that can drop files from the page cache, left out\n");
    return false;
  }
  return true;
}

export async function recover(): Promise<void> {
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

/** A million dormant streams: time and memory to the first append after a restart. */
export async function million(): Promise<void> {
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
