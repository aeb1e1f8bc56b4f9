// Carries out a read: stored batches up to the stable tail, then live ones, without a gap and
// without a repeat between the two. Pull-based: a caller that does not ask costs at most one
// follower buffer. Formats and sockets are not its concern. Spec: data plane sections 3.6, 5.5, 9.

import {
  type Clock,
  MAX_BATCH_METERED_BYTES,
  MAX_BATCH_RECORDS,
  MAX_HEARTBEAT_MS,
  MIN_HEARTBEAT_MS,
  type Random,
  randomInteger,
  type StreamPosition,
  type Timer,
} from "@s2kit/core";
import type { MemoryBudget } from "../../memory/memory-budget.js";
import { requireContiguousRun, requireNothing } from "../../storage/contiguity.js";
import type { Storage, StoredBatch } from "../../storage/storage.js";
import type { Follower } from "../append/followers.js";
import type { LiveBatch } from "../append/live-batch.js";
import type { Streamer } from "../append/streamer.js";
import { streamDeletionPending } from "../control/streams.js";
import type { ReadUsage } from "../usage/usage.js";
import type { ReadPlan } from "./read-plan.js";
import { ReadRoom } from "./read-room.js";
import { cutSealed } from "./sealed-selection.js";
import { type Budget, type Cut, cutBatch } from "./selection.js";

/** One thing for the reader's client: records, or (with `count` 0) a heartbeat. */
export interface ReadItem {
  /** Runs of stored records; together they are the records field of one ReadBatch. */
  readonly parts: readonly Uint8Array[];
  readonly count: number;
  readonly meteredBytes: number;
  readonly lastSeqNum: number;
  /** Present on live batches and heartbeats. */
  readonly tail: StreamPosition | undefined;
  /** The live batch that `parts` are the whole of: equal for all followers, so encode it once. */
  readonly shared: LiveBatch | undefined;
}

export interface Reader {
  /**
   * The next item; undefined at the clean end.
   *
   * @throws {S2Error} when the stream is deleted or storage fails
   */
  next(): Promise<ReadItem | undefined>;
  /** The client does not take more for now: what was read ahead may be forgotten. Until `next`. */
  rest(): void;
  /** Sends the next heartbeat now, if the reader waits at the tail. */
  nudge(): void;
  /** Ends a waiting `next` with undefined, and leaves the followers. */
  close(): void;
}

export interface ReaderContext {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly random: Random;
  /** Turns a stored batch of an encrypted stream, or some of its records, into the plain form. */
  readonly decrypt: ((batch: StoredBatch) => StoredBatch) | undefined;
  /** Counts what is delivered. */
  readonly usage?: ReadUsage | undefined;
  /** Counts what the reader holds. */
  readonly budget?: MemoryBudget | undefined;
  /** How many bytes one stored byte may become in the answer. Default 1. */
  readonly expansion?: number | undefined;
}

/** A read that was started before it was wanted. */
interface Prefetched {
  readonly fromSeqNum: number;
  readonly stored: Promise<readonly StoredBatch[]>;
}

export function createReader(context: ReaderContext, streamer: Streamer, plan: ReadPlan): Reader {
  return new StreamReader(context, streamer, plan);
}

class StreamReader implements Reader {
  private readonly context: ReaderContext;
  private readonly streamer: Streamer;
  private readonly plan: ReadPlan;
  private readonly lease: Disposable;
  private position: number;
  private tail: StreamPosition;
  private count: number;
  private meteredBytes: number;
  private isDone = false;
  private follower: Follower | undefined = undefined;
  private heartbeatAtMs = 0;
  /** Drawn anew for each heartbeat, not for each delivery: chance is not free. */
  private heartbeatDelayMs = 0;
  /** Monotonic end of the wait budget; undefined until the tail was reached once. */
  private deadlineMs: number | undefined = undefined;
  private wake: (() => void) | undefined = undefined;
  private timer: Timer | undefined = undefined;
  private timerAtMs = 0;
  /** Stored batches that were read but not delivered, in order. */
  private readAhead: StoredBatch[] = [];
  private prefetched: Prefetched | undefined = undefined;
  private readonly room: ReadRoom;
  /** The live batch that was delivered last. */
  private live: LiveBatch | undefined = undefined;

