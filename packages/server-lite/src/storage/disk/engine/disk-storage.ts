// The disk engine: the waist of `storage.ts` over the log. A commit is checked, placed into the
// open group and applied, in that order and without waiting; the log writer makes it durable. Reads
// take what is durable from the cache or the files. Everything here runs on one event loop.

import { type Clock, type Deferred, deferred, S2Error } from "@s2kit/core";
import type { LentBuffers } from "../../../lending/lent-buffers.js";
import { isSettledWithin } from "../../../waiting/settled-within.js";
import { type Durability, storageError } from "../../durability.js";
import { GroupBuilder } from "../../log/group-builder.js";
import {
  MAX_APPEND_ROWS,
  payloadRoomBytes,
  place,
  placeAppend,
  rowsNeeded,
} from "../../log/mutation-rows.js";
import { SPACE_META } from "../../log/state-keys.js";
import type { StateTables } from "../../log/state-tables.js";
import { keyToString } from "../../meta-key.js";
import type {
  AppendMutation,
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
} from "../../storage.js";
import { fit, fitAppend } from "../../stream-rules.js";
import type { ExtentReader } from "../data/extent-reader.js";
import type { LogFiles } from "../log/log-files.js";
import type { LogReader } from "../log/log-reader.js";
import type { LogWriter } from "../log/log-writer.js";
import type { CountingLock } from "../medium/leased-disk.js";
import type { Maintenance } from "../upkeep/maintenance.js";
import { readBatches, seekTimestamp, seekWritten } from "./read.js";

/** The rooms of an open engine. */
export interface EngineParts {
  readonly clock: Clock;
  readonly lock: CountingLock;
  readonly ownerEpoch: number;
  readonly segmentBytes: number;
  readonly maxQueuedBytes: number;
  readonly closeGraceMs: number;
  readonly durability: Durability;
  readonly files: LogFiles;
  readonly builder: GroupBuilder;
  readonly writer: LogWriter;
  readonly reader: LogReader;
  readonly extents: ExtentReader;
  readonly buffers: LentBuffers;
  readonly maintenance: Maintenance;
  readonly tables: StateTables;
}

/** Patience with a disk that takes no change any more, before a close ends without it. */
const HUNG_MS = 60_000;

