// The one lease of a process, for all shards that it has: it is kept while one of them is served,
// and given back with the last. A shard that was lost alone leaves the others their lease, and may
// be claimed again under it.

import type { NodeLease } from "../lease/node-lease.js";

export class SharedLease {
  readonly node: NodeLease;
  private readonly onEnded: () => void | Promise<void>;
  /** Who serves a shard, and who has not closed it yet. */
  private readonly serving = new Set<object>();
  private readonly open = new Set<object>();
  /** While a store is opened, more may come. */
  private isOpened = false;

  /** @param onEnded - called last, when all are closed */
  constructor(node: NodeLease, onEnded: () => void | Promise<void>) {
    this.node = node;
    this.onEnded = onEnded;
  }

  hold(holder: object): void {
    this.serving.add(holder);
    this.open.add(holder);
  }

  /** All shards are there: from now on the lease ends with the last of them. */
  opened(): void {
    this.isOpened = true;
    this.endServing();
  }

  /** This one failed or was fenced. When none is left, the lease runs out. */
  lost(holder: object): void {
    this.serving.delete(holder);
    this.endServing();
  }

  /** This one is closed. @param limitMs - for the removal of the lease */
  async ended(holder: object, limitMs: number): Promise<void> {
    this.serving.delete(holder);
    this.open.delete(holder);
    if (!this.isOpened || this.open.size > 0) return;
    await this.node.end(limitMs);
    await this.onEnded();
  }

  private endServing(): void {
    if (this.isOpened && this.serving.size === 0) this.node.stop();
  }
}
