// What readers got of the shards of a node since its start: a counter of the metrics, which must
// never fall when a shard goes or is opened anew.

import type { Shard } from "../shard.js";

/** Records that readers got, and their metered bytes. */
export interface ReadCounts {
  readonly records: number;
  readonly meteredBytes: number;
}

export class ReadSum {
  /** Of shards that are not here any more. */
  private readonly before = { records: 0, meteredBytes: 0 };

  left({ usage }: Shard): void {
    this.before.records += usage.read.records;
    this.before.meteredBytes += usage.read.meteredBytes;
  }

  /** @param shards - those that are here */
  with(shards: readonly Shard[]): ReadCounts {
    const sum = { ...this.before };
    for (const { usage } of shards) {
      sum.records += usage.read.records;
      sum.meteredBytes += usage.read.meteredBytes;
    }
    return sum;
  }
}
