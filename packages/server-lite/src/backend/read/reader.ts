// Carries out a read: stored batches up to the stable tail, then live ones, without a gap and
// without a repeat between the two. Pull-based: a caller that does not ask costs at most one
// follower buffer. Formats and sockets are not its concern.
// Spec: data-plane#waiting, data-plane#read-session, data-plane#guarantees.

import {
  assert,
  type Clock,
  MAX_BATCH_METERED_BYTES,
  MAX_BATCH_RECORDS,
  type Random,
  type StreamPosition,
} from "@s2kit/core";
import type { StoredBatch } from "../../storage/storage.js";
import type { Follower } from "../append/followers.js";
import type { LiveBatch } from "../append/live-batch.js";
import type { Streamer } from "../append/streamer.js";
import type { ReadUsage } from "../usage/usage.js";
import type { ReadPlan } from "./read-plan.js";
import { cutSealed } from "./sealed-selection.js";
import { type Budget, type Cut, cutBatch } from "./selection.js";
import { StoredSteps, type StoredStepsOptions } from "./stored-steps.js";
import { TailClock } from "./tail-clock.js";

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

export interface ReaderContext extends StoredStepsOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Turns a stored batch of an encrypted stream, or some of its records, into the plain form. */
  readonly decrypt: ((batch: StoredBatch) => StoredBatch) | undefined;
  /** Counts what is delivered. */
  readonly usage?: ReadUsage | undefined;
}

/**
 * Where a reader is:
 *
 * ```
 *   behind ---- the tail is reached ----> following ---- end, failure, close ----> over
 *     ^  \________ end, failure, close ________|_______________________________________^
 *     |______________ lagged __________________|
 * ```
 */
type Phase =
  /** Takes what is stored before the tail that it knows. */
  | { readonly kind: "behind" }
  /** Takes what the stream makes durable, as it comes. */
  | { readonly kind: "following"; readonly follower: Follower; readonly clock: TailClock }
  /** Delivers nothing more, and holds nothing. */
  | { readonly kind: "over" };

const BEHIND: Phase = { kind: "behind" };
const OVER: Phase = { kind: "over" };

export function createReader(context: ReaderContext, streamer: Streamer, plan: ReadPlan): Reader {
  return new StreamReader(context, streamer, plan);
}

