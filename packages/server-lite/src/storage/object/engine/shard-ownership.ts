// What an engine knows of its claim to the shard while it serves: whether its answers count, and
// what has to end with it.

import type { Clock } from "@s2kit/core";
import type { OpenedShard } from "../claim/claim.js";
import type { ShardBucket } from "../claim/shard-bucket.js";
import { Freshness } from "../lease/freshness.js";
import type { SharedLease } from "./shared-lease.js";

export interface ShardOwnership {
  readonly isFresh: boolean;
  /** Ms since the lease was renewed; 0 where there is none. */
  readonly leaseAgeMs: number;
  /** Tells once, when another process has claimed the shard and this one cannot go on. */
  watch(onLost: () => void): void;
  /** The engine failed or was fenced: this process claims nothing any more. */
  lost(): void;
  /** The engine is closed: gives back what it had, within this many ms each. */
  ended(limitMs: number): Promise<void>;
}

/** No other process can come: tests, and tools over a copy. */
export const ALONE: ShardOwnership = {
  isFresh: true,
  leaseAgeMs: 0,
  watch: () => undefined,
  lost: () => undefined,
  ended: () => Promise.resolve(),
};

export interface LeasedOwnershipOptions {
  readonly bucket: ShardBucket;
  readonly clock: Clock;
  readonly opened: OpenedShard;
  readonly lease: SharedLease;
  /** Of the lease when the claim went out. */
  readonly generation: number;
}

export class LeasedOwnership implements ShardOwnership {
  private readonly freshness: Freshness;
  private readonly clock: Clock;
  private readonly lease: SharedLease;
  private unwatch: () => void = () => undefined;

  constructor({ bucket, clock, opened, lease, generation }: LeasedOwnershipOptions) {
    const { epoch } = opened;
    this.freshness = new Freshness({ bucket, clock, lease: lease.node.own, epoch, generation });
    this.clock = clock;
    this.lease = lease;
    lease.hold(this);
  }

  get isFresh(): boolean {
    return this.freshness.isFresh;
  }

  get leaseAgeMs(): number {
    return this.lease.node.own.ageMs(this.clock.monotonic()) ?? 0;
  }

  watch(onLost: () => void): void {
    const adopt = (): void => {
      this.freshness.adopt().then(
        (isAlone) => {
          if (!isAlone) onLost();
        },
        // No answer: the next renewal asks again, and nothing is fresh until then.
        () => undefined,
      );
    };
    this.unwatch = this.lease.node.onRenewed(adopt);
    adopt();
  }

  lost(): void {
    // The lease may outlive the shard by months: it must not hold what is left of it.
    this.unwatch();
    this.lease.lost(this);
  }

  ended(limitMs: number): Promise<void> {
    this.unwatch();
    return this.lease.ended(this, limitMs);
  }
}
