// Who waits until a change of the account is everywhere, and for how long: a shard that cannot be
// reached must not hold requests for ever.

import { type Clock, type Deferred, deferred, type S2Error, type Timer } from "@s2kit/core";

interface Waiter {
  readonly version: number;
  readonly done: Deferred<void>;
  readonly timer: Timer;
}

/** Clients wait about as long for an answer before they ask again. */
const PATIENCE_MS = 8000;

export class VersionWaiters {
  private readonly clock: Clock;
  private readonly waiters = new Set<Waiter>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** @throws what `late` makes, when its time is over */
  until(version: number, late: () => S2Error): Promise<void> {
    const done = deferred<void>();
    const waiter: Waiter = {
      version,
      done,
      timer: this.clock.setTimer(() => {
        this.waiters.delete(waiter);
        done.reject(late());
      }, PATIENCE_MS),
    };
    this.waiters.add(waiter);
    return done.promise;
  }

  release(version: number): void {
    for (const waiter of this.waiters) {
      if (waiter.version > version) continue;
      this.leave(waiter);
      waiter.done.resolve();
    }
  }

  fail(error: S2Error): void {
    for (const waiter of this.waiters) {
      this.leave(waiter);
      waiter.done.reject(error);
    }
  }

  private leave(waiter: Waiter): void {
    waiter.timer.cancel();
    this.waiters.delete(waiter);
  }
}
