// What may happen to a call of a disk: the world stops there, it fails, a test holds it, it is
// slow. Every call is a crash point with a label, so that a test can stop the world at the n-th
// one and print which were hit.

import { type Deferred, deferred, type Random, randomInteger } from "@s2kit/core";
import { systemError } from "./faulty-medium.js";

/** What a call finds when the world has stopped. */
export class SimulatedCrash extends Error {
  override readonly name = "SimulatedCrash";
}

/** See {@link CrashPoints.hold}. */
export interface HeldCall {
  /** Resolves when the call began. */
  readonly reached: Promise<void>;
  release(): void;
}

export interface CrashPointsOptions {
  readonly random: Random;
  /**
   * Some calls take turns of the event loop, others overtake them. Default: all end within the turn
   */
  readonly isSlow?: boolean;
  /** What a slow call waits for. Default: as many turns of the event loop */
  readonly pause?: (turns: number) => Promise<void>;
}

export class CrashPoints {
  /** How often each labelled call was reached, and how often the world stopped there. */
  readonly reached: Map<string, number> = new Map();
  readonly crashedAt: Map<string, number> = new Map();
  /** Fails the next call with this label part, once. */
  fault: { readonly label: string; readonly code: string } | undefined;
  /** Grows with each crash: handles of an earlier life are dead. */
  life = 0;
  private readonly random: Random;
  private readonly isSlow: boolean;
  private readonly pause: (turns: number) => Promise<void>;
  private readonly holds = new Map<string, { reached: Deferred<void>; released: Deferred<void> }>();
  private callsLeft = Number.POSITIVE_INFINITY;
  private crashLabel: string | undefined;
  private isStopped = false;
  private stopped: Deferred<never> = endlessPromise();
  private stoppedBy: SimulatedCrash = new SimulatedCrash("an earlier life");

  constructor(options: CrashPointsOptions) {
    this.random = options.random;
    this.isSlow = options.isSlow === true;
    this.pause = options.pause ?? eventLoopTurns;
  }

  /** Stops the world at the n-th call from now; with a label, at the n-th call that has it. */
  crashAfter(calls: number, label?: string): void {
    this.callsLeft = calls;
    this.crashLabel = label;
  }

  /** Rejects when the world stops: a process that waits then will wait forever. */
  get crash(): Promise<never> {
    return this.stopped.promise;
  }

  get hasCrashed(): boolean {
    return this.isStopped;
  }

  /** No call is slow or held: one that does nothing ends within its turn. */
  get isPunctual(): boolean {
    return !this.isSlow && this.holds.size === 0;
  }

  /** Ends a life and begins the next, in which nothing is ordered yet. */
  beginLife(): void {
    this.life++;
    this.stopped = endlessPromise();
    this.isStopped = false;
    this.callsLeft = Number.POSITIVE_INFINITY;
    this.fault = undefined;
  }

  /** @throws {SimulatedCrash} when the life that asks is over */
  requireLife(life: number): void {
    if (life !== this.life) throw this.stoppedBy;
  }

  /**
   * A crash point: throws when the world stops here, or a fault was ordered.
   *
   * @returns the call's turn; others may run meanwhile
   */
  async point(label: string): Promise<void> {
    const { life } = this;
    this.pointSync(label);
    const held = this.holds.get(label);
    if (held !== undefined) {
      this.holds.delete(label);
      held.reached.resolve();
      await held.released.promise;
    }
    if (this.isSlow) await this.latency();
    else
      for (let turns = randomInteger(this.random, 0, 2); turns > 0; turns--)
        await Promise.resolve();
    // The process that called may be gone, and another one at work.
    if (this.isStopped || life !== this.life) throw this.stoppedBy;
  }

  /**
   * Holds the next call with this label where it begins, so that a test decides what happens
   * meanwhile.
   */
  hold(label: string): HeldCall {
    const held = { reached: deferred<void>(), released: deferred<void>() };
    this.holds.set(label, held);
    return { reached: held.reached.promise, release: () => held.released.resolve() };
  }

  /** Most calls end within the turn; some take a few turns of the event loop, few take many. */
  private async latency(): Promise<void> {
    const dice = randomInteger(this.random, 0, 15);
    let turns = randomInteger(this.random, 0, 2);
    if (dice < 12) for (; turns > 0; turns--) await Promise.resolve();
    else {
      turns = dice < 15 ? turns + 1 : randomInteger(this.random, 4, 12);
      await this.pause(turns);
    }
  }

  pointSync(label: string): void {
    // The same error for all that comes after: a stack for each would be most of the work.
    if (this.isStopped) throw this.stoppedBy;
    this.reached.set(label, (this.reached.get(label) ?? 0) + 1);
    if (this.crashLabel !== undefined && this.crashLabel !== label) this.callsLeft++;
    if (--this.callsLeft <= 0) {
      this.isStopped = true;
      this.crashedAt.set(label, (this.crashedAt.get(label) ?? 0) + 1);
      const crash = new SimulatedCrash(label);
      this.stoppedBy = crash;
      this.stopped.reject(crash);
      throw crash;
    }
    const { fault } = this;
    if (fault === undefined || !label.includes(fault.label)) return;
    this.fault = undefined;
    throw systemError(fault.code, label);
  }

  /** A short write that ends in an error leaves a part behind. */
  cutByFault(bytes: Uint8Array, room: string): Uint8Array {
    const { fault } = this;
    if (fault === undefined || !`short ${room}`.includes(fault.label)) return bytes;
    this.fault = { label: `writing ${room}`, code: fault.code };
    return bytes.subarray(0, randomInteger(this.random, 0, bytes.length));
  }
}

async function eventLoopTurns(turns: number): Promise<void> {
  for (let left = turns; left > 0; left--) await new Promise((resolve) => setImmediate(resolve));
}

function endlessPromise(): Deferred<never> {
  const made = deferred<never>();
  // Nobody may be waiting.
  made.promise.catch(() => undefined);
  return made;
}
