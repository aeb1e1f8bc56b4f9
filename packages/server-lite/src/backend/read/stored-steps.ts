// What a reader behind the tail takes from storage: one step at a time, when there is room for it,
// and the next one while the last is on its way to the client. Proves that nothing is missing in
// it: a hole is an error with a code, never an answer, whatever storage or the followers say.

import { assert, type S2Error } from "@s2kit/core";
import { giveBackRuns } from "../../lending/lent-buffers.js";
import type { MemoryBudget } from "../../memory/memory-budget.js";
import { requireContiguousRun, requireNothing } from "../../storage/contiguity.js";
import type { Storage, StoredBatch } from "../../storage/storage.js";
import type { Streamer } from "../append/streamer.js";
import { streamDeletionPending } from "../control/streams.js";
import { ReadRoom } from "./read-room.js";

/** A read that was started before it was wanted. */
interface Prefetched {
  readonly fromSeqNum: number;
  readonly stored: Promise<readonly StoredBatch[]>;
}

export interface StoredStepsComponents {
  readonly storage: Storage;
  /** Counts what the reader holds. */
  readonly budget?: MemoryBudget | undefined;
  /** How many bytes one stored byte may become in the answer. Default 1. */
  readonly expansion?: number | undefined;
}

export class StoredSteps {
  /** Read and not delivered, in order. */
  ahead: StoredBatch[] = [];
  readonly room: ReadRoom;
  private readonly storage: Storage;
  private readonly streamer: Streamer;
  private prefetched: Prefetched | undefined = undefined;

  constructor({ storage, budget, expansion }: StoredStepsComponents, streamer: Streamer) {
    this.storage = storage;
    this.streamer = streamer;
    this.room = new ReadRoom(budget, expansion ?? 1, () => this.forget());
  }

  /** Forgets what is not delivered: it can be read again. */
  forget(): void {
    this.ahead = [];
    this.dropPrefetched();
  }

  /** The newest trim point that is known: nothing below it is delivered. */
  get trimPoint(): number {
    const { storage, streamer } = this;
    return Math.max(streamer.trimPoint, storage.streamState(streamer.streamId)?.trimPoint ?? 0);
  }

  /**
   * The stored batches from here on; those that were read before only if they are just that. The
   * caller holds their buffers.
   */
  take(fromSeqNum: number, endSeqNum: number): Promise<readonly StoredBatch[]> {
    const { prefetched } = this;
    // After a trim it is of another place, and may be empty: that says nothing about what is here.
    const isWanted = prefetched?.fromSeqNum === fromSeqNum;
    if (!isWanted) this.dropPrefetched();
    this.prefetched = undefined;
    return isWanted ? prefetched.stored : this.fetch(fromSeqNum, endSeqNum);
  }

  /** Reads the next step while this one is on its way to the client. */
  prefetch(endSeqNum: number): void {
    assert(this.prefetched === undefined, "what was read ahead is taken before the next step");
    const last = this.ahead.at(-1);
    if (last === undefined) return;
    const next = last.firstSeqNum + last.count;
    if (next >= endSeqNum || !this.room.tryReadAhead()) return;
    const stored = this.fetch(next, endSeqNum);
    this.prefetched = { fromSeqNum: next, stored };
    // Whoever takes it sees the failure; nobody may.
    stored.catch(() => undefined);
  }

  /** @throws {S2Error} `storage` when records are missing; why the stream ended, if it did */
  requireRun(seqNum: number, stored: readonly StoredBatch[]): void {
    const { streamId, ending } = this.streamer;
    try {
      requireContiguousRun({ streamId, seqNum, trimPoint: () => this.trimPoint }, stored);
    } catch (error) {
      throw ending ?? error;
    }
  }

  /** Why there is nothing more to find: the stream ended, or is gone. */
  get ending(): S2Error | undefined {
    const { streamId, ending } = this.streamer;
    if (ending !== undefined || this.storage.streamState(streamId) !== undefined) return ending;
    return streamDeletionPending();
  }

  /** @throws {S2Error} `storage` when records are missing */
  requireNothing(seqNum: number, endSeqNum: number): void {
    const { streamId } = this.streamer;
    requireNothing({ streamId, seqNum, trimPoint: () => this.trimPoint }, endSeqNum);
  }

  /** Nobody takes it any more: what it brings goes back. */
  private dropPrefetched(): void {
    this.prefetched?.stored.then(giveBackRuns, () => undefined);
    this.prefetched = undefined;
  }

  private fetch(fromSeqNum: number, endSeqNum: number): Promise<readonly StoredBatch[]> {
    return this.storage.read(this.streamer.streamId, fromSeqNum, {
      maxBytes: this.room.stepBytes,
      endSeqNum,
    });
  }
}