export class DiskStorage implements Storage {
  status: StorageStatus = "open";
  failure: Error | undefined = undefined;
  readonly ownerEpoch: number;
  private readonly parts: EngineParts;
  private closing: Promise<void> | undefined;
  /** In progress. */
  private reads = 0;
  private lastRead: Deferred<void> | undefined;

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
    const [only] = mutations;
    if (mutations.length === 1 && only?.kind === "append") return this.append(only);
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
      if (mutation.kind !== "append" || mutation.trimPoint !== undefined) this.noteTrim(mutation);
    }
    writer.kick();
    return { position: builder.position, stored };
  }

  /** {@link DiskStorage.commit} for a single append: the hot path. */
  private append(mutation: AppendMutation): Commit {
    const { builder, tables, writer } = this.parts;
    const state = tables.stream(mutation.streamId);
    fitAppend(mutation, state);
    const payloadBytes = payloadRoomBytes(mutation);
    this.requireRoom(payloadBytes, MAX_APPEND_ROWS, true);
    builder.beginCommit(payloadBytes, MAX_APPEND_ROWS);
    const stored = [placeAppend(builder, tables, mutation, state)];
    if (mutation.trimPoint !== undefined) this.noteTrim(mutation);
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

  get lentBuffers(): number {
    return this.parts.buffers.lentCount;
  }

  async read(
    streamId: StreamId,
    fromSeqNum: number,
    limits: ReadLimits,
  ): Promise<readonly StoredBatch[]> {
    return this.reading(async () => {
      const state = this.streamState(streamId);
      if (state === undefined) return [];
      return readBatches(this.parts, streamId, Math.max(fromSeqNum, state.trimPoint), limits);
    });
  }

  async seekTimestamp(streamId: StreamId, timestamp: number): Promise<number | undefined> {
    return this.reading(async () => {
      const state = this.streamState(streamId);
      if (state === undefined) return undefined;
      return seekTimestamp(this.parts, streamId, timestamp, state);
    });
  }

  async seekWritten(streamId: StreamId, cutoffMs: number, nowMs: number): Promise<number> {
    return this.reading(async () => {
      const state = this.streamState(streamId);
      if (state === undefined) return 0;
      return seekWritten(this.parts, streamId, { cutoffMs, nowMs }, state.trimPoint);
    });
  }

  getMeta(key: Uint8Array): Uint8Array | undefined {
    return this.parts.tables.get(SPACE_META + keyToString(key));
  }

  scanMeta(scan: MetaScan): MetaEntry[] {
    return this.parts.tables.scanMeta(scan);
  }

  /** Does all background work there is now. */
  maintain(): Promise<void> {
    return this.parts.maintenance.run();
  }

  pauseMaintenance(): void {
    this.parts.maintenance.pause();
  }

  resumeMaintenance(): void {
    this.parts.maintenance.resume();
  }

  /** Why the background is held up; undefined when it is well. */
  get trouble(): Error | undefined {
    return this.parts.maintenance.trouble ?? this.parts.files.fullCause;
  }

  /** Fail-stop: nothing is accepted or confirmed any more. */
  fail(cause: Error): void {
    if (this.failure !== undefined) return;
    // Also while closing: whoever waits for the last commits must hear of it.
    this.status = "failed";
    const failure = S2Error.from(cause, "storage");
    this.failure = failure;
    this.parts.durability.fail(failure);
  }

  close(): Promise<void> {
    this.closing ??= this.shutDown();
    return this.closing;
  }

  /**
   * Always ends. Commits that make no progress fail after the grace period; a disk that hangs is
   * left to itself then, and the directory stays locked until it gives back what it has.
   */
  private async shutDown(): Promise<void> {
    const isClean = this.status === "open";
    if (isClean) this.status = "closed";
    const finished = this.finish(isClean);
    await this.whileProgressing(finished);
    const freed = finished.then(() => this.free());
    if (await isSettledWithin(this.parts.clock, freed, HUNG_MS)) await freed;
  }

  /** Writes what was accepted, and leaves the whole log applied. */
  private async finish(isClean: boolean): Promise<void> {
    const { writer, builder, maintenance } = this.parts;
    await writer.drained();
    await maintenance.close({ checkpoint: isClean && this.failure === undefined });
    if (!isClean || this.failure !== undefined) return;
    // Says that the last group is durable: damage to it is then told from an unfinished write.
    await writer.drained();
    writer.enqueue(builder.sealEmpty());
    await writer.drained();
  }

  private async whileProgressing(finished: Promise<void>): Promise<void> {
    const { clock, closeGraceMs, durability, writer, files, lock } = this.parts;
    let { changes } = lock;
    let movedMs = clock.monotonic();
    for (;;) {
      const { position } = durability;
      if (await isSettledWithin(clock, finished, closeGraceMs)) return;
      // Without a commit that waits, it is upkeep that is at work: a large checkpoint takes
      // minutes.
      const isStuck = !writer.isIdle && durability.position === position;
      if (lock.changes !== changes) movedMs = clock.monotonic();
      ({ changes } = lock);
      if (!isStuck && clock.monotonic() - movedMs < HUNG_MS) continue;
      const cause = files.fullCause;
      const why = cause === undefined ? "the disk does not answer" : `cause=${cause.message}`;
      this.fail(
        storageError(`the store was closed before the disk took its commits ${why}`, cause),
      );
      writer.abandon();
      return;
    }
  }

  private async free(): Promise<void> {
    const { writer, durability, tables, extents, files, lock } = this.parts;
    durability.fail(storageError("the store is closed"));
    await this.readsDone();
    try {
      await tables.store.close();
      await extents.close();
      await files.close();
    } finally {
      // Nobody else may have the directory while a write of ours is under way.
      await writer.settled;
      await lock.release();
    }
  }

  private noteTrim(mutation: Mutation): void {
    const { maintenance } = this.parts;
    const isTrim =
      mutation.kind === "append" || mutation.kind === "trim" || mutation.kind === "drop-stream";
    if (isTrim) maintenance.noteTrim(mutation.streamId);
  }

  private requireOpen(): void {
    if (this.status === "failed")
      throw storageError("the store failed: restart to recover", this.failure);
    if (this.status === "closed") throw storageError("the store is closed");
  }

  /** A read; files are closed when none is left, because their descriptors may be used again. */
  private async reading<T>(read: () => Promise<T>): Promise<T> {
    // A failed store stays failed when it is closed.
    if (this.closing !== undefined) throw storageError("the store is closed");
    this.reads++;
    try {
      return await read();
    } finally {
      if (--this.reads === 0) this.lastRead?.resolve();
    }
  }

  private async readsDone(): Promise<void> {
    if (this.reads === 0) return;
    this.lastRead = deferred<void>();
    await this.lastRead.promise;
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
