// What a run leaves as JSON, and how it is read again: for a comparison, and for the page.

import { readFileSync } from "node:fs";
import type { BenchOptions } from "./bench.ts";
import type { Machine, Result } from "./report.ts";

export interface Run {
  readonly machine: Machine;
  readonly settings: Pick<BenchOptions, "storage" | "rounds" | "roundMs">;
  readonly results: readonly Result[];
}

/** @throws Error that names the file, when it holds no run */
export function readRun(path: string): Run {
  const run = JSON.parse(readFileSync(path, "utf8")) as Partial<Run>;
  if (run.machine === undefined || run.settings === undefined || run.results === undefined)
    throw new Error(`${path} holds no run: make one with bench --json > ${path}`);
  return run as Run;
}
