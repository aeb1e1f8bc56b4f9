// Carries out a read: stored batches up to the stable tail, then live ones, without a gap and
// without a repeat between the two, as a `reader`. Who does not ask costs at most one follower
// buffer. Formats and sockets are not its concern. Spec: data-plane#waiting,
// data-plane#read-session, data-plane#guarantees.

import { assert, type Clock, type Random } from "@s2kit/core";
import { staleError } from "../../storage/require-fresh.js";
import type { StoredBatch } from "../../storage/storage.js";
import type { Follower } from "../append/followers.js";
import type { LiveBatch } from "../append/live-batch.js";
import type { Streamer } from "../append/streamer.js";
import { CatchUp } from "./catch-up.js";
import { heartbeatItem, NOT_YET, type ReadItem } from "./read-item.js";
import type { ReadPlan } from "./read-plan.js";
import { ReadProgress, type ReadProgressComponents } from "./read-progress.js";
import type { Reader } from "./reader.js";
import { BEHIND, LOADING, OVER, type ReaderPhase } from "./reader-phase.js";
import { StoredSteps, type StoredStepsComponents } from "./stored-steps.js";
import { TailClock } from "./tail-clock.js";

export interface ReaderComponents extends StoredStepsComponents, ReadProgressComponents {
  readonly clock: Clock;
  readonly random: Random;
}

export function createReader(
  components: ReaderComponents,
  streamer: Streamer,
  plan: ReadPlan,
): Reader {
  return new StreamReader(components, streamer, plan);
}

class StreamReader implements Reader {
  onReady: (() => void) | undefined = undefined;
  private readonly components: ReaderComponents;
  private readonly streamer: Streamer;
  private readonly plan: ReadPlan;
  private readonly lease: Disposable;
  private readonly progress: ReadProgress;
  private readonly steps: StoredSteps;
  private readonly catchUp: CatchUp;
  private phase: ReaderPhase = BEHIND;
  /** From the first time at the tail on. */
  private tailClock: TailClock | undefined = undefined;
  /** True while the one who polls may look at the last item. */
  private isHandedOut = false;
  /** The live batch that was handed out last. */
  private live: LiveBatch | undefined = undefined;

  constructor(components: ReaderComponents, streamer: Streamer, plan: ReadPlan) {
    this.components = components;
    this.streamer = streamer;
    this.plan = plan;
    this.lease = streamer.lease();
    this.progress = new ReadProgress(components, plan);
    this.steps = new StoredSteps(components, streamer);
    this.catchUp = new CatchUp(this.steps, this.progress);
  }

  poll(): ReadItem | typeof NOT_YET | undefined {
    this.delivered();
    for (;;) {
      if (this.progress.isUsedUp) this.stop();
      const { phase } = this;
      if (phase.kind === "over") return this.end(phase.failure);
      if (phase.kind === "loading") return NOT_YET;
      // An item says where the stream ends, as far as this server knows, and so does the end.
      if (!this.components.storage.isFresh) {
        this.fail(staleError());
        continue;
      }
      const item =
        phase.kind === "following"
          ? this.followOn(phase.follower, phase.clock)
          : this.progress.isAtTail
            ? this.reachTail()
            : this.goOn();
      if (item === undefined) continue;
      if (item !== NOT_YET) this.isHandedOut = true;
      return item;
    }
  }

  async next(): Promise<ReadItem | undefined> {
    for (;;) {
      const item = this.poll();
      if (item !== NOT_YET) return item;
      await new Promise<void>((resolve) => {
        this.onReady = resolve;
      });
    }
  }

  rest(): void {
    this.delivered();
    this.steps.room.rest();
  }

  nudge(): void {
    this.tailClock?.nudge();
  }

  stop(): void {
    if (this.phase.kind !== "over") this.leave(OVER);
  }

  close(): void {
    this.stop();
    this.delivered();
  }

  private end(failure: { readonly error: unknown } | undefined): undefined {
    if (failure === undefined) return undefined;
    this.phase = OVER;
    throw failure.error;
  }