  constructor(context: ReaderContext, streamer: Streamer, plan: ReadPlan) {
    this.context = context;
    this.streamer = streamer;
    this.plan = plan;
    this.position = plan.fromSeqNum;
    this.tail = plan.tail;
    this.count = plan.count;
    this.meteredBytes = plan.meteredBytes;
    this.lease = streamer.lease();
    this.room = new ReadRoom(context.budget, context.expansion ?? 1, () => this.forgetAhead());
  }

  async next(): Promise<ReadItem | undefined> {
    this.delivered();
    for (;;) {
      if (this.count <= 0 || this.meteredBytes <= 0) this.close();
      if (this.isDone) return undefined;
      const item =
        this.follower !== undefined
          ? await this.followOn(this.follower)
          : this.position < this.tail.seqNum
            ? await this.catchUp()
            : this.reachTail();
      if (item !== undefined) return item;
    }
  }

  rest(): void {
    this.delivered();
    this.room.rest();
  }

  nudge(): void {
    this.heartbeatAtMs = Number.NEGATIVE_INFINITY;
    this.wake?.();
  }

  close(): void {
    if (this.isDone) return;
    this.isDone = true;
    this.lease[Symbol.dispose]();
    this.leaveFollowers();
    this.delivered();
    this.forgetAhead();
    this.room.leave();
    this.wake?.();
  }

  /** The last item is on its way. */
  private delivered(): void {
    this.live?.release();
    this.live = undefined;
    this.room.delivered(this.readAhead.length === 0);
  }

  private forgetAhead(): void {
    this.readAhead = [];
    this.prefetched = undefined;
  }

  private async catchUp(): Promise<ReadItem | undefined> {
    if (this.readAhead.length === 0) {
      const entering = this.room.enter();
      if (entering !== undefined) await entering;
      if (this.isDone) return undefined;
      // Stored batches come whole: what is trimmed inside the first one is skipped here.
      this.skipTrimmed();
      if (this.position === this.tail.seqNum) return undefined;
      const step = await this.takeNext();
      if (!this.isDone && !this.room.accepts(step)) {
        await this.room.enterFully();
        return undefined;
      }
      if (this.isDone) return undefined;
      const stored = this.room.loaded(step);
      if (stored.length === 0) return this.passNothing();
      this.requireContiguousRun(stored);
      this.readAhead = [...stored];
      this.prefetch();
    }
    return this.gather();
  }

  /** What is trimmed is never delivered; a reader does not pass its tail by that. */
  private skipTrimmed(): void {
    this.position = Math.max(this.position, Math.min(this.trimPoint(), this.tail.seqNum));
  }

  private trimPoint(): number {
    const { streamer, context } = this;
    return Math.max(
      streamer.trimPoint,
      context.storage.streamState(streamer.streamId)?.trimPoint ?? 0,
    );
  }

  /** The stored batches from here on; those that were read before only if they are just that. */
  private takeNext(): Promise<readonly StoredBatch[]> {
    const { prefetched } = this;
    this.prefetched = undefined;
    // After a trim it is of another place, and may be empty: that says nothing about what is here.
    const isWanted = prefetched?.fromSeqNum === this.position;
    return isWanted ? prefetched.stored : this.fetch(this.position);
  }

  /** Storage had nothing before the tail: it was trimmed meanwhile, or the stream is gone. */
  private passNothing(): undefined {
    const { streamer, context, position } = this;
    const { streamId, ending } = streamer;
    const isGone = context.storage.streamState(streamId) === undefined;
    if (ending !== undefined || isGone) {
      this.close();
      throw ending ?? streamDeletionPending();
    }
    this.skipTrimmed();
    if (this.position > position) return undefined;
    this.close();
    requireNothing(
      { streamId, seqNum: position, trimPoint: () => this.trimPoint() },
      this.tail.seqNum,
    );
    return undefined;
  }

