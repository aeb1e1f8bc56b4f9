// How long the thread of the event loop works without a break, told in its processor time, so that it
// hardly depends on what else the machine does.

import { PerformanceObserver } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";

/** Milliseconds of processor time from each look at the thread to the next, a millisecond apart. */
export interface ThreadWork {
  readonly busyMs: readonly number[];
  /** The same without the pauses of garbage collection. */
  readonly stepMs: readonly number[];
}

interface Look {
  readonly startMs: number;
  readonly endMs: number;
  readonly busyMs: number;
}

/** Watches until it is asked. */
export function watchThread(): () => Promise<ThreadWork> {
  const looks: Look[] = [];
  const pauses: { readonly startTime: number; readonly duration: number }[] = [];
  const observer = new PerformanceObserver((list) => pauses.push(...list.getEntries()));
  observer.observe({ entryTypes: ["gc"] });
  let last = { used: usedMs(), at: performance.now() };
  const timer = setInterval(() => {
    const now = { used: usedMs(), at: performance.now() };
    looks.push({ startMs: last.at, endMs: now.at, busyMs: now.used - last.used });
    last = now;
  }, 1);
  return async () => {
    clearInterval(timer);
    // Pauses are told behind the turn in which they were.
    await sleep(10);
    observer.disconnect();
    return { busyMs: looks.map(({ busyMs }) => busyMs), stepMs: withoutPauses(looks, pauses) };
  };
}

/** Both lists are in order of time. */
function withoutPauses(
  looks: readonly Look[],
  pauses: readonly { readonly startTime: number; readonly duration: number }[],
): number[] {
  let at = 0;
  return looks.map(({ startMs, endMs, busyMs }) => {
    let pausedMs = 0;
    for (
      let pause = pauses[at];
      pause !== undefined && pause.startTime < endMs;
      pause = pauses[++at]
    )
      if (pause.startTime >= startMs) pausedMs += pause.duration;
    return Math.max(0, busyMs - pausedMs);
  });
}

function usedMs(): number {
  const { threadCpuUsage } = process as unknown as { threadCpuUsage: typeof process.cpuUsage };
  const { user, system } = threadCpuUsage.call(process);
  return (user + system) / 1000;
}
