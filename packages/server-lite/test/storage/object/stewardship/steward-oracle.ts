// What must hold in every history of shards that come and go: what was acknowledged is there for every
// owner that opens later and for every answer that counts, and no two owners of a shard answer at once.

import type { ObjectStorage } from "../../../../src/storage/object/engine/object-storage.js";
import type { HistoryNode } from "./history-node.js";

export class StewardOracle {
  readonly stats = { opens: 0, acks: 0, reads: 0 };
  violation: string | undefined = undefined;
  private readonly acked = new Map<number, Set<string>>();
  private readonly nodes: readonly HistoryNode[];
  private keys = 0;

  constructor(nodes: readonly HistoryNode[]) {
    this.nodes = nodes;
  }

  fail(why: string): void {
    this.violation ??= why;
  }

  nextKey(): string {
    return `k${++this.keys}`;
  }

  opened(shard: number, storage: ObjectStorage): void {
    this.stats.opens++;
    this.requireAll(shard, storage, "opens");
  }

  acknowledged(shard: number, key: string): void {
    this.stats.acks++;
    const keys = this.acked.get(shard) ?? new Set();
    this.acked.set(shard, keys.add(key));
  }

  /** Answers from the state of an owner that counts itself as fresh. */
  read(shard: number, storage: ObjectStorage, name: string): void {
    this.stats.reads++;
    this.requireAll(shard, storage, `${name} answers`);
    const fresh = this.nodes.filter(
      (node) => node.isAwake && node.served.get(shard)?.isFresh === true,
    );
    if (fresh.length > 1)
      this.fail(`${fresh.map((node) => node.name).join(" and ")} answer for shard ${shard}`);
  }

  private requireAll(shard: number, storage: ObjectStorage, what: string): void {
    for (const key of this.acked.get(shard) ?? [])
      if (storage.getMeta(Buffer.from(key)) === undefined)
        this.fail(`${what} in epoch ${storage.ownerEpoch} of shard ${shard} without ${key}`);
  }
}
