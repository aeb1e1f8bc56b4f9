// The clock of one process in a simulation: it runs fast or slow, its timers wait while the process
// stands still, and never fire when it is dead. A pause that no clock counts, as a hypervisor makes
// them, is one of the faults.

import type { Clock, Timer } from "@s2kit/core";
import type { SimulatedClock } from "@s2kit/core/testing";
import type { Sender } from "../../double/simulated-bucket.js";

export class NodeClock implements Clock {
  private readonly world: SimulatedClock;
  private readonly rate: number;
  private readonly sender: Sender;
  private uncountedMs = 0;

  constructor(world: SimulatedClock, rate: number, sender: Sender) {
    this.world = world;
    this.rate = rate;
    this.sender = sender;
  }

  now(): number {
    return Math.floor(1_700_000_000_000 + this.monotonic());
  }

  monotonic(): number {
    return this.rate * (this.world.monotonic() - this.uncountedMs);
  }

  /** Time passes that this clock does not see. */
  standStill(forMs: number): void {
    this.uncountedMs += forMs;
  }

  setTimer(callback: () => void, delayMs: number): Timer {
    const { world, sender } = this;
    let timer: Timer;
    const fire = (): void => {
      if (sender.isDead) return;
      const restMs = sender.pausedUntilMs - world.monotonic();
      if (restMs > 0) timer = world.setTimer(fire, restMs + 0.1);
      else callback();
    };
    timer = world.setTimer(fire, delayMs / this.rate);
    return { cancel: () => timer.cancel() };
  }
}
