// A reader behind the tail: loads stored batches step by step, and joins them to items. A step is
// loaded beside the reader, who is told when it is there; nothing of it is delivered before it is
// proven whole. Spec: data-plane#guarantees.

import { assert, MAX_BATCH_METERED_BYTES, MAX_BATCH_RECORDS, type S2Error } from "@s2kit/core";
import { giveBackRuns } from "../../lending/lent-buffers.js";
import type { StoredBatch } from "../../storage/storage.js";
import type { ReadItem } from "./read-item.js";
import type { ReadProgress } from "./read-progress.js";
import type { Budget, Cut } from "./selection.js";
import type { StoredSteps } from "./stored-steps.js";

export class CatchUp {
  private readonly steps: StoredSteps;
  private readonly progress: ReadProgress;
  private isOver = false;

  constructor(steps: StoredSteps, progress: ReadProgress) {
    this.steps = steps;
    this.progress = progress;
  }

  /** True when stored batches are loaded that were not delivered yet. */
  get hasLoaded(): boolean {
    return this.steps.ahead.length > 0;
  }

  /**
   * Loads until there is something, or the tail is reached, or the catch-up is over.
   *
   * @throws {S2Error} `storage` when records are missing or cannot be read; why the stream ended
   */
  async load(): Promise<void> {
    while (!this.hasLoaded && !this.isOver && !this.progress.isAtTail) await this.step();
  }

  /** The next item of at most 1000 records and 1 MiB; undefined when nothing of it is wanted. */
  gather(): ReadItem | undefined {
    const { progress, steps } = this;
    const parts: Uint8Array[] = [];
    let count = 0;
    let meteredBytes = 0;
    let taken = 0;
    for (const stored of steps.ahead) {
      const budget = {
        count: Math.min(progress.count, MAX_BATCH_RECORDS) - count,
        meteredBytes: Math.min(progress.meteredBytes, MAX_BATCH_METERED_BYTES) - meteredBytes,
        until: progress.until,
      };
      const cut = this.cutUnlessLate(stored, budget, count > 0);
      // Deliver what is good; the batch that cannot be opened fails the next call.
      if (cut === undefined) break;
      if (cut.count > 0) {
        parts.push(cut.bytes);
        count += cut.count;
        meteredBytes += cut.meteredBytes;
        progress.position = cut.lastSeqNum + 1;
      }
      if (cut.isStopped) {
        // Full, or the read is over: if nothing at all fits, a bound of the read forbids it.
        progress.isStopped = count === 0;
        break;
      }
      progress.position = Math.max(progress.position, stored.firstSeqNum + stored.count);
      taken++;
    }
    steps.ahead.splice(0, taken);
    // The last of what is stored says so, in a session: a client need not wait for a heartbeat.
    const isLast = progress.tellsTail && steps.ahead.length === 0 && progress.isAtTail;
    const tail = isLast ? progress.tail : undefined;
    return count === 0 ? undefined : progress.deliver(parts, count, meteredBytes, tail);
  }

  /**
   * Ends a load that is under way: it finds nothing any more.
   *
   * @param isItemOut - the last item is being looked at: what it lies in stays
   */
  close(isItemOut: boolean): void {
    this.isOver = true;
    this.steps.forget();
    this.steps.room.leave(isItemOut);
  }

  /**
   * Where a step may end, exclusive. Sequence numbers are dense: a read of few records asks the
   * storage for no more than these.
   */
  private get endOfStep(): number {
    const { position, count, tail } = this.progress;
    return Math.min(tail.seqNum, position + count);
  }

  private async step(): Promise<void> {
    const { progress, steps } = this;
    const entering = steps.room.enter();
    if (entering !== undefined) await entering;
    if (this.isOver) return;
    // Stored batches come whole: what is trimmed inside the first one is skipped here.
    progress.skipTo(steps.trimPoint);
    if (progress.isAtTail) return;
    const step = await steps.take(progress.position, this.endOfStep);
    if (this.isOver) return giveBackRuns(step);
    if (!steps.room.accepts(step)) {
      // Let go before anybody waits for the room that it needs.
      giveBackRuns(step);
      return steps.room.enterFully();
    }
    const stored = steps.room.loaded(step);
    if (stored.length === 0) return this.passNothing();
    steps.requireRun(progress.position, stored);
    steps.ahead = [...stored];
    if (progress.count >= MAX_BATCH_RECORDS) steps.prefetch(this.endOfStep);
  }

  /** Storage had nothing before the tail: it was trimmed meanwhile, or the stream is gone. */
  private passNothing(): void {
    const { progress, steps } = this;
    const { position } = progress;
    const ending: S2Error | undefined = steps.ending;
    if (ending !== undefined) throw ending;
    progress.skipTo(steps.trimPoint);
    if (progress.position === position) steps.requireNothing(position, progress.tail.seqNum);
    // It would be asked for again at once, and nothing else would ever run.
    assert(progress.position > position, "a step that finds nothing goes on behind it");
  }

  private cutUnlessLate(stored: StoredBatch, budget: Budget, isLate: boolean): Cut | undefined {
    try {
      return this.progress.cut(stored, budget);
    } catch (error) {
      if (isLate) return undefined;
      throw error;
    }
  }
}
