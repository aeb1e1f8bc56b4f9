// The memory engine: the semantics of the waist without a medium. For tests, and for servers whose
// data may go with the process. Durability can be held back by hand, to test what waits for it.

import { Durability, storageError } from "../durability.js";
import type {
  Commit,
  LogPosition,
  MetaEntry,
  MetaScan,
  Mutation,
  ReadLimits,
  Storage,
  StorageStatus,
  StoredBatch,
  StreamId,
  StreamState,
} from "../storage.js";
import { CommitTurns } from "./commit-turns.js";
import { MemoryTables } from "./memory-tables.js";

/** What memory engines open: survives the engine, as a directory survives a process. */
export interface MemoryMedium {
  /** Epoch of the last owner; 0 before the first. */
  readonly ownerEpoch: number;
}

export interface MemoryStorageOptions {
  /** Default: a fresh one. */
  readonly medium?: MemoryMedium;
  /** Default: one above the last owner's. */
  readonly ownerEpoch?: number;
}

export interface MemoryStorage extends Storage {
  /** Commits from now on wait for {@link MemoryStorage.releaseDurability}. */
  holdDurability(): void;
  /** Makes commits durable up to a position; without one, all, and ends the hold. */
  releaseDurability(position?: LogPosition): void;
  /** Fails the store as a broken medium would. */
  fail(cause: Error): void;
}

interface Medium extends MemoryMedium {
  ownerEpoch: number;
  position: LogPosition;
  readonly tables: MemoryTables;
}

/** A medium that keeps everything in memory. */
export function createMemoryMedium(): MemoryMedium {
  const medium: Medium = { ownerEpoch: 0, position: 0, tables: new MemoryTables() };
  return medium;
}

/** @throws {S2Error} `storage` when the owner epoch is not above that of the last owner */
export function createMemoryStorage(options: MemoryStorageOptions = {}): MemoryStorage {
  const medium = (options.medium ?? createMemoryMedium()) as Medium;
  const ownerEpoch = options.ownerEpoch ?? medium.ownerEpoch + 1;
  if (ownerEpoch <= medium.ownerEpoch)
    throw storageError(
      `the store has a newer owner epoch=${medium.ownerEpoch} refused=${ownerEpoch}`,
    );
  medium.ownerEpoch = ownerEpoch;
  return new MemoryEngine(medium, ownerEpoch);
}

class MemoryEngine implements MemoryStorage {
  status: StorageStatus = "open";
  failure: Error | undefined = undefined;
  readonly ownerEpoch: number;
  readonly isFresh = true;
  private readonly medium: Medium;
  private readonly durability: Durability;
  private isHeld = false;
  private readonly turns = new CommitTurns(() => {
    if (!this.isHeld && this.status === "open") this.durability.advance(this.medium.position);
  });

  constructor(medium: Medium, ownerEpoch: number) {
    this.medium = medium;
    this.ownerEpoch = ownerEpoch;
    this.durability = new Durability(medium.position);
  }

  get durable(): LogPosition {
    return this.durability.position;
  }

  commit(mutations: readonly Mutation[]): Commit {
    this.requireOpen();
    const position = this.medium.position + 1;
    const stored = this.medium.tables.apply(mutations, position);
    this.medium.position = position;
    this.turns.committed();
    return { position, stored };
  }

  whenDurable(position: LogPosition): Promise<void> {
    return this.durability.when(position);
  }

  onDurable(listener: () => void): () => void {
    return this.durability.listen(listener);
  }

  streamState(streamId: StreamId): StreamState | undefined {
    return this.medium.tables.streamState(streamId);
  }

  async read(streamId: StreamId, fromSeqNum: number, limits: ReadLimits): Promise<StoredBatch[]> {
    this.requireReadable();
    return this.medium.tables.read(streamId, fromSeqNum, limits, this.durable);
  }

  async seekTimestamp(streamId: StreamId, timestamp: number): Promise<number | undefined> {
    this.requireReadable();
    return this.medium.tables.seekTimestamp(streamId, timestamp, this.durable);
  }

  async seekWritten(streamId: StreamId, cutoffMs: number, nowMs: number): Promise<number> {
    this.requireReadable();
    return this.medium.tables.seekWritten(streamId, { cutoffMs, nowMs }, this.durable);
  }

  getMeta(key: Uint8Array): Uint8Array | undefined {
    return this.medium.tables.getMeta(key);
  }

  scanMeta(scan: MetaScan): MetaEntry[] {
    return this.medium.tables.scanMeta(scan);
  }

  holdDurability(): void {
    this.isHeld = true;
  }

  releaseDurability(position?: LogPosition): void {
    if (position === undefined) this.isHeld = false;
    if (this.status === "open") this.durability.advance(position ?? this.medium.position);
  }

  fail(cause: Error): void {
    if (this.status !== "open") return;
    this.status = "failed";
    const failure = storageError("the store failed: restart to recover", cause);
    this.failure = failure;
    this.durability.fail(failure);
  }

  async close(): Promise<void> {
    if (this.status !== "open") return;
    this.releaseDurability();
    this.status = "closed";
    this.durability.fail(storageError("the store is closed"));
  }

  private requireOpen(): void {
    if (this.status === "failed")
      throw storageError("the store failed: restart to recover", this.failure);
    if (this.status === "closed") throw storageError("the store is closed");
    if (this.medium.ownerEpoch !== this.ownerEpoch)
      throw storageError(
        `the store has a newer owner epoch=${this.medium.ownerEpoch} refused=${this.ownerEpoch}`,
      );
  }

  private requireReadable(): void {
    if (this.status === "closed") throw storageError("the store is closed");
  }
}