  /** Ends with an error, which the one who polls gets. */
  private fail(error: unknown): void {
    if (this.phase.kind !== "over") this.leave({ kind: "over", failure: { error } });
  }

  private leave(over: ReaderPhase): void {
    this.enter(over);
    this.lease[Symbol.dispose]();
    this.catchUp.close(this.isHandedOut);
    if (!this.isHandedOut) this.letGo();
    this.onReady?.();
  }

  /** The one place where phases change: whoever leaves the followers stops their clock. */
  private enter(phase: ReaderPhase): void {
    const left = this.phase;
    assert(left.kind !== "over", "a reader that is over stays so");
    this.phase = phase;
    if (left.kind !== "following") return;
    left.follower.close();
    left.clock.stop();
  }

  /** The last item is on its way to the client: lets go of what it lay in. */
  private delivered(): void {
    if (!this.isHandedOut) return;
    this.isHandedOut = false;
    this.letGo();
  }

  /** No item is being looked at: what the last one lay in is not held any more. */
  private letGo(): void {
    this.live?.release();
    this.live = undefined;
    this.steps.room.delivered(this.steps.ahead.length === 0);
  }

  /** Behind the tail: an item of what is loaded, or the next load. */
  private goOn(): ReadItem | typeof NOT_YET | undefined {
    if (this.catchUp.hasLoaded) {
      const item = this.catchUp.gather();
      if (item !== undefined) this.tailClock?.delivered();
      return item;
    }
    this.enter(LOADING);
    this.catchUp.load().then(this.onLoaded, (error: unknown) => this.fail(error));
    return NOT_YET;
  }

  private readonly onLoaded = (): void => {
    if (this.phase.kind === "over") return;
    this.enter(BEHIND);
    this.onReady?.();
  };

  /** At the tail: end, go back for what came meanwhile, or follow with a heartbeat at once. */
  private reachTail(): ReadItem | undefined {
    if (!this.plan.mayFollow) {
      this.stop();
      return undefined;
    }
    const { progress, streamer } = this;
    const follower = streamer.follow(progress.position, this.wake);
    progress.moveTail(streamer.stableTail);
    // Clamped or trimmed starts never lie beyond the stable tail; nothing to skip otherwise.
    if (follower === undefined) return undefined;
    const { clock, random } = this.components;
    const { waitMs } = this.plan;
    this.tailClock ??= new TailClock({ clock, random, waitMs, onDue: this.wake });
    this.enter({ kind: "following", follower, clock: this.tailClock });
    if (!this.tailClock.isOver) return this.heartbeat(this.tailClock);
    this.stop();
    return undefined;
  }

  private readonly wake = (): void => this.onReady?.();

  private followOn(follower: Follower, clock: TailClock): ReadItem | typeof NOT_YET | undefined {
    const live = follower.take();
    if (live !== undefined) return this.deliverLive(live, clock);
    const { state } = follower;
    if (state.kind === "ended") this.fail(state.error);
    else if (state.kind === "lagging") {
      this.enter(BEHIND);
      this.progress.moveTail(this.streamer.stableTail);
    } else {
      const { turn } = clock;
      if (turn === "heartbeat") return this.heartbeat(clock);
      if (turn === "wait") {
        clock.arm();
        return NOT_YET;
      }
      this.stop();
    }
    return undefined;
  }

  private deliverLive(live: LiveBatch, clock: TailClock): ReadItem | undefined {
    this.live?.release();
    this.live = live;
    const { progress } = this;
    if (live.stored.firstSeqNum > progress.position && !this.isRun(live.stored)) return undefined;
    const item = progress.deliverLive(live);
    if (item !== undefined) clock.delivered();
    return item;
  }

  /** Followers get every batch: one that is missing is an error, or trimmed. */
  private isRun(live: StoredBatch): boolean {
    try {
      this.steps.requireRun(this.progress.position, [live]);
      return true;
    } catch (error) {
      this.fail(error);
      return false;
    }
  }

  private heartbeat(clock: TailClock): ReadItem {
    clock.beat();
    return heartbeatItem(this.progress.position - 1, this.progress.tail);
  }
}
