// The disk engine: the waist of `storage.ts` over the log. A commit is checked, placed into the open
// group and applied, in that order and without waiting; the log writer makes it durable. Reads take
// what is durable from the cache or the files. Everything here runs on one event loop.

import { type Clock, S2Error } from "@s2kit/core";
import { type Durability, storageError } from "../durability.js";
import { seekInBatch } from "../memory-tables.js";
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
import { fit } from "../stream-rules.js";
import type { DiskLock } from "./disk.js";
import { GroupBuilder } from "./group-builder.js";
import type { LogFiles } from "./log-files.js";
import { type LogReader, pairOf } from "./log-reader.js";
import type { LogWriter } from "./log-writer.js";
import { payloadRoomBytes, place, rowsNeeded } from "./mutation-rows.js";
import { countOf, WORD_LAST_TIMESTAMP, WORD_WRITTEN } from "./row.js";
import { SPACE_META } from "./state-keys.js";
import type { StateTables } from "./state-tables.js";

/** The rooms of an open engine. */
export interface EngineParts {
  readonly clock: Clock;
  readonly lock: DiskLock;
  readonly ownerEpoch: number;
  readonly segmentBytes: number;
  readonly maxQueuedBytes: number;
  readonly durability: Durability;
  readonly files: LogFiles;
  readonly builder: GroupBuilder;
  readonly writer: LogWriter;
  readonly reader: LogReader;
  readonly tables: StateTables;
}

export class DiskStorage implements Storage {
  status: StorageStatus = "open";
  failure: Error | undefined = undefined;
  readonly ownerEpoch: number;
  private readonly parts: EngineParts;
  private closing: Promise<void> | undefined;

  constructor(parts: EngineParts) {
    this.parts = parts;
    this.ownerEpoch = parts.ownerEpoch;
  }

  get durable(): LogPosition {
    return this.parts.durability.position;
  }

  commit(mutations: readonly Mutation[]): Commit {
    const { builder, tables, writer } = this.parts;
    this.requireOpen();
    fit(mutations, (streamId) => tables.stream(streamId));
    let payloadBytes = 0;
    let rows = 0;
    let hasAppend = false;
    for (const mutation of mutations) {
      payloadBytes += payloadRoomBytes(mutation);
      rows += rowsNeeded(mutation);
      hasAppend ||= mutation.kind === "append";
    }
    this.requireRoom(payloadBytes, rows, hasAppend);
    builder.beginCommit(payloadBytes, rows);
    const stored: StoredBatch[] = [];
    for (const mutation of mutations) {
      const batch = place(builder, tables, mutation);
      if (batch !== undefined) stored.push(batch);
    }
    writer.kick();
    return { position: builder.position, stored };
  }

  whenDurable(position: LogPosition): Promise<void> {
    return this.parts.durability.when(position);
  }

  onDurable(listener: () => void): () => void {
    return this.parts.durability.listen(listener);
  }

  streamState(streamId: StreamId): StreamState | undefined {
    return this.parts.tables.stream(streamId);
  }

  async read(
    streamId: StreamId,
    fromSeqNum: number,
    limits: ReadLimits,
  ): Promise<readonly StoredBatch[]> {
    this.requireReadable();
    const state = this.streamState(streamId);
    if (state === undefined) return [];
    const { reader } = this.parts;
    return reader.load(reader.plan(streamId, Math.max(fromSeqNum, state.trimPoint), limits, 0));
  }

  async seekTimestamp(streamId: StreamId, timestamp: number): Promise<number | undefined> {
    this.requireReadable();
    const state = this.streamState(streamId);
    if (state === undefined) return undefined;
    const { reader } = this.parts;
    for (const entry of reader.rowsFrom(streamId, state.trimPoint)) {
      if (pairOf(entry, WORD_LAST_TIMESTAMP) < timestamp) continue;
      const [batch] = await reader.load([entry]);
      const seqNum = seekInBatch((batch as StoredBatch).bytes, timestamp, state.trimPoint);
      if (seqNum !== undefined) return seqNum;
    }
    return undefined;
  }

  async seekWritten(streamId: StreamId, cutoffMs: number): Promise<number> {
    this.requireReadable();
    const state = this.streamState(streamId);
    let seqNum = state?.trimPoint ?? 0;
    if (state === undefined) return seqNum;
    for (const entry of this.parts.reader.rowsFrom(streamId, seqNum)) {
      if (pairOf(entry, WORD_WRITTEN) >= cutoffMs) break;
      seqNum =
        entry.rows.firstSeqNum(entry.row) +
        countOf(entry.rows.wordsOf(entry.row), entry.rows.baseOf(entry.row));
    }
    return seqNum;
  }

  getMeta(key: Uint8Array): Uint8Array | undefined {
    return this.parts.tables.get(SPACE_META + keyToString(key));
  }

  scanMeta(scan: MetaScan): MetaEntry[] {
    return this.parts.tables.scanMeta(scan);
  }

  /** Fail-stop: nothing is accepted or confirmed any more. */
  fail(cause: Error): void {
    if (this.status !== "open") return;
    this.status = "failed";
    const failure = S2Error.from(cause, "storage");
    this.failure = failure;
    this.parts.durability.fail(failure);
  }

  close(): Promise<void> {
    this.closing ??= this.shutDown();
    return this.closing;
  }

  private async shutDown(): Promise<void> {
    const { writer, builder, files, durability, tables, lock } = this.parts;
    const isClean = this.status === "open";
    if (isClean) this.status = "closed";
    await writer.drained();
    if (isClean && this.failure === undefined) {
      // Says that the last group is durable: damage to it is then told from an unfinished write.
      writer.enqueue(builder.sealEmpty());
      await writer.drained();
    }
    durability.fail(storageError("the store is closed"));
    await tables.store.close();
    await files.close();
    await lock.release();
  }

  private requireOpen(): void {
    if (this.status === "failed")
      throw storageError("the store failed: restart to recover", this.failure);
    if (this.status === "closed") throw storageError("the store is closed");
  }

  private requireReadable(): void {
    if (this.status === "closed") throw storageError("the store is closed");
  }

  private requireRoom(payloadBytes: number, rows: number, hasAppend: boolean): void {
    const { segmentBytes, builder, files, writer, maxQueuedBytes } = this.parts;
    const largest = GroupBuilder.maxPayloadBytes(segmentBytes, rows);
    if (payloadBytes > largest)
      throw storageError(`a commit is too large for the log bytes=${payloadBytes} max=${largest}`);
    if (writer.queuedBytes + builder.openBytes > maxQueuedBytes)
      throw new S2Error({
        code: "hot_server",
        message: `too many bytes wait for the disk max=${maxQueuedBytes}`,
      });
    // On a full disk the rest of the segment is kept for what frees space.
    const cause = files.isReady ? undefined : files.fullCause;
    const reserve = hasAppend ? segmentBytes / 4 : 0;
    if (cause !== undefined && builder.segmentRoomBytes - payloadBytes - rows * 64 < reserve + 8192)
      throw storageError(`the disk is full: free some space cause=${cause.message}`, cause);
  }
}
