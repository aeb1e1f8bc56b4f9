// Writes the log into the bucket: commits gather into groups, several groups are on their way at
// once. The first group goes out at once; while one is on its way the next gathers for a while, so
// that a busy shard pays for so many requests a second and no more. What was accepted and is not
// durable is bounded: whoever commits is turned away before memory is full.

import { assert, type Clock, type Timer } from "@s2kit/core";
import type { Durability } from "../../durability.js";
import type { GroupBuilder, SealedGroup } from "../../log/group-builder.js";
import type { LogPipeline, PipelineState } from "./log-pipeline.js";

export interface ObjectLogWriterOptions {
  readonly clock: Clock;
  readonly durability: Durability;
  /** A group gathers for so long while others are on their way, ms. */
  readonly lingerMs: number;
  /** A group of so many bytes gathers no longer. */
  readonly eagerBytes: number;
  /** A group goes out, in this slot. */
  readonly onSent?: (group: SealedGroup, slot: number) => void;
}

/** How the log is doing, for whoever watches it. */
export type LogHealth =
  | { readonly kind: "well" }
  /** The oldest group that is on its way waits since this monotonic time: an outage, when long. */
  | { readonly kind: "waiting"; readonly sinceMs: number }
  | { readonly kind: "ended"; readonly state: PipelineState };

export class ObjectLogWriter {
  private readonly options: ObjectLogWriterOptions;
  private builder!: GroupBuilder;
  private pipeline!: LogPipeline;
  /** Sealed, and waiting for room. */
  private readonly queue: SealedGroup[] = [];
  /** On their way, in order of their slots. */
  private readonly sent: SealedGroup[] = [];
  private firstSentSlot = 0;
  private waitingBytes = 0;
  /** The open group goes out when it fires, or at the end of the turn. */
  private linger: Timer | undefined;
  private isScheduled = false;
  /** The open group has gathered for long enough, and waits for room alone. */
  private isDue = false;
  private awaited: (() => void)[] = [];

  constructor(options: ObjectLogWriterOptions) {
    this.options = options;
  }

  attach(builder: GroupBuilder, pipeline: LogPipeline): void {
    this.builder = builder;
    this.pipeline = pipeline;
    this.firstSentSlot = pipeline.nextSlot;
  }

  /** Bytes that are not durable: gathered, sealed, or on their way. */
  get queuedBytes(): number {
    return this.waitingBytes + this.pipeline.inFlightBytes + this.builder.openBytes;
  }

  get isIdle(): boolean {
    return this.queue.length === 0 && this.pipeline.isIdle && !this.builder.hasCommits;
  }

  get health(): LogHealth {
    const { state, waitingSinceMs } = this.pipeline;
    if (state.kind !== "open") return { kind: "ended", state };
    return waitingSinceMs === undefined
      ? { kind: "well" }
      : { kind: "waiting", sinceMs: waitingSinceMs };
  }

  /** A group that closed because the next commit does not fit, or that holds no commit. */
  enqueue(group: SealedGroup): void {
    this.queue.push(group);
    this.waitingBytes += group.length;
    this.isDue = false;
    this.pump();
  }

  /** Closes the open group, if there is one: what is committed from now on goes into the next. */
  sealNow(): void {
    const group = this.builder.seal();
    if (group !== undefined) this.enqueue(group);
  }

  /** Something was committed. */
  kick(): void {
    if (this.builder.openBytes >= this.options.eagerBytes) return this.pump();
    if (this.isScheduled || this.linger !== undefined) return;
    if (!this.pipeline.isIdle || this.queue.length > 0) {
      this.linger = this.options.clock.setTimer(() => {
        this.linger = undefined;
        this.sendOpen();
      }, this.options.lingerMs);
      return;
    }
    this.schedule();
  }

  /** Resolves when all that was accepted is durable, or nothing will be any more. */
  async drained(): Promise<void> {
    while (!this.isIdle && this.pipeline.state.kind === "open") {
      this.sendOpen();
      await new Promise<void>((resolve) => this.awaited.push(resolve));
    }
  }

  /** The bucket has all groups below this slot. Called by the pipeline. */
  durable(slots: number): void {
    const { durability } = this.options;
    const count = slots - this.firstSentSlot;
    assert(count <= this.sent.length, "what is durable was sent");
    let position = 0;
    for (const { segmentRows, endRow, lastPosition } of this.sent.splice(0, count)) {
      assert(endRow >= segmentRows.durableCount, "what is durable stays so");
      segmentRows.durableCount = endRow;
      position = lastPosition;
    }
    this.firstSentSlot = slots;
    // The bucket first: it works while those who are confirmed make the next group.
    this.pump();
    durability.advance(position);
    if (this.pipeline.isIdle && this.builder.hasCommits) this.schedule();
    this.settleAwaited();
  }

  /** The pipeline is fenced, failed or closed: nothing goes out any more. */
  ended(): void {
    this.linger?.cancel();
    this.linger = undefined;
    this.queue.length = 0;
    this.waitingBytes = 0;
    this.settleAwaited();
  }

  /** Nothing is on its way: who commits in this turn of the loop gets in, nobody waits longer. */
  private schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    setImmediate(() => {
      this.isScheduled = false;
      this.sendOpen();
    });
  }

  /** Sends the open group too, as soon as there is room for it. */
  private sendOpen(): void {
    this.linger?.cancel();
    this.linger = undefined;
    this.pump();
    if (this.queue.length > 0 || !this.builder.hasCommits) return;
    // Without room it goes on gathering: more in one object, and one object less.
    if (this.pipeline.hasRoom) this.sealOpen();
    else this.isDue = true;
  }

  /** Sends what is sealed, and the open group if it is due or large, as far as there is room. */
  private pump(): void {
    while (this.pipeline.hasRoom) {
      const group = this.queue.shift();
      if (group !== undefined) {
        this.waitingBytes -= group.length;
        this.send(group);
      } else if (this.isDue || this.builder.openBytes >= this.options.eagerBytes) {
        if (!this.builder.hasCommits) return;
        this.sealOpen();
      } else return;
    }
  }

  private sealOpen(): void {
    this.isDue = false;
    const group = this.builder.seal();
    assert(group !== undefined, "an open group seals");
    this.send(group);
  }

  private send(group: SealedGroup): void {
    this.sent.push(group);
    const slot = this.pipeline.put(group.bytes.subarray(0, group.length), group.fileOffset);
    this.options.onSent?.(group, slot);
  }

  private settleAwaited(): void {
    for (const resolve of this.awaited.splice(0)) resolve();
  }
}
