// Whether an owner may answer from its own state: whether nobody can have acknowledged anything
// that it does not have. True while its lease is valid and the shard has adopted the lease's
// generation; else the bucket must prove it, with a look that began after the question.

import type { Clock } from "@s2kit/core";
import type { ShardBucket } from "../claim/shard-bucket.js";
import { momentOf } from "./lease-keeper.js";
import type { OwnLease } from "./own-lease.js";

export interface FreshnessRules {
  /** Whether a lease of this generation counts for a shard that looked in another one last. */
  counts(adopted: number | undefined, generation: number): boolean;
}

export const STRICT_FRESHNESS: FreshnessRules = {
  counts: (adopted, generation) => adopted === generation,
};

export interface FreshnessOptions {
  readonly bucket: ShardBucket;
  readonly clock: Clock;
  readonly lease: OwnLease;
  /** Of the owner. */
  readonly epoch: number;
  /** Of the lease when the shard was claimed: counts as adopted, if no gap came since. */
  readonly generation: number | undefined;
  /** Default: the strict ones; weaker ones exist in tests only. */
  readonly rules?: FreshnessRules;
}

export class Freshness {
  private readonly options: FreshnessOptions;
  /** Generation of the lease in which a look at the bucket showed no later claim. */
  private adopted: number | undefined;
  private isAdopting = false;
  /** A look that is under way, and the one that begins when it ends. */
  private looking: Promise<boolean> | undefined;
  private next: Promise<boolean> | undefined;

  constructor(options: FreshnessOptions) {
    this.options = options;
    this.adopted = options.generation;
  }

  /** Take what is answered in the same turn: a moment later it may no longer be true. */
  get isFresh(): boolean {
    const { lease, clock, rules = STRICT_FRESHNESS } = this.options;
    return lease.isValid(momentOf(clock)) && rules.counts(this.adopted, lease.generation);
  }

  /**
   * After each renewal: adopts a new generation once the bucket shows no later claim.
   *
   * @returns false when it shows one: after a gap, this owner is never fresh again
   */
  async adopt(): Promise<boolean> {
    const { lease, clock } = this.options;
    const { generation } = lease;
    if (this.adopted === generation || this.isAdopting) return true;
    this.isAdopting = true;
    try {
      const isAlone = await this.isAlone();
      const isSame = lease.generation === generation;
      if (isAlone && isSame && lease.isValid(momentOf(clock))) this.adopted = generation;
      return isAlone;
    } finally {
      this.isAdopting = false;
    }
  }

  /**
   * Looks at the bucket, with a request that begins now or later. Who comes while a look is under
   * way waits for the next one, together with all others who do.
   *
   * @returns false when somebody claimed the shard
   */
  prove(): Promise<boolean> {
    if (this.looking === undefined) return this.look();
    this.next ??= this.looking.then(
      () => this.look(),
      () => this.look(),
    );
    return this.next;
  }

  private look(): Promise<boolean> {
    this.next = undefined;
    const looking = this.isAlone().finally(() => {
      if (this.looking === looking) this.looking = undefined;
    });
    this.looking = looking;
    return looking;
  }

  /** Epochs follow each other and claims stay: nobody is above if nobody has the next one. */
  private async isAlone(): Promise<boolean> {
    const { bucket, epoch } = this.options;
    return !(await bucket.exists(bucket.manifestName(epoch + 1, 0)));
  }
}
