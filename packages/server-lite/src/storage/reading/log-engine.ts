// What every engine over a log does alike, whatever its medium: the tables are asked at once, reads
// take what is durable, and a failure is final. How commits are taken, and how it ends, is its own.

import { S2Error } from "@s2kit/core";
import { type Durability, storageError } from "../durability.js";
import { SPACE_META } from "../log/state-keys.js";
import type { StateTables } from "../log/state-tables.js";
import { keyToString } from "../meta-key.js";
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
import type { Places } from "./places.js";
import { readBatches } from "./read.js";
import { ReadsUnderWay } from "./reads-under-way.js";
import { seekTimestamp, seekWritten } from "./seek.js";

/** What it needs of an engine. */
export interface LogEngineComponents extends Places {
  readonly durability: Durability;
  readonly tables: StateTables;
}

export abstract class LogEngine<C extends LogEngineComponents> implements Storage {
  status: StorageStatus = "open";
  failure: Error | undefined = undefined;
  readonly ownerEpoch: number;
  protected readonly components: C;
  protected readonly reads: ReadsUnderWay = new ReadsUnderWay();
  private closing: Promise<void> | undefined;

  constructor(components: C, ownerEpoch: number) {
    this.components = components;
    this.ownerEpoch = ownerEpoch;
  }

  /** Tells the store from others. */
  abstract get storeKey(): number;

  /** One process alone can have it, unless the engine says otherwise. */
  get isFresh(): boolean {
    return true;
  }

  abstract commit(mutations: readonly Mutation[]): Commit;

  /** @param isClean - it was open until now */
  protected abstract shutDown(isClean: boolean): Promise<void>;

  get durable(): LogPosition {
    return this.components.durability.position;
  }

  whenDurable(position: LogPosition): Promise<void> {
    return this.components.durability.when(position);
  }

  onDurable(listener: () => void): () => void {
    return this.components.durability.listen(listener);
  }

  streamState(streamId: StreamId): StreamState | undefined {
    return this.components.tables.stream(streamId);
  }

  async read(
    streamId: StreamId,
    fromSeqNum: number,
    limits: ReadLimits,
  ): Promise<readonly StoredBatch[]> {
    return this.reading(async () => {
      const state = this.streamState(streamId);
      if (state === undefined) return [];
      return readBatches(this.components, streamId, Math.max(fromSeqNum, state.trimPoint), limits);
    });
  }

  async seekTimestamp(streamId: StreamId, timestamp: number): Promise<number | undefined> {
    return this.reading(async () => {
      const state = this.streamState(streamId);
      if (state === undefined) return undefined;
      return seekTimestamp(this.components, streamId, timestamp, state);
    });
  }

  async seekWritten(streamId: StreamId, cutoffMs: number, nowMs: number): Promise<number> {
    return this.reading(async () => {
      const state = this.streamState(streamId);
      if (state === undefined) return 0;
      return seekWritten(this.components, streamId, { cutoffMs, nowMs }, state.trimPoint);
    });
  }

  /** For copies and proofs of a whole store: nothing may be committed while it is walked. */
  allStreams(): IterableIterator<readonly [StreamId, StreamState]> {
    return this.components.tables.allStreams();
  }

  getMeta(key: Uint8Array): Uint8Array | undefined {
    return this.components.tables.get(SPACE_META + keyToString(key));
  }

  scanMeta(scan: MetaScan): MetaEntry[] {
    return this.components.tables.scanMeta(scan);
  }

  /** Fail-stop: nothing is accepted or confirmed any more. */
  fail(cause: Error): void {
    this.end("failed", cause);
  }

  /** Another process has the store now: as final as a failure, and none of this process. */
  fence(cause: Error): void {
    this.end("fenced", cause);
  }

  /** It failed or was fenced, just now: nobody has heard of it yet. */
  protected onEnd(): void {
    return undefined;
  }

  private end(status: "failed" | "fenced", cause: Error): void {
    if (this.failure !== undefined) return;
    // Also while closing: whoever waits for the last commits must hear of it.
    this.status = status;
    const failure = S2Error.from(cause, "storage");
    this.failure = failure;
    this.onEnd();
    this.components.durability.fail(failure);
  }

  close(): Promise<void> {
    if (this.closing === undefined) {
      const isClean = this.status === "open";
      if (isClean) this.status = "closed";
      this.closing = this.shutDown(isClean);
    }
    return this.closing;
  }

  protected requireOpen(): void {
    if (this.status === "failed")
      throw storageError("the store failed: restart to recover", this.failure);
    if (this.status === "fenced")
      throw storageError("another process has the store now", this.failure);
    if (this.status === "closed") throw storageError("the store is closed");
  }

  private async reading<T>(read: () => Promise<T>): Promise<T> {
    // A failed store stays failed when it is closed.
    if (this.closing !== undefined) throw storageError("the store is closed");
    return this.reads.run(read);
  }
}