  /** A hole is an error with a code, never an answer: whatever storage or the followers say. */
  private requireContiguousRun(stored: readonly StoredBatch[]): void {
    const { streamId, ending } = this.streamer;
    try {
      requireContiguousRun(
        { streamId, seqNum: this.position, trimPoint: () => this.trimPoint() },
        stored,
      );
    } catch (error) {
      this.close();
      throw ending ?? error;
    }
  }

  private fetch(fromSeqNum: number): Promise<readonly StoredBatch[]> {
    return this.context.storage.read(this.streamer.streamId, fromSeqNum, {
      maxBytes: this.room.stepBytes,
      endSeqNum: this.tail.seqNum,
    });
  }

  /** Reads the next step while this one is on its way to the client. */
  private prefetch(): void {
    this.prefetched = undefined;
    const last = this.readAhead.at(-1);
    if (last === undefined || this.count < MAX_BATCH_RECORDS) return;
    const next = last.firstSeqNum + last.count;
    if (next >= this.tail.seqNum || !this.room.tryReadAhead()) return;
    const stored = this.fetch(next);
    this.prefetched = { fromSeqNum: next, stored };
    // Whoever takes it sees the failure; nobody may.
    stored.catch(() => undefined);
  }

  /** Joins read-ahead batches to one item of at most 1000 records and 1 MiB. */
  private gather(): ReadItem | undefined {
    const parts: Uint8Array[] = [];
    let count = 0;
    let meteredBytes = 0;
    let taken = 0;
    for (const stored of this.readAhead) {
      const budget = {
        count: Math.min(this.count - count, MAX_BATCH_RECORDS - count),
        meteredBytes: Math.min(this.meteredBytes, MAX_BATCH_METERED_BYTES) - meteredBytes,
        until: this.plan.until,
      };
      const cut = this.cutUnlessLate(stored, budget, count > 0);
      // Deliver what is good; the batch that cannot be opened fails the next call.
      if (cut === undefined) break;
      if (cut.count > 0) {
        parts.push(cut.bytes);
        count += cut.count;
        meteredBytes += cut.meteredBytes;
        this.position = cut.lastSeqNum + 1;
      }
      if (cut.isStopped) {
        // Full, or the read is over: if nothing at all fits, a bound of the read forbids it.
        if (count === 0) this.close();
        break;
      }
      this.position = Math.max(this.position, stored.firstSeqNum + stored.count);
      taken++;
    }
    this.readAhead.splice(0, taken);
    if (count === 0) return undefined;
    return this.deliver(parts, count, meteredBytes, undefined, undefined);
  }

  /** At the tail: end, go back for what came meanwhile, or follow with a heartbeat at once. */
  private reachTail(): ReadItem | undefined {
    if (!this.plan.mayFollow) {
      this.close();
      return undefined;
    }
    const follower = this.streamer.follow(this.position);
    if (follower === undefined) {
      this.tail = this.streamer.stableTail;
      // Clamped or trimmed starts never lie beyond the stable tail; nothing to skip otherwise.
      return undefined;
    }
    this.tail = this.streamer.stableTail;
    this.deadlineMs ??= this.context.clock.monotonic() + this.plan.waitMs;
    if (this.deadlineMs <= this.context.clock.monotonic()) {
      follower.close();
      this.close();
      return undefined;
    }
    this.follower = follower;
    return this.heartbeat();
  }

