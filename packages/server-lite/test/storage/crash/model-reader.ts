// A reader beside a writer that knows what must be there: reads from several positions and seeks by
// timestamp and by age while the store writes, merges, recycles, trims and drops. Every answer is
// contiguous but for what is trimmed, exact to the byte, durable, and never empty without a reason.

import { type Random, randomInteger } from "@s2kit/core";
import type { Storage, StoredBatch } from "../../../src/storage/storage.js";
import { linesOf } from "../../../src/testing/append-source.js";
import { type AppliedModel, Violation } from "./crash-model.js";

export interface ModelReaderContext {
  readonly storage: Storage;
  readonly model: AppliedModel;
  readonly random: Random;
  /** Answers do not count any more. */
  readonly isOver: () => boolean;
  /** What was answered is shown from now on. */
  readonly onRead: () => void;
}

export class ModelReader {
  violation: Violation | undefined = undefined;
  reads = 0;
  private readonly context: ModelReaderContext;
  private isStopped = false;

  constructor(context: ModelReaderContext) {
    this.context = context;
  }

  /** Reads until told to stop, or until something is wrong. Never rejects. */
  async run(): Promise<void> {
    const { storage, isOver } = this.context;
    while (!this.isStopped && !isOver() && storage.status === "open") {
      try {
        await this.readOnce();
        this.reads++;
      } catch (error) {
        if (isOver() || storage.status !== "open") return;
        this.violation =
          error instanceof Violation ? error : new Violation(`a read fails: ${String(error)}`);
        return;
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  stop(): void {
    this.isStopped = true;
  }

  private async readOnce(): Promise<void> {
    const { storage, model, random } = this.context;
    const ids = [...model.streams.keys()];
    if (ids.length === 0) return;
    const streamId = ids[randomInteger(random, 0, ids.length - 1)] as number;
    const tail = model.durableTail(streamId, storage.durable);
    const trimmed = model.streams.get(streamId)?.trimPoint ?? 0;
    const from = randomInteger(random, 0, tail);
    const dice = random.next();
    if (dice < 0.6) await this.read(streamId, from, tail);
    else if (dice < 0.85) await this.seekTimestamp(streamId, from, { tail, trimmed });
    else await this.seekWritten(streamId, { tail, trimmed });
  }

  private async read(streamId: number, from: number, tail: number): Promise<void> {
    const { storage, model, random, isOver, onRead } = this.context;
    const stream = model.streams.get(streamId);
    const maxBytes = [1, 6000, 40_000, 1 << 30][randomInteger(random, 0, 3)] as number;
    const endSeqNum = random.next() < 0.5 ? tail : Number.MAX_SAFE_INTEGER;
    const batches = await storage.read(streamId, from, { maxBytes, endSeqNum });
    if (isOver()) return;
    const isGone = model.streams.get(streamId) === undefined;
    const trimPoint = isGone ? Number.MAX_SAFE_INTEGER : (stream?.trimPoint ?? 0);
    const end = this.requireExact(batches, { from, trimPoint, lines: stream?.lines ?? [] });
    const durable = model.durableTail(streamId, storage.durable);
    if (!isGone && end > durable) this.fail(`stream=${streamId} not durable end=${end}`);
    if (batches.length === 0 && Math.max(from, trimPoint) < Math.min(tail, endSeqNum))
      this.fail(`nothing stream=${streamId} from=${from} trimPoint=${trimPoint} tail=${tail}`);
    onRead();
  }

  /** @returns the end of the answer */
  private requireExact(
    batches: readonly StoredBatch[],
    { from, trimPoint, lines }: { from: number; trimPoint: number; lines: readonly string[] },
  ): number {
    let next = from;
    for (const batch of batches) {
      if (batch.firstSeqNum > Math.max(next, trimPoint))
        this.fail(`a hole wanted=${next} found=${batch.firstSeqNum} trimPoint=${trimPoint}`);
      if (batch.firstSeqNum < next && batch !== batches[0]) this.fail(`a repeat at=${next}`);
      const found = linesOf([batch]);
      const wanted = lines.slice(batch.firstSeqNum, batch.firstSeqNum + batch.count);
      if (found.join("\n") !== wanted.join("\n"))
        this.fail(`other records at=${batch.firstSeqNum}`);
      next = batch.firstSeqNum + batch.count;
    }
    return next;
  }

  /** Timestamps are 1000 above seqNums. */
  private async seekTimestamp(
    streamId: number,
    from: number,
    before: { readonly tail: number; readonly trimmed: number },
  ): Promise<void> {
    const { storage, model, isOver } = this.context;
    const found = await storage.seekTimestamp(streamId, 1000 + from);
    const after = model.streams.get(streamId);
    if (isOver() || after === undefined) return;
    const least = Math.max(from, before.trimmed);
    const most = Math.max(from, after.trimPoint);
    const isRight = found === undefined ? most >= before.tail : found >= least && found <= most;
    if (!isRight)
      this.fail(`timestamp stream=${streamId} found=${found} wanted=${least} to ${most}`);
  }

  /** Everything was written at the same moment. */
  private async seekWritten(
    streamId: number,
    before: { readonly tail: number; readonly trimmed: number },
  ): Promise<void> {
    const { storage, model, isOver } = this.context;
    const found = await storage.seekWritten(streamId, 2, 9);
    const after = model.streams.get(streamId);
    if (isOver() || after === undefined) return;
    const end = model.durableTail(streamId, storage.durable);
    if (found < before.tail || found > Math.max(end, after.trimPoint))
      this.fail(`age stream=${streamId} found=${found} wanted=${before.tail} to ${end}`);
  }

  private fail(what: string): never {
    throw new Violation(`a read beside upkeep is wrong: ${what}`);
  }
}
