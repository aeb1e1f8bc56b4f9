// The manifest of a shard in the hands of its owner: one checkpoint after the other, at last a
// release. A number is used once, whatever became of it: after an unknown outcome nothing more is
// put, because a successor may read either.

import { assert } from "@s2kit/core";
import {
  type CarryingEntry,
  encodeEntry,
  type LogPlace,
  type ShardCheckpoint,
} from "../format/manifest-entry.js";
import type { OpenedShard } from "./claim.js";
import type { ShardBucket } from "./shard-bucket.js";

/**
 * - `owned`: entries may follow
 * - `putting`: one is on its way
 * - `fenced`: a successor closed the chain: the shard is another's
 * - `released`: given away by us, or so we tried: never taken back
 * - `failed`: nobody knows what became of the last entry
 */
export type ManifestState = "owned" | "putting" | "fenced" | "released" | "failed";

/** Entries that wait for their collection at most: a listing of an epoch stays one page. */
const MAX_ENTRIES = 500;

export class OwnedManifest {
  state: ManifestState = "owned";
  /** The newest confirmed one. */
  checkpoint: ShardCheckpoint;
  /** Entries below are collected, but for the claim. */
  collectedBelow = 1;
  private readonly bucket: ShardBucket;
  private readonly opened: OpenedShard;
  /** Of the newest confirmed entry. */
  private number = 1;

  constructor(bucket: ShardBucket, opened: OpenedShard) {
    this.bucket = bucket;
    this.opened = opened;
    this.checkpoint = opened.checkpoint;
  }

  get lastNumber(): number {
    return this.number;
  }

  /** Whether a checkpoint may be put now. */
  get isReady(): boolean {
    return this.state === "owned" && this.number - this.collectedBelow < MAX_ENTRIES;
  }

  /**
   * Puts a checkpoint behind the last entry. Its runs must be in the bucket.
   *
   * @returns false when the shard is another's
   * @throws {S2Error} `storage` when the outcome stays unknown
   */
  async putCheckpoint(checkpoint: ShardCheckpoint): Promise<boolean> {
    assert(this.isReady, "one checkpoint is put at a time, by the owner");
    requireForward(this.checkpoint.replay, checkpoint.replay);
    this.state = "putting";
    const isOurs = await this.put("checkpoint", checkpoint);
    this.enter(isOurs ? "owned" : "fenced");
    if (isOurs) this.checkpoint = checkpoint;
    return isOurs;
  }

  /**
   * Says that we serve no more. Before: no reads, no appends, and the last group acknowledged or
   * given up. Never taken back, also when no answer comes.
   *
   * @param known - slots below are durable
   */
  async release(known: LogPlace): Promise<void> {
    assert(this.state === "owned", "an owner releases once, with nothing on its way");
    this.state = "released";
    await this.put("released", { ...this.checkpoint, known });
  }

  private async put(kind: CarryingEntry["kind"], checkpoint: ShardCheckpoint): Promise<boolean> {
    const { bucket } = this;
    const { epoch, owner, writer } = this.opened;
    const name = bucket.manifestName(epoch, this.number + 1);
    const entry: CarryingEntry = { kind, owner, checkpoint, writer };
    try {
      const settled = await bucket.settle(name, encodeEntry(name, entry, bucket.storeKey));
      if (settled.kind === "mine") this.number++;
      return settled.kind === "mine";
    } catch (error) {
      if (this.state === "putting") this.enter("failed");
      throw error;
    }
  }

  private enter(state: ManifestState): void {
    assert(this.state === "putting", "only an entry on its way changes what a manifest is");
    this.state = state;
  }
}

function requireForward(from: LogPlace, to: LogPlace): void {
  const isForward = to.epoch > from.epoch || (to.epoch === from.epoch && to.slot >= from.slot);
  assert(isForward, "a checkpoint never needs what an earlier one did not");
}
