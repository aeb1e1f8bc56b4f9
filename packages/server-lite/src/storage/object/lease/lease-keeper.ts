// Keeps the lease of this process: writes it anew at a steady pace, whether or not the last write
// was answered, and takes note of the answers. Each write has its own time of sending, so a slow
// one never makes the lease look younger than it is. A pump: what counts is decided in `own-lease`.

import { type Clock, sleep } from "@s2kit/core";
import { type ObjectStore, ObjectStoreError } from "../client/object-store.js";
import { encodeLease, type Lease, leaseName } from "../format/lease-object.js";
import { keyOf } from "../format/names.js";
import type { Moment } from "./lease-rules.js";
import type { OwnLease } from "./own-lease.js";

export interface LeaseKeeperOptions {
  readonly store: ObjectStore;
  readonly storeKey: number;
  readonly clock: Clock;
  readonly lease: OwnLease;
  /** Ms between two renewals. */
  readonly renewMs: number;
  /** Ms after which a renewal that has no answer gets the next one early. Default: never */
  readonly hedgeMs?: number;
  /** Ms after which a renewal is of no use any more, and ends. Default: that of the store */
  readonly limitMs?: number;
  readonly node: string;
  readonly incarnation: string;
  readonly url: string;
  /** What the lease says now. */
  readonly content: () => Pick<Lease, "state" | "shards">;
  /** A renewal was confirmed. */
  readonly onRenewed: () => void;
}

/** Renewals that are on their way at once: a bucket that hangs is not asked ever more. */
const MAX_UNDER_WAY = 4;

export class LeaseKeeper {
  private readonly options: LeaseKeeperOptions;
  private seq = 0;
  private underWay = 0;
  /** The newest renewal that was confirmed. */
  private confirmed = 0;
  private readonly ended = new AbortController();

  constructor(options: LeaseKeeperOptions) {
    this.options = options;
  }

  /** Writes the lease at its pace until it is stopped. */
  async run(): Promise<void> {
    const { clock, renewMs, hedgeMs = renewMs } = this.options;
    const { signal } = this.ended;
    let waitMs = renewMs;
    do {
      if (this.underWay < MAX_UNDER_WAY) void this.renew();
      if (hedgeMs >= renewMs) continue;
      if (!(await sleep(clock, hedgeMs, signal))) return;
      if (this.confirmed < this.seq && this.underWay < MAX_UNDER_WAY) void this.renew();
      waitMs = renewMs - hedgeMs;
    } while (await sleep(clock, waitMs, signal));
  }

  /** Ends the renewals. The lease stays as it is until it is removed. */
  stop(): void {
    this.ended.abort();
  }

  /** Writes the lease once; a failure is that of a renewal: others follow. */
  async renew(): Promise<void> {
    try {
      await this.write();
    } catch (error) {
      // It may have been written: others see a sign of life, this process counts on nothing.
      if (!(error instanceof ObjectStoreError)) throw error;
    }
  }

  /** Writes the lease once. @throws {ObjectStoreError} when it was not confirmed */
  async write(): Promise<void> {
    const { store, storeKey, clock, lease, node, incarnation, url, content } = this.options;
    const sent = momentOf(clock);
    const held: Lease = { node, incarnation, seq: ++this.seq, url, ...content() };
    const over = new AbortController();
    const { limitMs } = this.options;
    const timer = limitMs === undefined ? undefined : clock.setTimer(() => over.abort(), limitMs);
    this.underWay++;
    try {
      await store.overwrite(keyOf(leaseName(held)), encodeLease(held, storeKey), over.signal);
    } finally {
      timer?.cancel();
      this.underWay--;
    }
    if (this.ended.signal.aborted) return;
    this.confirmed = Math.max(this.confirmed, held.seq);
    lease.renewed(sent, momentOf(clock));
    this.options.onRenewed();
  }
}

/** Now, on both clocks. */
export function momentOf(clock: Clock): Moment {
  return { monotonicMs: clock.monotonic(), wallMs: clock.now() };
}