  private async followOn(follower: Follower): Promise<ReadItem | undefined> {
    const live = follower.take();
    if (live !== undefined) {
      this.live?.release();
      this.live = live;
      if (live.stored.firstSeqNum > this.position) this.requireContiguousRun([live.stored]);
      this.tail = live.tail;
      const { count, meteredBytes } = this;
      const cut = this.cut(live.stored, { count, meteredBytes, until: this.plan.until });
      return this.deliverLive(live, cut);
    }
    if (follower.failure !== undefined) {
      this.close();
      throw follower.failure;
    }
    if (follower.isLagging) {
      this.leaveFollowers();
      this.tail = this.streamer.stableTail;
      return undefined;
    }
    const now = this.context.clock.monotonic();
    if (this.deadlineMs !== undefined && this.deadlineMs <= now) {
      this.close();
      return undefined;
    }
    if (this.heartbeatAtMs <= now) return this.heartbeat();
    await this.wait(
      follower,
      Math.min(this.heartbeatAtMs, this.deadlineMs ?? this.heartbeatAtMs) - now,
    );
    return undefined;
  }

  private deliverLive(live: LiveBatch, cut: Cut): ReadItem | undefined {
    const { tail } = this;
    this.position = cut.count > 0 ? cut.lastSeqNum + 1 : this.position;
    const isWhole = cut.bytes === live.stored.bytes;
    const item =
      cut.count === 0
        ? undefined
        : this.deliver([cut.bytes], cut.count, cut.meteredBytes, tail, isWhole ? live : undefined);
    if (cut.isStopped) this.close();
    return item;
  }

  private deliver(
    parts: readonly Uint8Array[],
    count: number,
    meteredBytes: number,
    tail: StreamPosition | undefined,
    shared: LiveBatch | undefined,
  ): ReadItem {
    this.count -= count;
    this.meteredBytes -= meteredBytes;
    if (this.deadlineMs !== undefined) {
      const now = this.context.clock.monotonic();
      this.deadlineMs = now + this.plan.waitMs;
      this.heartbeatAtMs = now + this.heartbeatDelayMs;
    }
    this.context.usage?.delivered(meteredBytes);
    return { parts, count, meteredBytes, lastSeqNum: this.position - 1, tail, shared };
  }

  private heartbeat(): ReadItem {
    this.heartbeatDelayMs = randomInteger(this.context.random, MIN_HEARTBEAT_MS, MAX_HEARTBEAT_MS);
    this.heartbeatAtMs = this.context.clock.monotonic() + this.heartbeatDelayMs;
    return {
      parts: [],
      count: 0,
      meteredBytes: 0,
      lastSeqNum: this.position - 1,
      tail: this.tail,
      shared: undefined,
    };
  }

  /**
   * Waits for a change of the follower or the given delay. The timer outlives a wait that ends
   * early: most waits do, and a timer that fires too soon costs one look at the clock.
   */
  private async wait(follower: Follower, delayMs: number): Promise<void> {
    const dueMs = this.context.clock.monotonic() + delayMs;
    await new Promise<void>((resolve) => {
      this.wake = resolve;
      follower.onChange(resolve);
      if (this.timer !== undefined && this.timerAtMs <= dueMs) return;
      this.timer?.cancel();
      this.timerAtMs = dueMs;
      this.timer = this.context.clock.setTimer(
        () => {
          this.timer = undefined;
          this.wake?.();
        },
        delayMs,
        { keepsAlive: false },
      );
    });
    this.wake = undefined;
    follower.onChange(undefined);
  }

  private leaveFollowers(): void {
    this.timer?.cancel();
    this.timer = undefined;
    this.follower?.close();
    this.follower = undefined;
  }

  private cutUnlessLate(stored: StoredBatch, budget: Budget, isLate: boolean): Cut | undefined {
    try {
      return this.cut(stored, budget);
    } catch (error) {
      if (isLate) return undefined;
      throw error;
    }
  }

  private cut(stored: StoredBatch, budget: Budget): Cut {
    const { decrypt } = this.context;
    return decrypt === undefined
      ? cutBatch(stored, this.position, budget)
      : cutSealed(stored, this.position, budget, decrypt);
  }
}
