// How long the background leaves the disk to appends after a step of its work: a rule of its own,
// for the background alone. Knows none of its tasks.

import { type Clock, sleep } from "@s2kit/core";
import type { LogFiles } from "../log/log-files.js";
import type { LogWriter } from "../log/log-writer.js";

/** Log segments that wait without harm. */
const EASY_SEGMENTS = 6;
const MAX_PAUSE_MS = 100;

export interface RestComponents {
  readonly clock: Clock;
  readonly writer: LogWriter;
  readonly files: LogFiles;
}

/**
 * Rests the longer the further the background is ahead: with a short log most of the time, with a
 * long one not at all.
 */
export async function rest(
  { writer, files, clock }: RestComponents,
  tookMs: number,
): Promise<void> {
  const share = EASY_SEGMENTS - files.liveCount;
  if (!writer.isBusy || share <= 0) return;
  await sleep(clock, Math.min(tookMs * share, MAX_PAUSE_MS));
}
