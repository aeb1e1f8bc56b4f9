// What the storage benchmarks share: fresh directories, closed-loop writers, medians, and a table that
// puts each figure beside its reference from the same run.

import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@s2kit/core";
import type { DiskStorageOptions } from "../src/storage/disk/engine/disk-options.js";
import { type DiskEngine, openDiskStorage } from "../src/storage/disk/engine/open-disk-storage.js";

export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** What it is measured against, in the same run. */
  readonly reference?: number | undefined;
  readonly goal?: string;
}

const figures: Figure[] = [];

export function report(figure: Figure): void {
  figures.push(figure);
  const ratio = figure.reference === undefined ? "" : (figure.value / figure.reference).toFixed(2);
  const reference = figure.reference === undefined ? "" : round(figure.reference);
  process.stdout.write(
    `${figure.what.padEnd(58)} ${round(figure.value).padStart(12)} ${figure.unit.padEnd(11)} R ${reference.padStart(10)}  ratio ${ratio.padStart(6)}  ${figure.goal ?? ""}\n`,
  );
}

export function machine(): void {
  const [cpu] = cpus();
  process.stdout.write(
    `${cpu?.model ?? "cpu"} x ${cpus().length}, node ${process.version}, ${tmpdir()}\n`,
  );
}

export async function withStore<T>(
  options: Partial<DiskStorageOptions>,
  use: (storage: DiskEngine, directory: string) => Promise<T>,
  root: string = tmpdir(),
): Promise<T> {
  const directory = mkdtempSync(join(root, "s2kit-bench-"));
  try {
    const storage = await openDiskStorage({ directory, clock: systemClock, ...options });
    try {
      return await use(storage, directory);
    } finally {
      await storage.close();
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** Runs something repeatedly and gives the median of what it measured. */
export async function medianOf(runs: number, measure: () => Promise<number>): Promise<number> {
  const values: number[] = [];
  for (let run = 0; run < runs; run++) values.push(await measure());
  return median(values);
}

function round(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value.toFixed(2);
}
