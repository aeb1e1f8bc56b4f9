// The object engine: the waist of `storage.ts` over a log in a bucket. A commit is checked, placed
// into the open group and applied, in that order and without waiting; it is durable when its group
// and all before it are in the bucket. Reads take what is durable from memory or from the bucket.

import { S2Error } from "@s2kit/core";
import { isSettledWithin } from "../../../waiting/settled-within.js";
import { storageError } from "../../durability.js";
import { GroupBuilder } from "../../log/group-builder.js";
import { payloadRoomBytes, place, rowsNeeded } from "../../log/mutation-rows.js";
import { LogEngine } from "../../reading/log-engine.js";
import type { Commit, Mutation, StorageGauge, StoredBatch } from "../../storage.js";
import { fit } from "../../stream-rules.js";
import type { ObjectComponents } from "./object-components.js";
import { shardGauges } from "./shard-gauges.js";

/** For the removal of the lease, when the bucket took nothing else: it runs out by itself. */
const SILENT_REMOVAL_MS = 500;

export class ObjectStorage extends LogEngine<ObjectComponents> {
  /** It is closed, and the bucket says that the shard is anybody's. */
  isReleased = false;
  private readonly putCheckpoint: () => Promise<void>;

  /** @param putCheckpoint - one at a time */
  constructor(components: ObjectComponents, putCheckpoint: () => Promise<void>) {
    super(components, components.opened.epoch);
    this.putCheckpoint = putCheckpoint;
  }

  override get storeKey(): number {
    return this.components.bucket.storeKey;
  }

  override get isFresh(): boolean {
    return this.status === "open" && this.components.ownership.isFresh;
  }

  get gauges(): readonly StorageGauge[] {
    return [...this.components.gauges, ...shardGauges(this, this.components)];
  }

  override commit(mutations: readonly Mutation[]): Commit {
    const { builder, tables, writer } = this.components;
    this.requireOpen();
    fit(mutations, (streamId) => tables.stream(streamId));
    let payloadBytes = 0;
    let rows = 0;
    for (const mutation of mutations) {
      payloadBytes += payloadRoomBytes(mutation);
      rows += rowsNeeded(mutation);
    }
    this.requireRoom(payloadBytes, rows);
    builder.beginCommit(payloadBytes, rows);
    const stored: StoredBatch[] = [];
    for (const mutation of mutations) {
      const batch = place(builder, tables, mutation);
      if (batch !== undefined) stored.push(batch);
      this.noteTrim(mutation);
    }
    writer.kick();
    return { position: builder.position, stored };
  }

  /** Puts the state into the bucket, so that the next owner need not repeat the log for it. */
  checkpoint(): Promise<void> {
    return this.components.upkeep.checkpoint();
  }

  /** {@link ObjectStorage.checkpoint}, for the background, which takes one task after the other. */
  async takeCheckpoint(): Promise<void> {
    try {
      await this.putCheckpoint();
    } catch (error) {
      const cause = error instanceof Error ? error : storageError(String(error));
      if (this.components.manifest.state === "fenced") this.fence(cause);
      // Nobody knows what the bucket has now. The next owner finds out.
      else this.fail(cause);
      throw error;
    }
  }

  /** Does all background work there is now. */
  maintain(): Promise<void> {
    return this.components.upkeep.run();
  }

  /** Why the background is held up; undefined when it is well. */
  get trouble(): Error | undefined {
    return this.components.upkeep.trouble;
  }

  /** Drains, says in the bucket that the shard is free, and lets go of everything. */
  protected override async shutDown(): Promise<void> {
    const { clock, closeGraceMs, writer, pipeline, durability, manifest, opened, tables } =
      this.components;
    const idle = this.components.upkeep.close();
    for (let position = -1; position !== durability.position; ) {
      ({ position } = durability);
      if (await isSettledWithin(clock, writer.drained(), closeGraceMs)) break;
    }
    if (!writer.isIdle)
      this.fail(storageError("the store was closed before the bucket took its commits"));
    // Both together have one more grace: who stops a server in an outage does not wait for long.
    const endMs = clock.monotonic() + closeGraceMs;
    const leftMs = (): number => Math.max(endMs - clock.monotonic(), 0);
    // One that the bucket does not take is left where it is; then the shard cannot be given away.
    await isSettledWithin(clock, idle, leftMs());
    if (this.failure === undefined && manifest.state === "owned") {
      // Whether or not an answer comes: it is never served again.
      const release = manifest.release({ epoch: opened.epoch, slot: pipeline.durable });
      release.catch(() => undefined);
      if (await isSettledWithin(clock, release, leftMs()))
        this.isReleased = await release.then(
          () => true,
          () => false,
        );
    }
    pipeline.close();
    writer.ended();
    durability.fail(storageError("the store is closed"));
    // Whoever still waits for the bucket gets an error now.
    this.components.bucket.patience.end();
    await this.reads.done();
    this.components.extents.close();
    await tables.store.close();
    await this.components.ownership.ended(this.isReleased ? closeGraceMs : SILENT_REMOVAL_MS);
  }

  protected override onEnd(): void {
    const { ownership, bucket } = this.components;
    ownership.lost();
    // A run, an entry or a removal that is on its way has no use any more: without an end, it would
    // be repeated, and held in memory, for as long as the bucket is silent.
    bucket.patience.end();
  }

  private requireRoom(payloadBytes: number, rows: number): void {
    const { segmentBytes, writer, maxQueuedBytes, upkeep } = this.components;
    const largest = GroupBuilder.maxPayloadBytes(segmentBytes, rows);
    if (payloadBytes > largest)
      throw storageError(`a commit is too large for the log bytes=${payloadBytes} max=${largest}`);
    if (writer.queuedBytes > maxQueuedBytes)
      throw new S2Error({
        code: "hot_server",
        message: `too many bytes wait for the bucket max=${maxQueuedBytes}`,
      });
    if (upkeep.isOverfull)
      throw new S2Error({
        code: "hot_server",
        message: "the log in the bucket grows faster than it is rewritten: try again later",
      });
  }

  private noteTrim(mutation: Mutation): void {
    const isTrim =
      (mutation.kind === "append" && mutation.trimPoint !== undefined) ||
      mutation.kind === "trim" ||
      mutation.kind === "drop-stream";
    if (isTrim) this.components.upkeep.noteTrim();
  }
}
