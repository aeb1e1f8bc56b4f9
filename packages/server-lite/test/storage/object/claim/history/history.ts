// One history of several processes on one bucket, from a seed: real claims, leases, logs, manifests
// and collections, driven step by step on the simulated clock. The same seed gives the same history.

import { type Random, seededRandom } from "@s2kit/core";
import { createSimulatedClock, type SimulatedClock } from "@s2kit/core/testing";
import { SimulatedBucket, type Weather } from "../../double/simulated-bucket.js";
import { Oracle } from "./oracle.js";
import type { ServedShard } from "./served-shard.js";
import { SimulatedNode } from "./simulated-node.js";
import type { Weakness } from "./weak-rules.js";

/** Free: anyone claims at any time. Lease: claims by silence only, and reads. */
export type Mode = "free" | "lease";

export interface HistoryOptions {
  readonly seed: number;
  readonly mode: Mode;
  readonly weak?: Weakness;
  /** Takes the history, line by line. */
  readonly log?: (line: string) => void;
}

export type Stats = Oracle["stats"];

export interface HistoryResult {
  readonly stats: Stats;
  /** What did not hold; undefined when all did. */
  readonly violation: string | undefined;
  /** Requests that took effect. */
  readonly requests: number;
}

const LENGTH_MS: Readonly<Record<Mode, number>> = { free: 3200, lease: 4000 };
const NODES = 3;

/** How often what happens; every seed draws its own. */
export interface Habits {
  readonly stallP: number;
  readonly stallMs: number;
  readonly roundMs: number;
  readonly appendMs: number;
  readonly claimMs: number;
  readonly killP: number;
  readonly cutP: number;
  readonly pauseP: number;
  readonly troubleMs: number;
  /** Observers forget what they saw when their own lease lapses. Safe either way. */
  readonly forgets: boolean;
  readonly release: number;
  readonly dieClaiming: number;
  /** A claim that did not open for so long is ended by those who wait. Default: never */
  readonly stuckMs?: number;
}

export class History {
  readonly clock: SimulatedClock = createSimulatedClock();
  readonly random: Random;
  readonly mode: Mode;
  readonly weak: Weakness;
  readonly leaseMs = 300;
  readonly storeKey = 0x5eed;
  readonly habits: Habits;
  readonly bucket: SimulatedBucket;
  readonly oracle: Oracle;
  readonly log: ((line: string) => void) | undefined;
  private ids = 0;
  private readonly nodes: SimulatedNode[] = [];

  constructor({ seed, mode, weak = {}, log }: HistoryOptions) {
    this.random = seededRandom(seed * 7919 + 13);
    this.mode = mode;
    this.weak = weak;
    const { clock, random } = this;
    this.log =
      log === undefined ? undefined : (line) => log(`${clock.monotonic().toFixed(1)} ${line}`);
    this.oracle = new Oracle(this.storeKey);
    this.bucket = new SimulatedBucket({
      clock,
      random,
      weather: { ...this.drawWeather(), ...weak.weather },
      onPut: (key, bytes) => this.oracle.onPut(key, bytes),
      onDelete: (key) => this.oracle.onDelete(key),
      log,
    });
    this.oracle.watch(this.bucket);
    this.habits = { ...this.drawHabits(), ...weak.habits };
  }

  async run(): Promise<HistoryResult> {
    const { clock, oracle, mode } = this;
    for (let node = 0; node < NODES; node++) this.start();
    this.weak.meddle?.(this);
    while (clock.monotonic() < LENGTH_MS[mode] && oracle.violation === undefined) {
      // All that a step sets going comes to rest before the next one.
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (!clock.fireNext()) break;
    }
    if (oracle.violation !== undefined) this.log?.(`VIOLATION ${oracle.violation}`);
    const requests = Object.values(this.bucket.counts).reduce((sum, count) => sum + count, 0);
    return { stats: oracle.stats, violation: oracle.violation, requests };
  }

  start(): void {
    this.nodes.push(new SimulatedNode(this, this.newId()));
  }

  /** The shard as the owner of an epoch serves it. */
  served(epoch: number): ServedShard | undefined {
    return this.nodes.find(({ served }) => served?.opened.epoch === epoch)?.served;
  }

  startLater(): void {
    this.clock.setTimer(() => this.start(), this.mean(40));
  }

  newId(): number {
    return ++this.ids;
  }

  newRecord(): string {
    return `r${this.newId()}`;
  }

  chance(probability: number): boolean {
    return this.random.next() < probability;
  }

  mean(ms: number): number {
    return -ms * Math.log(1 - this.random.next());
  }

  private pick<T>(...values: readonly T[]): T {
    return values[Math.floor(this.random.next() * values.length)] as T;
  }

  private drawWeather(): Weather {
    return {
      meanMs: 2,
      slow: 0.06,
      verySlow: 0.01,
      lost: this.pick(0.03, 0.12),
      timeoutMs: 15,
      twice: 0.12,
      deleteTwice: 0.1,
      refused: this.pick(0, 0.02),
      falseExists: this.pick(0, 0, 0.02),
      pageEntries: this.mode === "lease" ? 40 : 4,
      isUnsorted: this.pick(false, false, true),
    };
  }

  private drawHabits(): Habits {
    const isLease = this.mode === "lease";
    return {
      stallP: this.pick(0.03, 0.15, 0.5),
      stallMs: isLease ? this.pick(20, 60) : this.pick(50, 200, 500),
      roundMs: isLease ? this.pick(30, 90) : this.pick(8, 45),
      appendMs: isLease ? this.pick(12, 24) : this.pick(4, 12),
      claimMs: this.pick(120, 300),
      killP: this.pick(0.02, 0.12),
      cutP: this.pick(0.05, 0.3),
      pauseP: this.pick(0.1, 0.4),
      troubleMs: isLease ? this.pick(100, 200, 400) : this.pick(80, 170, 300),
      forgets: this.pick(true, false, false),
      release: this.pick(0, 0.12, 0.4),
      dieClaiming: this.pick(0.02, 0.1, 0.3),
    };
  }
}

export function runHistory(options: HistoryOptions): Promise<HistoryResult> {
  return new History(options).run();
}
