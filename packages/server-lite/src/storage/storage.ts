// The storage waist: everything above it sees records and ordered metadata, everything below it
// sees bytes on some medium. All engines pass `./testing`'s compliance suite.
//
// One order rules all: `commit` applies a set of mutations at once, gives it the next log position,
// and returns without waiting. Reads of metadata and stream state see applied mutations; record
// reads and everything that leaves the process wait until the position is durable. A failed write
// or sync is fatal: the store goes to `failed` and stays there until the process restarts.

import type { StreamPosition } from "@s2kit/core";
import type { AppendBatch } from "@s2kit/core/server";

/** Longest metadata key: what the smallest page of an ordered store can hold. */
export const MAX_META_KEY_BYTES = 1024;

/** Place in the engine's log; grows by one per commit. 0 is before the first commit. */
export type LogPosition = number;

/** Number that names a stream inside the store; never reused, unlike names. 1 to 2^53 - 1. */
export type StreamId = number;

/** What the store keeps per stream beside its records. */
export interface StreamState {
  /** Next seqNum to assign, and the timestamp of the last record. */
  readonly tail: StreamPosition;
  /** Records below are trimmed: they are never read again, and their space returns. */
  readonly trimPoint: number;
  /** The fencing token in force; empty when there is none. */
  readonly fencingToken: string;
  /** Wall clock ms of the last append, or of the stream's creation. */
  readonly lastWriteMs: number;
}

/** Records of one commit to one stream, as they are stored: the records field of a ReadBatch. */
export interface StoredBatch {
  readonly firstSeqNum: number;
  readonly count: number;
  readonly meteredBytes: number;
  readonly firstTimestamp: number;
  readonly lastTimestamp: number;
  /** Wall clock ms when the batch was committed: what age-based retention counts from. */
  readonly writtenMs: number;
  /** Wire form. Of a read, a view of something lent: see {@link Storage.read}. */
  readonly bytes: Uint8Array;
}

/** Appends a sequenced batch: its timestamps are assigned and its conditions were checked. */
export interface AppendMutation {
  readonly kind: "append";
  readonly streamId: StreamId;
  /** Borrowed: the engine takes what it needs before `commit` returns. */
  readonly batch: AppendBatch;
  /** Must be the stream's tail. */
  readonly firstSeqNum: number;
  readonly writtenMs: number;
  /** The fencing token after this batch, when the batch changes it. */
  readonly fencingToken?: string | undefined;
  /** The trim point after this batch, when the batch moves it. Never moves back. */
  readonly trimPoint?: number | undefined;
}

/** Where a stream begins whose older records were elsewhere, and are trimmed. */
export interface StreamStart {
  /**
   * The seqNum of the first append, which is the trim point, and the timestamp of the record
   * before.
   */
  readonly tail: StreamPosition;
  /** In force from the start; empty for none, at most 36 bytes of UTF-8. */
  readonly fencingToken: string;
}

/** Makes a stream without records. */
export interface CreateStreamMutation {
  readonly kind: "create-stream";
  readonly streamId: StreamId;
  readonly writtenMs: number;
  /** Default: at seqNum 0 and timestamp 0, without a token. */
  readonly start?: StreamStart | undefined;
}

/** One change of the state. */
export type Mutation =
  | AppendMutation
  | CreateStreamMutation
  /** Moves the trim point (retention, deletion). Smaller or equal is a no-op. */
  | { readonly kind: "trim"; readonly streamId: StreamId; readonly trimPoint: number }
  /** Forgets a stream: state and records. */
  | { readonly kind: "drop-stream"; readonly streamId: StreamId }
  | { readonly kind: "put"; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly kind: "delete"; readonly key: Uint8Array };

/** Changes that become durable together. */
export interface Commit {
  /** Durable once `durable` reaches it. */
  readonly position: LogPosition;
  /** The stored form of each append mutation, in order: followers get the same bytes. */
  readonly stored: readonly StoredBatch[];
}

/** How much is read at once. */
export interface ReadLimits {
  /**
   * Soft bound: reading ends behind the batch that reaches it, or at a convenient place before. At
   * least one batch comes, when there is one.
   */
  readonly maxBytes: number;
  /** Records at or above this seqNum are not wanted. */
  readonly endSeqNum: number;
}

/** A key and its value. */
export interface MetaEntry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** Which keys are read, in order. */
export interface MetaScan {
  readonly prefix: Uint8Array;
  /** Exclusive, in byte order; default: the start of the prefix. */
  readonly startAfter?: Uint8Array | undefined;
  readonly limit: number;
}

