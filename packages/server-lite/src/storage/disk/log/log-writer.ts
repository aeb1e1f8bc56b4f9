// Writes the log, group by group: one is in flight, the next one gathers meanwhile, no timer. A
// group is written where it was placed, with one positional write to a durable file; then
// everything in it is durable. A failed write is never tried again: nobody knows what of it is on
// the disk.

import { assert, type Clock, S2Error } from "@s2kit/core";
import { storageError } from "../../durability.js";
import type { GroupBuilder, SealedGroup } from "../../log/group-builder.js";
import type { GroupConfirmation } from "./group-confirmation.js";
import { INLINE_MAX_BYTES, InlineRule } from "./inline-rule.js";
import type { LogFiles } from "./log-files.js";
import type { LogSegment } from "./log-segment.js";

/** After a group, appends are expected to go on for this long. */
const BUSY_MS = 5;
/** This much goes to the disk before the turn's end: more gathers behind it meanwhile. */
const EAGER_BYTES: number = INLINE_MAX_BYTES + 1;

/**
 * - `ready`: nothing is at the disk; what is kicked is written
 * - `writing`: one group is at the disk, or waits for its segment; what comes meanwhile gathers
 * - `ended`: a write failed, or the rest was given up: nothing is written any more
 */
type WriterState = "ready" | "writing" | "ended";

/** A group of commits that the disk has. */
export interface LogWrite {
  readonly tookMs: number;
  readonly bytes: number;
  readonly commits: number;
}

export interface LogWriterComponents {
  readonly files: LogFiles;
  readonly clock: Clock;
  readonly confirmation: GroupConfirmation;
  readonly onFailure: (failure: Error) => void;
  readonly onWritten?: ((write: LogWrite) => void) | undefined;
  /** Ms to wait before the next group, when the background has fallen behind; mostly 0. */
  readonly throttleMs?: () => number;
  /** For tests with pool writes: enough for a write before the turn ends. */
  readonly eagerBytes?: number | undefined;
  /** Default: adaptive. */
  readonly writes?: "adaptive" | "inline" | "pool";
}

export class LogWriter {
  /** Bytes sealed and not yet durable. */
  queuedBytes = 0;
  private readonly components: LogWriterComponents;
  private readonly queue: SealedGroup[] = [];
  private builder!: GroupBuilder;
  private segment: LogSegment | undefined;
  private readonly inline = new InlineRule();
  private state: WriterState = "ready";
  /** A turn was asked for that has not come; an eager group may go before it. */
  private isScheduled = false;
  private lastCommits = 0;
  /** Monotonic time of the last group's end. */
  private writtenMs = Number.NEGATIVE_INFINITY;
  private idle: (() => void)[] = [];
  /** Of the last group that the disk has. */
  private writtenSequence = 0;
  private awaited: { readonly sequence: number; settle(isWritten: boolean): void }[] = [];
  /** The last write that the pool was given. */
  private atDisk: Promise<void> = Promise.resolve();

  constructor(components: LogWriterComponents) {
    this.components = components;
  }

  attach(builder: GroupBuilder): void {
    this.builder = builder;
    this.writtenSequence = builder.cursor.sequence - 1;
  }

  enqueue(group: SealedGroup): void {
    this.queue.push(group);
    this.queuedBytes += group.bytes.length;
    this.kick();
  }

  /** Writes the next group, now or at the end of the turn, unless one is at the disk. */
  kick(): void {
    if (this.state !== "ready") return;
    // Enough for a write of its own: what comes behind it gathers while the disk is at work.
    if (this.isEager) return this.writeNext();
    if (this.isScheduled) return;
    this.isScheduled = true;
    const run = (): void => {
      this.isScheduled = false;
      this.writeNext();
    };
    const delayMs = this.components.throttleMs?.() ?? 0;
    if (delayMs > 0) this.components.clock.setTimer(run, delayMs);
    // Many writers: let all of this turn of the event loop get in. A single one: do not wait.
    else if (this.lastCommits > 1) setImmediate(run);
    else queueMicrotask(run);
  }

  /** Resolves when nothing is left to write, or nothing can be. */
  drained(): Promise<void> {
    if (this.state === "ended" || this.isIdle) return Promise.resolve();
    return new Promise((resolve) => this.idle.push(resolve));
  }

  /**
   * Waits for a group, be it one without commits, which no position tells of.
   *
   * @returns false when the disk will never have it
   */
  wrote(sequence: number): Promise<boolean> {
    if (sequence <= this.writtenSequence) return Promise.resolve(true);
    if (this.state === "ended") return Promise.resolve(false);
    return new Promise((settle) => this.awaited.push({ sequence, settle }));
  }

