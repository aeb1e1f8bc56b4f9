// What is known of a server under a fixed load at one moment: what its process weighs, and what its clients saw since the
// sample before.

import type { Weight } from "../server/server-process.ts";

/** What clients saw within one interval. */
export interface LoadFacts {
  readonly appendedRecords: number;
  readonly readRecords: number;
  /** From the moment an append was due to its acknowledgement. */
  readonly ackP50Ms: number;
  readonly ackP99Ms: number;
  readonly failures: number;
  /**
   * Connections that clients have open now: as they please, and what a pool opened for a slow moment it may keep. Undefined
   * where the system does not tell.
   */
  readonly clientConnections?: number | undefined;
}

export interface Sample extends Weight, LoadFacts {
  /** Since the load began. */
  readonly atSeconds: number;
  readonly intervalSeconds: number;
}

/** 0 of nothing. */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) return 0;
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number;
}
