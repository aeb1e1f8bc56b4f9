// The reference of acknowledgements: one synchronous O_DSYNC write after the other into a file that
// is filled already, sector by sector, as the log does it.

import { closeSync, constants, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { percentile } from "../figure.ts";

export interface DiskWriteSettings {
  readonly directory: string;
  readonly bytes: number;
}

export interface DiskWriteRole {
  /** Percentiles of so many ms of writes, one at a time. */
  run(ms: number): Promise<{ readonly p50Micros: number; readonly p99Micros: number }>;
  close(): Promise<void>;
}

const FILE_BYTES = 16 * 1024 * 1024;
const SECTOR_BYTES = 4096;

export async function open({ directory, bytes }: DiskWriteSettings): Promise<DiskWriteRole> {
  const path = join(directory, "reference.bin");
  const { O_RDWR, O_CREAT, O_DSYNC } = constants;
  const file = openSync(path, O_RDWR | O_CREAT | O_DSYNC, 0o600);
  writeSync(file, Buffer.alloc(FILE_BYTES), 0, FILE_BYTES, 0);
  const block = Buffer.alloc(bytes, 0x61);
  return {
    async run(ms) {
      const latencies: number[] = [];
      const endsAt = performance.now() + ms;
      let at = 0;
      for (let now = performance.now(); now < endsAt; ) {
        writeSync(file, block, 0, block.length, at);
        at = (at + SECTOR_BYTES) % (FILE_BYTES - bytes);
        at -= at % SECTOR_BYTES;
        const after = performance.now();
        latencies.push((after - now) * 1000);
        now = after;
      }
      return { p50Micros: percentile(latencies, 0.5), p99Micros: percentile(latencies, 0.99) };
    },
    async close() {
      closeSync(file);
      rmSync(path);
    },
  };
}
