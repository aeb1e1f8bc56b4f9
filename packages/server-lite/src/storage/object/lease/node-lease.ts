// What one process does about leases: it keeps its own, and looks at those of others. Written
// before the first claim, removed when nothing is served any more. Renewals go out once each,
// beside all other requests: a bucket that is busy with the log must not make the process look
// dead.

import { type Clock, sleep } from "@s2kit/core";
import { isSettledWithin } from "../../../waiting/settled-within.js";
import type { Patience } from "../claim/patience.js";
import type { ObjectStore } from "../client/object-store.js";
import { type Lease, leaseName } from "../format/lease-object.js";
import { type Owner, ownerText } from "../format/manifest-entry.js";
import { keyOf, NODES_PREFIX } from "../format/names.js";
import { LeaseKeeper, momentOf } from "./lease-keeper.js";
import { listLeases, seqsOf } from "./lease-listing.js";
import { leaseRules } from "./lease-rules.js";
import { LongSilences } from "./long-silences.js";
import { OwnLease } from "./own-lease.js";
import { SilenceWatch } from "./silence-watch.js";

export interface NodeLeaseOptions {
  /** Repeats nothing: who renews a lease sends the next one instead. */
  readonly store: ObjectStore;
  readonly storeKey: number;
  readonly patience: Patience;
  readonly clock: Clock;
  readonly owner: Owner;
  /** Where other nodes reach this one; empty when they need not. */
  readonly url: string;
  /** Length of a lease, ms: the same for all nodes of a store. */
  readonly leaseMs: number;
  /** What the lease says now; shards rising. */
  readonly content: () => Pick<Lease, "shards" | "state">;
}

/** Of the lease: between two renewals, and until one without an answer gets the next one. */
const RENEW_PART = 1 / 4;
const HEDGE_PART = 1 / 8;
/** Of the lease: a renewal that is older proves nothing. */
const USEFUL_PART = 3 / 4;

/** Nobody waits so long for one whose lease is gone: its silence is forgotten, ms. */
const ABSENT_MS = 3_600_000;
/** Between two looks for leases that were left behind. */
const TIDY_EVERY_MS = 3_600_000;
/** Names of one request. */
const MAX_DELETES = 1000;

export class NodeLease {
  readonly own: OwnLease;
  readonly watch: SilenceWatch;
  readonly owner: Owner;
  private readonly options: NodeLeaseOptions;
  private readonly keeper: LeaseKeeper;
  private readonly listeners = new Set<() => void>();
  /** What the last look showed. */
  private seen: ReadonlyMap<string, Lease> = new Map();
  private readonly stopped = new AbortController();
  private looking: Promise<void> | undefined = undefined;

  constructor(options: NodeLeaseOptions) {
    const { clock, leaseMs, owner, content } = options;
    this.options = options;
    this.owner = owner;
    const rules = leaseRules(leaseMs);
    this.own = new OwnLease(rules);
    this.watch = new SilenceWatch(rules);
    this.keeper = new LeaseKeeper({
      ...owner,
      store: options.store,
      storeKey: options.storeKey,
      url: options.url,
      clock,
      lease: this.own,
      renewMs: leaseMs * RENEW_PART,
      hedgeMs: leaseMs * HEDGE_PART,
      limitMs: leaseMs * USEFUL_PART,
      content,
      onRenewed: () => {
        for (const listener of this.listeners) listener();
      },
    });
  }

  get isValid(): boolean {
    return this.own.isValid(momentOf(this.options.clock));
  }

  /** Ms between two looks at the others. */
  get lookEveryMs(): number {
    return this.options.leaseMs * RENEW_PART;
  }

  /**
   * Writes the lease, then keeps it.
   *
   * @throws {S2Error} `storage` when the bucket does not take it
   */
  async begin(): Promise<void> {
    await this.options.patience.untilAnswered("put the lease", () => this.keeper.write());
    void this.keeper.run();
  }

  /** Calls back after each renewal that was confirmed. @returns ends that */
  onRenewed(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** All leases, by their holders, as the last look showed them. */
  get leases(): ReadonlyMap<string, Lease> {
    return this.seen;
  }

  /**
   * Looks at the leases of all, together with whoever looks now. Without one of its own it judges
   * nobody, and begins anew.
   */
  look(): Promise<void> {
    this.looking ??= this.lookNow().finally(() => {
      this.looking = undefined;
    });
    return this.looking;
  }

  private async lookNow(): Promise<void> {
    const { clock, storeKey, store, patience } = this.options;
    const sentMs = clock.monotonic();
    const leases = await listLeases({ store, storeKey, patience });
    if (!this.isValid) this.watch.reset();
    this.watch.saw(seqsOf(leases), sentMs, clock.monotonic());
    this.watch.forgetAbsent(ABSENT_MS);
    this.seen = leases;
  }

  /** The renewals that all leases show now. */
  async renewals(): Promise<ReadonlyMap<string, number>> {
    const { storeKey, store, patience } = this.options;
    return seqsOf(await listLeases({ store, storeKey, patience }));
  }

  /**
   * Looks now and then for leases that their processes left behind for good, and removes them,
   * until the renewals end. What the bucket refuses is tried again with the next look.
   */
  async tidy(): Promise<void> {
    const { clock, store, owner } = this.options;
    const silences = new LongSilences();
    while (await sleep(clock, TIDY_EVERY_MS, this.stopped.signal)) {
      try {
        const sentMs = clock.monotonic();
        const forgotten = silences.forgotten(await this.renewals(), sentMs);
        const keys = forgotten.filter((holder) => holder !== ownerText(owner)).map(leaseKeyOf);
        if (keys.length > 0) await store.delete(keys.slice(0, MAX_DELETES));
      } catch {
        // They cost a little time at a start, and nothing else.
      }
    }
  }

  /** Ends the renewals: from now on the lease runs out. */
  stop(): void {
    this.stopped.abort();
    this.keeper.stop();
    this.listeners.clear();
  }

  /** Ends the renewals and removes the lease, unless the bucket is silent for longer than this. */
  async end(limitMs: number): Promise<void> {
    this.stop();
    const { store, owner, clock } = this.options;
    const over = new AbortController();
    const key = keyOf(leaseName(owner));
    // What is not removed is silent soon.
    const removed = store.delete([key], over.signal).catch(() => undefined);
    if (!(await isSettledWithin(clock, removed, limitMs))) over.abort();
  }
}

function leaseKeyOf(holder: string): string {
  return `${NODES_PREFIX}${holder}`;
}
