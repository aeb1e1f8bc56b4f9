// When the log of a shard is rewritten, and which part of it. A log is bounded by bytes and by
// objects: who takes the shard over reads all of it. Pure.

export interface LogLimits {
  /** Of a log that is due to be rewritten. */
  readonly bytes: number;
  readonly slots: number;
}

/** A run of groups, oldest first. */
export interface RunSize {
  readonly bytes: number;
  readonly slots: number;
}

/** Beyond so many times the limits, who commits is turned away. */
const MAX_LIMITS = 4;
/** What is rewritten at once is held in memory. */
const MAX_PART_BYTES = 64 * 1024 * 1024;

export function isDue(log: RunSize, limits: LogLimits): boolean {
  return log.bytes >= limits.bytes || log.slots >= limits.slots;
}

/** The log grows faster than it is rewritten. */
export function isOverfull(log: RunSize, limits: LogLimits): boolean {
  return log.bytes >= MAX_LIMITS * limits.bytes || log.slots >= MAX_LIMITS * limits.slots;
}

/** Part of the limits that the log is above, from 1 when it is due. */
export function fullness(log: RunSize, limits: LogLimits): number {
  return Math.max(log.bytes / limits.bytes, log.slots / limits.slots);
}

/**
 * Whether the open run has to end: those that did are too small a part of what is due.
 *
 * @param sealed - all but the open one
 */
export function endsOpenRun(sealed: RunSize, limits: LogLimits): boolean {
  return sealed.bytes < limits.bytes / 2 && sealed.slots < limits.slots / 2;
}

/** How many of the runs, oldest first, are rewritten at once: as many as memory is meant for. */
export function runsAtOnce(runs: readonly RunSize[]): number {
  let bytes = 0;
  let count = 0;
  for (const run of runs) {
    if (count > 0 && bytes + run.bytes > MAX_PART_BYTES) break;
    bytes += run.bytes;
    count++;
  }
  return count;
}
