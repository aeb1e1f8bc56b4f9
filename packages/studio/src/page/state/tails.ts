// The tails of the streams that a list shows: the API tells them one stream at a time, so they are
// asked for when a row comes into sight, a few at once, and kept for a while.

import { signal } from "@preact/signals";
import { sleep, systemClock } from "@s2kit/core";
import { useEffect } from "preact/hooks";
import type { Position } from "../protocol.js";
import { call } from "./bridge.js";

const AT_ONCE = 4;
const FRESH_MS = 5000;
const SETTLED_MS = 150;

interface Known {
  readonly tail: Position | undefined;
  readonly askedMs: number;
}

const known = new Map<string, Known>();
let waiting: (readonly [basin: string, stream: string])[] = [];
let running = 0;
/** Counts up when a tail came. */
const revision = signal(0);

/** Draws who calls it again when a tail comes. */
export function tailOf(basin: string, stream: string): Position | undefined {
  void revision.value;
  return known.get(`${basin}/${stream}`)?.tail;
}

/** Asks for the tails of the streams in sight, again and again while they stay there. */
export function useTails(
  basin: string,
  streams: readonly string[],
  keys: readonly unknown[],
): void {
  useEffect(() => {
    const stop = new AbortController();
    void (async () => {
      // Scrolling past is no interest.
      while (await sleep(systemClock, SETTLED_MS, stop.signal)) {
        if (document.visibilityState === "visible") wantTails(basin, streams);
        await sleep(systemClock, FRESH_MS, stop.signal);
      }
    })();
    return () => stop.abort();
  }, [basin, streams.length, ...keys]);
}

/** Forgets what was wanted and is not in sight any more. */
function wantTails(basin: string, streams: readonly string[]): void {
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
      revision.value++;
    } catch {
      // Deleted meanwhile, or not permitted: the column stays empty.
    }
  }
  running--;
}
