// One PUT, and a second one beside it when the first has no answer for long. The first answer
// counts and ends the other, so that nobody looks at the caller's bytes afterwards. A failure
// counts only when the other has failed too.

import type { Admission, Clock } from "@s2kit/core";

export interface HedgedRequest<T> {
  readonly clock: Clock;
  readonly afterMs: number;
  /** Where the second needs room; without room there is none. */
  readonly room: Admission;
  readonly signal: AbortSignal;
  send(isHedge: boolean, signal: AbortSignal): Promise<T>;
}

export function hedged<T>(request: HedgedRequest<T>): Promise<T> {
  const { clock, afterMs, room, signal } = request;
  const end = new AbortController();
  const onAbort = (): void => end.abort();
  if (signal.aborted) end.abort();
  signal.addEventListener("abort", onAbort, { once: true });
  return new Promise<T>((resolve, reject) => {
    let open = 0;
    const settle = (): void => {
      timer.cancel();
      signal.removeEventListener("abort", onAbort);
      if (open > 0) end.abort();
    };
    const run = async (isHedge: boolean): Promise<void> => {
      open++;
      try {
        const answer = await request.send(isHedge, end.signal);
        open--;
        settle();
        resolve(answer);
      } catch (error) {
        open--;
        if (open > 0) return;
        settle();
        reject(error);
      } finally {
        if (isHedge) room.release(1);
      }
    };
    const timer = clock.setTimer(() => {
      if (!end.signal.aborted && room.tryEnter(1)) void run(true);
    }, afterMs);
    void run(false);
  });
}
