// What a process of another program used, as the kernel counts it: processor time of all its threads
// in nanoseconds, and resident memory. Linux only: elsewhere peers are not measured.

import { readdirSync, readFileSync } from "node:fs";
import type { Usage } from "../usage.ts";

/** Threads that ended meanwhile are missing: servers keep theirs. */
export function usageOf(pid: number): Usage {
  let nanos = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      nanos += Number(
        readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ", 1)[0],
      );
    } catch {
      // It ended between the two looks.
    }
  }
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const residentBytes = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) * 1024;
  return { cpuMicros: nanos / 1000, residentBytes, heldBytes: Number.NaN };
}
