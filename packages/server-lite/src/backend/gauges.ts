// What is open and waiting below the routes, as numbers, for the ledger and the Prometheus page.
// Each is read when somebody asks; keeping them costs requests nothing.

import type { Quotas } from "./access/quotas.js";
import type { AppendIntake } from "./append/append-intake.js";
import type { Shard } from "./shard.js";
import type { ReadCounts } from "./shards/read-sum.js";

export interface BackendGauges {
  /** Metered bytes of appends that are accepted and not yet durable. */
  readonly inflightBytes: number;
  readonly maxInflightBytes: number;
  /** Appends that wait for room in flight. */
  readonly waitingAppends: number;
  /** Replies that wait for durability. */
  readonly pendingReplies: number;
  /** Streams that are held in memory. */
  readonly activeStreams: number;
  readonly leases: number;
  /** Readers that wait at the tail of a stream. */
  readonly followers: number;
  /** Records that readers got since the start, and their metered bytes. */
  readonly readRecords: number;
  readonly readBytes: number;
  /** Readers that the quotas count. */
  readonly countedReaders: number;
  /** All of it. */
  readonly isStorageOpen: boolean;
  /** Commits that are durable. */
  readonly durablePosition: number;
}

/** Those of now, and what readers got since the start. */
export interface GaugedShards {
  readonly all: readonly Shard[];
  readonly read: ReadCounts;
}

export function createGauges(
  intake: AppendIntake,
  quotas: Quotas,
  shards: GaugedShards,
): BackendGauges {
  const sum = (read: (shard: Shard) => number): number =>
    shards.all.reduce((total, shard) => total + read(shard), 0);
  return {
    get inflightBytes() {
      return intake.room.heldBytes;
    },
    get maxInflightBytes() {
      return intake.room.maxBytes;
    },
    get waitingAppends() {
      return intake.room.waitingCount;
    },
    get pendingReplies() {
      return sum(({ pending }) => pending.length);
    },
    get activeStreams() {
      return sum(({ streamers }) => streamers.size);
    },
    get leases() {
      return sum(({ streamers }) => streamers.leaseCount);
    },
    get followers() {
      return sum(({ streamers }) => streamers.followerCount);
    },
    get readRecords() {
      return shards.read.records;
    },
    get readBytes() {
      return shards.read.meteredBytes;
    },
    get countedReaders() {
      return quotas.readerCount;
    },
    get isStorageOpen() {
      return shards.all.every(({ state }) => state.kind === "open");
    },
    get durablePosition() {
      return sum(({ storage }) => storage.durable);
    },
  };
}
