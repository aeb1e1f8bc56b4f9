// The tails of the streams that a list shows: the API tells them one stream at a time, so they are
// asked for when a row comes into sight, a few at once, and kept for a while.

import { signal } from "@preact/signals";
import { systemClock } from "@s2kit/core";
import type { Position } from "../protocol.js";
import { call } from "./bridge.js";

const AT_ONCE = 4;
const FRESH_MS = 5000;

interface Known {
  readonly tail: Position | undefined;
  readonly askedMs: number;
}

const known = new Map<string, Known>();
let waiting: (readonly [basin: string, stream: string])[] = [];
let running = 0;
/** Counts up when a tail came. */
export const tailsRevision = signal(0);

export function tailOf(basin: string, stream: string): Position | undefined {
  return known.get(`${basin}/${stream}`)?.tail;
}

/** Asks for the tails of what is in sight, and forgets what is not any more. */
export function wantTails(basin: string, streams: readonly string[]): void {
  const nowMs = systemClock.now();
  waiting = streams
    .filter((stream) => nowMs - (known.get(`${basin}/${stream}`)?.askedMs ?? 0) > FRESH_MS)
    .map((stream) => [basin, stream] as const);
  while (running < AT_ONCE && waiting.length > 0) void next();
}

async function next(): Promise<void> {
  running++;
  for (let target = waiting.shift(); target !== undefined; target = waiting.shift()) {
    const [basin, stream] = target;
    const key = `${basin}/${stream}`;
    known.set(key, { tail: known.get(key)?.tail, askedMs: systemClock.now() });
    try {
      const { tail } = await call("checkTail", basin, stream);
      known.set(key, { tail, askedMs: systemClock.now() });
      tailsRevision.value++;
    } catch {
      // Deleted meanwhile, or not permitted: the column stays empty.
    }
  }
  running--;
}