class StreamReader implements Reader {
  private readonly context: ReaderContext;
  private readonly streamer: Streamer;
  private readonly plan: ReadPlan;
  private readonly lease: Disposable;
  private readonly steps: StoredSteps;
  private phase: Phase = BEHIND;
  private position: number;
  private tail: StreamPosition;
  private count: number;
  private meteredBytes: number;
  /** From the first time at the tail on. */
  private tailClock: TailClock | undefined = undefined;
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
    this.steps = new StoredSteps(context, streamer);
  }

  async next(): Promise<ReadItem | undefined> {
    this.delivered();
    for (;;) {
      if (this.count <= 0 || this.meteredBytes <= 0) this.close();
      const { phase } = this;
      if (phase.kind === "over") return undefined;
      const item =
        phase.kind === "following"
          ? await this.followOn(phase.follower, phase.clock)
          : this.position < this.tail.seqNum
            ? await this.catchUp()
            : this.reachTail();
      if (item !== undefined) return item;
    }
  }

  rest(): void {
    this.delivered();
    this.steps.room.rest();
  }

  nudge(): void {
    this.tailClock?.nudge();
  }

  close(): void {
    if (this.isOver) return;
    this.enter(OVER);
    this.lease[Symbol.dispose]();
    this.delivered();
    this.steps.forget();
    this.steps.room.leave();
  }

  private get isOver(): boolean {
    return this.phase.kind === "over";
  }

  /** The one place where phases change: whoever leaves the followers stops their wait. */
  private enter(phase: Phase): void {
    const left = this.phase;
    assert(left.kind !== "over", "a reader that is over stays so");
    this.phase = phase;
    if (left.kind !== "following") return;
    left.follower.close();
    left.clock.stop();
  }

  /** Ends with an error. */
  private fail(error: unknown): never {
    this.close();
    throw error;
  }

  /** The last item is on its way. */
  private delivered(): void {
    this.live?.release();
    this.live = undefined;
    this.steps.room.delivered(this.steps.ahead.length === 0);
  }

  private async catchUp(): Promise<ReadItem | undefined> {
    const { steps } = this;
    if (steps.ahead.length === 0) {
      const entering = steps.room.enter();
      if (entering !== undefined) await entering;
      if (this.isOver) return undefined;
      // Stored batches come whole: what is trimmed inside the first one is skipped here.
      this.skipTrimmed();
      if (this.position === this.tail.seqNum) return undefined;
      const step = await steps.take(this.position, this.tail.seqNum);
      if (this.isOver) return undefined;
      if (!steps.room.accepts(step)) {
        await steps.room.enterFully();
        return undefined;
      }
      const stored = steps.room.loaded(step);
      if (stored.length === 0) return this.passNothing();
      this.requireRun(stored);
      steps.ahead = [...stored];
      if (this.count >= MAX_BATCH_RECORDS) steps.prefetch(this.tail.seqNum);
    }
    return this.gather();
  }

  /** What is trimmed is never delivered; a reader does not pass its tail by that. */
  private skipTrimmed(): void {
    this.position = Math.max(this.position, Math.min(this.steps.trimPoint, this.tail.seqNum));
  }

  /** Storage had nothing before the tail: it was trimmed meanwhile, or the stream is gone. */
  private passNothing(): undefined {
    const { steps, position } = this;
    const { ending } = steps;
    if (ending !== undefined) return this.fail(ending);
    this.skipTrimmed();
    if (this.position > position) return undefined;
    this.close();
    steps.requireNothing(position, this.tail.seqNum);
    return undefined;
  }

  private requireRun(stored: readonly StoredBatch[]): void {
    try {
      this.steps.requireRun(this.position, stored);
    } catch (error) {
      this.fail(error);
    }
  }

  /** Joins read-ahead batches to one item of at most 1000 records and 1 MiB. */
  private gather(): ReadItem | undefined {
    const parts: Uint8Array[] = [];
    let count = 0;
    let meteredBytes = 0;
    let taken = 0;
    for (const stored of this.steps.ahead) {
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
    this.steps.ahead.splice(0, taken);
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
    this.moveTail();
    // Clamped or trimmed starts never lie beyond the stable tail; nothing to skip otherwise.
    if (follower === undefined) return undefined;
    const { clock, random } = this.context;
    const { waitMs } = this.plan;
    this.tailClock ??= new TailClock({ clock, random, waitMs });
    this.enter({ kind: "following", follower, clock: this.tailClock });
    if (!this.tailClock.isOver) return this.heartbeat(this.tailClock);
    this.close();
    return undefined;
  }

  private moveTail(): void {
    const { stableTail } = this.streamer;
    assert(stableTail.seqNum >= this.tail.seqNum, "the stable tail never goes back");
    this.tail = stableTail;
  }

  private async followOn(follower: Follower, clock: TailClock): Promise<ReadItem | undefined> {
    const live = follower.take();
    if (live !== undefined) return this.deliverLive(live);
    if (follower.failure !== undefined) return this.fail(follower.failure);
    if (follower.isLagging) {
      this.enter(BEHIND);
      this.moveTail();
      return undefined;
    }
    const { turn } = clock;
    if (turn === "heartbeat") return this.heartbeat(clock);
    if (turn === "end") this.close();
    else await clock.wait(follower);
    return undefined;
  }

  private deliverLive(live: LiveBatch): ReadItem | undefined {
    this.live?.release();
    this.live = live;
    const { stored, tail } = live;
    if (stored.firstSeqNum > this.position) this.requireRun([stored]);
    this.tail = tail;
    const { count, meteredBytes } = this;
    const cut = this.cut(stored, { count, meteredBytes, until: this.plan.until });
    this.position = cut.count > 0 ? cut.lastSeqNum + 1 : this.position;
    const isWhole = cut.bytes === stored.bytes;
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
    this.tailClock?.delivered();
    this.context.usage?.delivered(meteredBytes);
    return { parts, count, meteredBytes, lastSeqNum: this.position - 1, tail, shared };
  }

  private heartbeat(clock: TailClock): ReadItem {
    clock.beat();
    return {
      parts: [],
      count: 0,
      meteredBytes: 0,
      lastSeqNum: this.position - 1,
      tail: this.tail,
      shared: undefined,
    };
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
