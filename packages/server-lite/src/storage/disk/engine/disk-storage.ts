// The disk engine: the waist of `storage.ts` over the log. A commit is checked, placed into the
// open group and applied, in that order and without waiting; the log writer makes it durable. Reads
// take what is durable from the cache or the files. Everything here runs on one event loop.

import { S2Error } from "@s2kit/core";
import { storageError } from "../../durability.js";
import {
  MAX_APPEND_ROWS,
  payloadRoomBytes,
  place,
  placeAppend,
  rowsNeeded,
} from "../../log/mutation-rows.js";
import { SPACE_META } from "../../log/state-keys.js";
import { keyToString } from "../../meta-key.js";
import { readBatches } from "../../reading/read.js";
import { ReadsUnderWay } from "../../reading/reads-under-way.js";
import { seekTimestamp, seekWritten } from "../../reading/seek.js";
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
import { closeEngine } from "./close-engine.js";
import { requireRoom, shortageOf } from "./commit-room.js";
import type { EngineComponents } from "./engine-components.js";

export class DiskStorage implements Storage {
  status: StorageStatus = "open";
  failure: Error | undefined = undefined;
  readonly ownerEpoch: number;
  private readonly components: EngineComponents;
  private closing: Promise<void> | undefined;
  private readonly reads = new ReadsUnderWay();

  constructor(components: EngineComponents) {
    this.components = components;
    this.ownerEpoch = components.ownerEpoch;
  }

  get durable(): LogPosition {
    return this.components.durability.position;
  }

  commit(mutations: readonly Mutation[]): Commit {
    const { builder, tables, writer } = this.components;
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
    requireRoom(this.components, payloadBytes, rows, hasAppend);
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
    const { builder, tables, writer } = this.components;
    const state = tables.stream(mutation.streamId);
    fitAppend(mutation, state);
    const payloadBytes = payloadRoomBytes(mutation);
    requireRoom(this.components, payloadBytes, MAX_APPEND_ROWS, true);
    builder.beginCommit(payloadBytes, MAX_APPEND_ROWS);
    const stored = [placeAppend(builder, tables, mutation, state)];
    if (mutation.trimPoint !== undefined) this.noteTrim(mutation);
    writer.kick();
    return { position: builder.position, stored };
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

  get lentBuffers(): number {
    return this.components.buffers.lentCount;
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

  getMeta(key: Uint8Array): Uint8Array | undefined {
    return this.components.tables.get(SPACE_META + keyToString(key));
  }

  scanMeta(scan: MetaScan): MetaEntry[] {
    return this.components.tables.scanMeta(scan);
  }

  /** Does all background work there is now. */
  maintain(): Promise<void> {
    return this.components.maintenance.run();
  }

  pauseMaintenance(): void {
    this.components.maintenance.pause();
  }

  resumeMaintenance(): void {
    this.components.maintenance.resume();
  }

  /** Why the background is held up; undefined when it is well. */
  get trouble(): Error | undefined {
    return this.components.maintenance.trouble ?? shortageOf(this.components);
  }

  /** Fail-stop: nothing is accepted or confirmed any more. */
  fail(cause: Error): void {
    if (this.failure !== undefined) return;
    // Also while closing: whoever waits for the last commits must hear of it.
    this.status = "failed";
    const failure = S2Error.from(cause, "storage");
    this.failure = failure;
    this.components.durability.fail(failure);
  }

  close(): Promise<void> {
    if (this.closing === undefined) {
      const isClean = this.status === "open";
      if (isClean) this.status = "closed";
      this.closing = closeEngine(this.components, this, this.reads, isClean);
    }
    return this.closing;
  }

  private noteTrim(mutation: Mutation): void {
    const { maintenance } = this.components;
    const isTrim =
      mutation.kind === "append" || mutation.kind === "trim" || mutation.kind === "drop-stream";
    if (isTrim) maintenance.noteTrim();
  }

  private requireOpen(): void {
    if (this.status === "failed")
      throw storageError("the store failed: restart to recover", this.failure);
    if (this.status === "closed") throw storageError("the store is closed");
  }

  private async reading<T>(read: () => Promise<T>): Promise<T> {
    // A failed store stays failed when it is closed.
    if (this.closing !== undefined) throw storageError("the store is closed");
    return this.reads.run(read);
  }
}
