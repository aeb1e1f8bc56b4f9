// All shards of the node's store, in the order of their numbers, and which one has a stream. What
// has failed is asked for nothing: its streams are refused, those of the others are served.

import type { StreamName } from "../catalog/keys/stream.js";
import { ONLY_PLACE, requirePlaced, type ShardPlace, shardOf } from "../catalog/placement.js";
import type { Shard } from "../shard.js";
import { type AskedShards, OneAsked, SeveralAsked } from "./asked-shards.js";
import { type ReadCounts, ReadSum } from "./read-sum.js";
import type { ShardReopening } from "./shard-reopening.js";

export interface FailureListeners {
  /** The node cannot go on. */
  onUnusable(reason: Error): void;
  /** It goes on without this shard, for now. */
  onReduced(shard: number, reason: Error): void;
  /** The shard is served again. */
  onRestored(shard: number): void;
}

export class Shards {
  /** Those of now, always in the same list. */
  readonly all: readonly Shard[];
  /** Has what concerns the whole account. */
  readonly first: Shard;
  private readonly list: Shard[];
  private readonly one: AskedShards | undefined;
  private readonly reopening: Pick<ShardReopening, "begin"> | undefined;
  private readonly reads = new ReadSum();
  private readonly place: ShardPlace;
  private listeners: FailureListeners | undefined = undefined;

  /**
   * @param all - at least one
   * @param reopening - brings one back that failed alone; default: nobody does
   * @param place - of the only one here, when other nodes have the others; default: they are all
   */
  constructor(
    all: readonly Shard[],
    reopening?: Pick<ShardReopening, "begin">,
    place: ShardPlace = ONLY_PLACE,
  ) {
    this.list = [...all];
    this.all = this.list;
    this.first = all[0] as Shard;
    // Changes of the account have others to wait for, wherever these are.
    const hasCopies = all.length > 1 || (place.shards > 1 && place.shard === 0);
    this.one = hasCopies ? undefined : new OneAsked(this.first, place);
    this.reopening = reopening;
    this.place = place;
  }

  /**
   * @throws {S2Error} `unavailable` when it has failed, and is not the only one; `misdirected` when
   *   another node has it
   */
  of(name: StreamName): Shard {
    requirePlaced(name, this.place);
    const shard = this.all[shardOf(name, this.all.length)] as Shard;
    if (this.one === undefined) shard.requireUsable();
    return shard;
  }

  /**
   * Tells when one fails from now on, and ends its sessions. Without the first one nobody knows
   * basins and tokens; one that another process has taken is a sign that it takes all.
   */
  onFailed(listeners: FailureListeners): void {
    this.listeners = listeners;
    this.all.forEach((shard, number) => this.watch(number, shard));
  }

  /** Has a shard that was opened again in the place of the one that failed. */
  replace(number: number, shard: Shard): void {
    const before = this.list[number];
    if (before !== undefined) this.reads.left(before);
    this.list[number] = shard;
    this.listeners?.onRestored(number);
    this.watch(number, shard);
  }

  /** What readers got since the start of the node, also of shards that failed since. */
  get read(): ReadCounts {
    return this.reads.with(this.list);
  }

  private watch(number: number, shard: Shard): void {
    shard.onFailed((reason) => {
      const isLast = this.all.every(({ state }) => state.kind !== "open");
      if (number === 0 || isLast || shard.state.kind === "fenced")
        return this.listeners?.onUnusable(reason);
      shard.abandon();
      this.listeners?.onReduced(number, reason);
      this.reopening?.begin(number, shard);
    });
  }

  /** @param settled - see `Account`: what a change of the account waits for */
  ask(settled: () => Promise<void> | undefined): AskedShards {
    return this.one ?? new SeveralAsked(this, settled);
  }
}
