// Loads of the storage benchmarks, and their references: closed loops of commits, bare writes and reads
// of the same disk.

import * as fs from "node:fs";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { DiskEngine } from "../src/storage/disk/engine/open-disk-storage.js";
import type { Disk, DiskFile, OpenFileOptions } from "../src/storage/disk/medium/disk.js";
import type { AppendMutation } from "../src/storage/storage.js";
import { appendOf } from "../src/testing/append-source.js";

export const MIB: number = 1024 * 1024;
export const RUNS: number = 5;

/** A stream with an append mutation that is used again and again. */
export function openStream(storage: DiskEngine, streamId: number, records: number, bytes: number) {
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
export async function closedLoop(
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
        if (head === positions.length) {
          stop();
          resolve();
        }
        return;
      }
      while (positions.length - head < commits.length)
        positions.push(storage.commit([next()]).position);
    };
    const stop = storage.onDurable(fill);
    fill();
  });
  return done / ((performance.now() - start) / 1000);
}

/** Bandwidth of bare positional writes of `bytes` to a preallocated durable file, one in flight. */
export async function rawBandwidth(bytes: number, seconds: number, root: string): Promise<number> {
  return rawWrites(bytes, seconds, root, (rate) => rate * bytes);
}

export async function rawWrites<T>(
  bytes: number,
  seconds: number,
  root: string,
  result: (perSecond: number, latenciesUs: number[]) => T,
  isInline = false,
): Promise<T> {
  const directory = mkdtempSync(join(root, "s2kit-raw-"));
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

/** Bytes per second of reading a stream from its start, 1 MiB at a time. */
export async function readAll(storage: DiskEngine, streamId = 1): Promise<number> {
  const start = performance.now();
  let bytes = 0;
  for (let seqNum = 0; ; ) {
    const found = await storage.read(streamId, seqNum, {
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

/** Bytes per second of reading files from their start, 1 MiB at a time. */
export async function readFiles(paths: readonly string[]): Promise<number> {
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

interface ReadTotals {
  readonly bytes: number;
  readonly reads: number;
  readonly sequentialBytes: number;
}

interface TracedDisk {
  readonly disk: Disk;
  readonly reset: () => void;
  readonly totals: () => ReadTotals;
}

/** A disk that counts reads, and those that begin where the last one of the file ended. */
export function traceReads(disk: Disk): TracedDisk {
  let totals = { bytes: 0, reads: 0, sequentialBytes: 0 };
  const open = async (path: string, options?: OpenFileOptions): Promise<DiskFile> => {
    const file = await disk.open(path, options);
    let end = -1;
    return {
      read: (target, at) => {
        totals.reads++;
        totals.bytes += target.length;
        // The first read of a run has to go there.
        if (at === end || end < 0) totals.sequentialBytes += target.length;
        end = at + target.length;
        return file.read(target, at);
      },
      write: (bytes, at) => file.write(bytes, at),
      writeSync: (bytes, at) => file.writeSync(bytes, at),
      sync: () => file.sync(),
      size: () => file.size(),
      truncate: (size) => file.truncate(size),
      close: () => file.close(),
    };
  };
  return {
    disk: { ...disk, open },
    reset: () => {
      totals = { bytes: 0, reads: 0, sequentialBytes: 0 };
    },
    totals: () => totals,
  };
}
