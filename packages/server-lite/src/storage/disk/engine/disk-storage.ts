// The disk engine: the waist of `storage.ts` over the log. A commit is checked, placed into the
// open group and applied, in that order and without waiting; the log writer makes it durable. Reads
// take what is durable from the cache or the files. Everything here runs on one event loop.

import {
  MAX_APPEND_ROWS,
  payloadRoomBytes,
  place,
  placeAppend,
  rowsNeeded,
} from "../../log/mutation-rows.js";
import { LogEngine } from "../../reading/log-engine.js";
import type { AppendMutation, Commit, Mutation, StorageGauge, StoredBatch } from "../../storage.js";
import { fit, fitAppend } from "../../stream-rules.js";
import { takeSnapshot } from "../backup/snapshot.js";
import { openSnapshotDesk, type SnapshotDesk } from "../backup/snapshot-desk.js";
import { closeEngine } from "./close-engine.js";
import { requireRoom, shortageOf } from "./commit-room.js";
import { diskGauges } from "./disk-gauges.js";
import type { EngineComponents } from "./engine-components.js";

export class DiskStorage extends LogEngine<EngineComponents> {
  private desk: SnapshotDesk | undefined = undefined;

  constructor(components: EngineComponents) {
    super(components, components.ownerEpoch);
  }

  override get storeKey(): number {
    return this.components.storeKey;
  }

  override commit(mutations: readonly Mutation[]): Commit {
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

  get gauges(): readonly StorageGauge[] {
    return diskGauges(this.components, () => this.desk);
  }

  get lentBuffers(): number {
    return this.components.buffers.lentCount;
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

  /** Lends snapshots from now on, where the directory can have a socket. */
  async openDesk(): Promise<void> {
    const { clock, directory } = this.components;
    this.desk = await openSnapshotDesk({
      clock,
      directory,
      takeSnapshot: (taker) => takeSnapshot(this.components, taker),
    });
  }

  protected override async shutDown(isClean: boolean): Promise<void> {
    await this.desk?.close();
    return closeEngine(this.components, this, this.reads, isClean);
  }

  private noteTrim(mutation: Mutation): void {
    const { maintenance } = this.components;
    const isTrim =
      mutation.kind === "append" || mutation.kind === "trim" || mutation.kind === "drop-stream";
    if (isTrim) maintenance.noteTrim();
  }
}