/**
 * How a storage engine is doing.
 *
 * - `open`: it takes commits
 * - `fenced`: another process has it now; nothing of this one counts any more
 * - `failed`: a write failed, and nobody knows its outcome
 * - `closed`: let go of
 *
 * Nothing leads back from `fenced` and `failed` but another opening.
 */
export type StorageStatus = "open" | "fenced" | "failed" | "closed";

/** A figure of an engine, for the metrics page. */
export interface StorageGauge {
  readonly name: string;
  readonly help: string;
  /** Of several values: what tells them apart. A shard's own has one value. */
  readonly label?: string;
  /** It is the same for all shards of the store. Default false. */
  readonly isOfStore?: boolean;
  /** Default: a gauge; a counter only grows, and its name says `_total`. */
  readonly type?: "counter" | "gauge";
  readonly read: () => number | ReadonlyMap<string, number> | Promise<number>;
}

/** What a server needs of a storage engine. */
export interface Storage {
  readonly status: StorageStatus;
  /** Why the store ended; undefined unless `status` is `failed` or `fenced`. */
  readonly failure: Error | undefined;

  /**
   * Number of this ownership of the store: each open takes a higher one than any before, and writes
   * it with every group. An engine refuses an owner whose epoch has been passed.
   */
  readonly ownerEpoch: number;

  /**
   * Whether nobody else can have acknowledged what this store does not have. Where it is false, an
   * answer from its state may be old, and must not leave. Ask after the answer is made, in the turn
   * that sends it. Always true of an engine that one process alone can have.
   */
  readonly isFresh: boolean;

  /** What an engine counts of itself; undefined for nothing. */
  readonly gauges?: readonly StorageGauge[];

  /** Highest durable log position; never moves back. */
  readonly durable: LogPosition;

  /** Buffers of answers that are not given back; undefined for an engine that lends none. */
  readonly lentBuffers?: number;

  /**
   * Applies mutations atomically and in order, now; makes them durable soon. The bytes of keys and
   * values are borrowed.
   *
   * @throws {S2Error} `storage` when the store is failed, closed or out of space: nothing changed
   * @throws {InvariantError} when a mutation does not fit the state (unknown stream, firstSeqNum
   *   not the tail, a key above {@link MAX_META_KEY_BYTES}): nothing changed
   */
  commit(mutations: readonly Mutation[]): Commit;

  /**
   * Resolves when everything up to the position is durable.
   *
   * @throws {S2Error} `storage` when the store failed first: the outcome is unknown
   */
  whenDurable(position: LogPosition): Promise<void>;

  /**
   * Calls back after each move of `durable` (coalesced, in order), and once when the store fails.
   * The cheap form of `whenDurable` for those who have a queue of positions.
   *
   * @returns a function that ends the subscription
   */
  onDurable(listener: () => void): () => void;

  /** Applied state of a stream; undefined when there is none. */
  streamState(streamId: StreamId): StreamState | undefined;

  /**
   * Durable batches in order, from the one that contains `fromSeqNum` (or the first above it, when
   * it is trimmed). Batches come whole: callers cut them. Empty when nothing is left to read. There
   * is no hole in the answer but for what is trimmed.
   *
   * The bytes may be lent. The caller holds each run of batches in one buffer once, and gives it
   * back (`giveBackRuns` of `lending`); until then they do not change.
   *
   * @throws {S2Error} `storage` when records are damaged, or missing above the trim point
   */
  read(streamId: StreamId, fromSeqNum: number, limits: ReadLimits): Promise<readonly StoredBatch[]>;

  /**
   * The seqNum of the first durable, untrimmed record with this timestamp or a later one;
   * undefined when there is none.
   *
   * @throws {S2Error} `storage` when untrimmed records are missing
   */
  seekTimestamp(streamId: StreamId, timestamp: number): Promise<number | undefined>;

  /**
   * The seqNum up to which age-based retention may trim: everything below it was committed before
   * `cutoffMs`. The trim point when nothing is that old. A batch whose `writtenMs` lies beyond
   * `nowMs` was stamped by a clock that jumped: it is as old as what was committed behind it.
   *
   * @throws {S2Error} `storage` when untrimmed records are missing
   */
  seekWritten(streamId: StreamId, cutoffMs: number, nowMs: number): Promise<number>;

  /** Applied metadata. The bytes belong to the store and never change. */
  getMeta(key: Uint8Array): Uint8Array | undefined;

  /** Applied metadata under a prefix, in byte order of the keys. */
  scanMeta(scan: MetaScan): readonly MetaEntry[];

  /** Drains, then releases everything; idempotent. Commits fail from the call on. */
  close(): Promise<void>;
}
