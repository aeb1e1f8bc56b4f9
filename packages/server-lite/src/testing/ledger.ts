// The ledger of a server for tests: what is open in it, its timers, and its files. A server whose
// clients have left has nothing open but connections; a closed one has nothing at all.

import { readdirSync, readlinkSync } from "node:fs";
import type { Clock } from "@s2kit/core";
import { LEDGER, type Ledger, type OpenThings } from "../telemetry/ledger.js";

/** What is open in a server of this package, whichever of its faces made it. */
export function openThings(server: object): OpenThings {
  const ledger = (server as { readonly [LEDGER]?: Ledger })[LEDGER];
  if (ledger === undefined) throw new TypeError("this is no server of s2kit");
  return ledger.open;
}

/** A clock that knows which of its timers are left. */
export interface CountedClock extends Clock {
  /** Timers that were set and neither fired nor were cancelled. */
  readonly timerCount: number;
}

/** The same clock, with its timers counted. */
export function countTimers(clock: Clock): CountedClock {
  const running = new Set<object>();
  return {
    get timerCount() {
      return running.size;
    },
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    setTimer(callback, delayMs, options) {
      const key = {};
      running.add(key);
      const fire = (): void => {
        running.delete(key);
        callback();
      };
      const timer = clock.setTimer(fire, delayMs, options);
      return {
        cancel() {
          running.delete(key);
          timer.cancel();
        },
      };
    },
  };
}

const DESCRIPTORS = "/proc/self/fd";

/** Files below a directory that this process holds open; none where the platform does not tell. */
export function openFilesBelow(directory: string): readonly string[] {
  return descriptorsOf().filter((path) => path.startsWith(`${directory}/`));
}

function descriptorsOf(): readonly string[] {
  try {
    return readdirSync(DESCRIPTORS).flatMap((name) => {
      try {
        return [readlinkSync(`${DESCRIPTORS}/${name}`)];
      } catch {
        // Closed since the list was made: that of the list itself, at least.
        return [];
      }
    });
  } catch {
    return [];
  }
}
