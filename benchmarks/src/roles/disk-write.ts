// The reference of acknowledgements and of bandwidth: one synchronous O_DSYNC write after the other into a file that
// is filled already, sector by sector, as the log does it.

import { closeSync, constants, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { percentile } from "../figure.ts";

export interface DiskWriteSettings {
  readonly directory: string;
  readonly bytes: number;
  /** Rest between two writes: a disk that never rests flatters itself. Default none. */
  readonly pauseMs?: number;
}

export interface DiskWriteRole {
  /** So many ms of writes, one at a time. */
  run(ms: number): Promise<DiskWrites>;
  close(): Promise<void>;
}

export interface DiskWrites {
  readonly bytes: number;
  readonly seconds: number;
  readonly p50Micros: number;
  readonly p99Micros: number;
}

const FILE_BYTES = 16 * 1024 * 1024;
const SECTOR_BYTES = 4096;

export async function open({
  directory,
  bytes,
  pauseMs = 0,
}: DiskWriteSettings): Promise<DiskWriteRole> {
  const path = join(directory, "reference.bin");
  const { O_RDWR, O_CREAT, O_DSYNC } = constants;
  const file = openSync(path, O_RDWR | O_CREAT | O_DSYNC, 0o600);
  writeSync(file, Buffer.alloc(FILE_BYTES), 0, FILE_BYTES, 0);
  const block = Buffer.alloc(bytes, 0x61);
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  return {
    async run(ms) {
      const latencies: number[] = [];
      const startedAt = performance.now();
      let at = 0;
      for (let now = startedAt; now < startedAt + ms; ) {
        writeSync(file, block, 0, block.length, at);
        at += Math.ceil(bytes / SECTOR_BYTES) * SECTOR_BYTES;
        if (at + bytes > FILE_BYTES) at = 0;
        latencies.push((performance.now() - now) * 1000);
        if (pauseMs > 0) Atomics.wait(sleeper, 0, 0, pauseMs);
        now = performance.now();
      }
      return {
        bytes: latencies.length * bytes,
        seconds: (performance.now() - startedAt) / 1000,
        p50Micros: percentile(latencies, 0.5),
        p99Micros: percentile(latencies, 0.99),
      };
    },
    async close() {
      closeSync(file);
      rmSync(path);
    },
  };
}
