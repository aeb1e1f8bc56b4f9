// The background of an object engine: one task at a time, in this order: rewrite the log when it is
// long, reclaim what was trimmed, drop or merge data objects, checkpoint and collect. Runs when the
// log has grown or something was trimmed. What the tasks do is in `upkeep-tasks`.
//
// It never holds up an append: objects are built in steps and put beside the log's. When it falls
// behind, because the bucket does, the log grows, and who commits is turned away in the end.

import { type Clock, sleep, type Timer } from "@s2kit/core";
import { turn } from "../../../waiting/turn.js";
import { fullness, isDue, isOverfull } from "./log-choice.js";
import { type TaskComponents, UpkeepTasks } from "./upkeep-tasks.js";

/** First and longest wait after a run that failed: what it read is read again. */
const RETRY_MS = 1000;
const MAX_RETRY_MS = 60_000;
const GATHER_TRIMS_MS = 500;
const MAX_PAUSE_MS = 100;
/** Changes that are worth a checkpoint by themselves. */
const CHECKPOINT_CHANGES = 50_000;

export interface UpkeepComponents extends TaskComponents {
  readonly clock: Clock;
  /** False: only `run` works, when a test calls it. */
  readonly isAutomatic: boolean;
  /** Puts a checkpoint, and collects what it makes garbage. Its failure is that of the engine. */
  readonly takeCheckpoint: () => Promise<void>;
}

/**
 * - `idle`: nothing is under way
 * - `running`: a run is
 * - `kicked`: a run is, and another one follows
 * - `closed`: no run begins any more
 */
type UpkeepState = "idle" | "running" | "kicked" | "closed";

export class Upkeep {
  /** Why the background cannot go on for now: a bucket that is silent, or damage that it found. */
  trouble: Error | undefined = undefined;
  private readonly components: UpkeepComponents;
  private readonly tasks: UpkeepTasks;
  private state: UpkeepState = "idle";
  /** The task under way: they come one after the other. */
  private last: Promise<unknown> = Promise.resolve();
  private running: Promise<void> | undefined;
  private hasGarbage = true;
  private soon: Timer | undefined;
  private retryMs = RETRY_MS;

  constructor(components: UpkeepComponents) {
    this.components = components;
    const { clock } = components;
    const pacing = { now: () => clock.monotonic(), pace: (tookMs: number) => this.pace(tookMs) };
    this.tasks = new UpkeepTasks(components, pacing, () => this.isStopped);
  }

  /** Commits are turned away until the log is shorter. */
  get isOverfull(): boolean {
    const { objects, limits, isAutomatic } = this.components;
    // Where nothing shortens it by itself, waiting would not help.
    return isAutomatic && isOverfull(objects, limits);
  }

  /** A group of the log is durable. */
  noteGroup(): void {
    if (isDue(this.components.objects, this.components.limits) || this.hasManyChanges) this.kick();
  }

  /** A stream was trimmed or dropped: its space is looked after soon, together with others'. */
  noteTrim(): void {
    this.hasGarbage = true;
    this.kickIn(GATHER_TRIMS_MS);
  }

  /** Does all there is to do now; joins a run in progress. Never rejects. */
  run(): Promise<void> {
    if (this.state === "idle") this.state = "running";
    this.running ??= this.exclusively(() => this.work()).finally(() => this.ran());
    return this.running;
  }

  /** A checkpoint, behind whatever is under way. */
  checkpoint(): Promise<void> {
    return this.exclusively(() => this.components.takeCheckpoint());
  }

  /** Ends the background: resolves when what is under way has come to a stop. */
  async close(): Promise<void> {
    this.state = "closed";
    this.soon?.cancel();
    await this.last;
  }

  /** Starts a run, or asks the one that is under way to look again when it is through. */
  private kick(): void {
    if (!this.components.isAutomatic || this.isStopped) return;
    if (this.state === "idle") void this.run();
    else this.state = "kicked";
  }

  private ran(): void {
    this.running = undefined;
    if (this.state === "closed") return;
    const isKicked = this.state === "kicked";
    this.state = "idle";
    if (isKicked) this.kick();
  }

  private exclusively<T>(task: () => Promise<T>): Promise<T> {
    const next = this.last.then(task);
    this.last = next.catch(() => undefined);
    return next;
  }

  private get isStopped(): boolean {
    return this.state === "closed" || this.components.durability.isFailed;
  }

  private get hasManyChanges(): boolean {
    return this.components.tables.changeCount > CHECKPOINT_CHANGES;
  }

  private kickIn(afterMs: number): void {
    if (!this.components.isAutomatic || this.isStopped) return;
    const onTime = (): void => {
      this.soon = undefined;
      this.kick();
    };
    this.soon ??= this.components.clock.setTimer(onTime, afterMs, { keepsAlive: false });
  }

  /**
   * Leaves the processor to appends for a while, the longer the further the log is from its limit.
   */
  private async pace(tookMs: number): Promise<void> {
    const { writer, objects, limits, clock, isAutomatic } = this.components;
    const share = 2 - fullness(objects, limits);
    if (!isAutomatic || writer.isIdle || share <= 0 || this.isStopped) return;
    await sleep(clock, Math.min(tookMs * share, MAX_PAUSE_MS));
  }

  private async work(): Promise<void> {
    if (this.isStopped) return;
    try {
      // What a run that failed has put goes before the next one puts more.
      if (this.trouble !== undefined && this.components.garbage.waiting > 0)
        await this.components.takeCheckpoint();
      let isDirty = await this.tasks.rewriteLog();
      // Worth no checkpoint by itself: whoever repeats the log finds the same notes.
      while (!this.isStopped && this.hasGarbage) {
        this.hasGarbage = this.tasks.reclaimSome();
        await turn();
      }
      while (!this.isStopped && (await this.tasks.mergeSome())) isDirty = true;
      if (!this.isStopped && (isDirty || this.hasManyChanges))
        await this.components.takeCheckpoint();
      this.trouble = undefined;
      this.retryMs = RETRY_MS;
    } catch (error) {
      // The log has the data: what a silent bucket or damage stops is tried again later.
      if (this.isStopped) return;
      this.trouble = error instanceof Error ? error : new Error(String(error));
      this.hasGarbage = true;
      this.kickIn(this.retryMs);
      this.retryMs = Math.min(2 * this.retryMs, MAX_RETRY_MS);
    }
  }
}