  /** True when nothing is sealed, gathered or being written. */
  get isIdle(): boolean {
    return this.state !== "writing" && this.queue.length === 0 && !this.builder.hasCommits;
  }

  /** Ends the pump: what waits is never written. What the disk has may still get there. */
  abandon(): void {
    this.enter("ended");
  }

  /** Resolves when the disk has given back what it was given last, whatever became of it. */
  get settled(): Promise<void> {
    return this.atDisk;
  }

  /** Appends are on their way to the disk, or were a moment ago. */
  get isBusy(): boolean {
    if (this.state === "writing" || this.builder.hasCommits) return true;
    return this.components.clock.monotonic() - this.writtenMs < BUSY_MS;
  }

  /** A group waits that goes to the pool for certain: no confirmation comes within the call. */
  private get isEager(): boolean {
    const { writes, eagerBytes, throttleMs } = this.components;
    if (writes === "inline") return false;
    const enough = writes === "pool" && eagerBytes !== undefined ? eagerBytes : EAGER_BYTES;
    const waiting = this.queue[0]?.bytes.length ?? this.builder.openBytes;
    return waiting >= enough && (throttleMs?.() ?? 0) === 0;
  }

  private writeNext(): void {
    if (this.state !== "ready") return;
    const group = this.queue.shift() ?? this.seal();
    if (group === undefined) {
      this.letWaitersGo();
      return;
    }
    this.enter("writing");
    this.lastCommits = group.commits;
    this.components.confirmation.begun(group);
    if (this.segment?.generation === group.generation) this.write(this.segment, group);
    else
      this.components.files.take(group.generation).then(
        (segment) => {
          if (this.state === "ended") return;
          segment.rows = group.segmentRows;
          this.segment = segment;
          this.write(segment, group);
        },
        (error: unknown) => this.fail(error),
      );
  }

  private seal(): SealedGroup | undefined {
    const group = this.builder.seal();
    if (group !== undefined) this.queuedBytes += group.bytes.length;
    return group;
  }

  private write(segment: LogSegment, group: SealedGroup): void {
    const { clock } = this.components;
    const startMs = clock.monotonic();
    if (this.isInline(group)) {
      try {
        segment.file.writeSync(group.bytes, group.fileOffset);
      } catch (error) {
        return this.fail(error);
      }
      this.inline.took(clock.monotonic() - startMs);
      return this.written(group, startMs);
    }
    this.atDisk = segment.file.write(group.bytes, group.fileOffset).then(
      () => this.written(group, startMs),
      (error: unknown) => this.fail(error),
    );
  }

  private isInline(group: SealedGroup): boolean {
    const writes = this.components.writes ?? "adaptive";
    return writes === "adaptive" ? this.inline.allows(group) : writes === "inline";
  }

  private written(group: SealedGroup, startMs: number): void {
    if (this.state === "ended") return;
    this.enter("ready");
    this.writtenMs = this.components.clock.monotonic();
    const { bytes, commits } = group;
    this.components.onWritten?.({ tookMs: this.writtenMs - startMs, bytes: bytes.length, commits });
    this.queuedBytes -= group.bytes.length;
    this.writtenSequence = group.sequence;
    this.settleAwaited();
    // The disk first: it works while those who are confirmed make the next group.
    if (this.isEager) this.writeNext();
    this.components.confirmation.written(group);
    this.kick();
  }

  private fail(cause: unknown): void {
    if (this.state === "ended") return;
    this.enter("ended");
    // The lock was lost, or there is no room to begin with: said well enough.
    if (cause instanceof S2Error) return this.components.onFailure(cause);
    const message = cause instanceof Error ? cause.message : String(cause);
    this.components.onFailure(
      storageError(`a write to the log failed: restart to recover cause=${message}`, cause),
    );
  }

  /** The one place where the state changes: with the end goes what waits, and who waits for it. */
  private enter(state: WriterState): void {
    assert(this.state !== "ended" || state === "ended", "a log that has ended stays so");
    assert(state !== "writing" || this.state === "ready", "one group is in flight at a time");
    this.state = state;
    if (state !== "ended") return;
    this.queue.length = 0;
    this.settleAwaited();
    this.letWaitersGo();
  }

  private settleAwaited(): void {
    if (this.awaited.length === 0) return;
    const awaited = this.awaited.splice(0);
    for (const each of awaited)
      if (each.sequence <= this.writtenSequence) each.settle(true);
      else if (this.state === "ended") each.settle(false);
      else this.awaited.push(each);
  }

  private letWaitersGo(): void {
    for (const resolve of this.idle.splice(0)) resolve();
  }
}
