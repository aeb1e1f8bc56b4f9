// The segment files of the log: `wal/<generation>.seg`, all of one size, filled once and then used
// again and again, because overwriting is twice as fast to sync as growing. Prepares the next
// segment ahead of the writer, recycles those that are free, and never does either on the ack path.
//
// A full disk shows here first: no next segment. The files say so, try again when something was
// freed or some time has passed, and the engine above refuses appends meanwhile.

import { type Clock, type Deferred, deferred, type Timer } from "@s2kit/core";
import { storageError } from "../../durability.js";
import type { Disk } from "../medium/disk.js";
import { removeInSteps } from "../medium/remove-in-steps.js";
import { createSegment, type LogSegment, nameOf } from "./log-segment.js";

const RETRY_MS = 1000;

export interface LogFilesComponents {
  readonly disk: Disk;
  readonly directory: string;
  readonly segmentBytes: number;
  /** Free segments kept for later; more are removed. */
  readonly maxFree: number;
  readonly clock: Clock;
}

export class LogFiles {
  /** Why no next segment can be made: a full disk, most likely. */
  fullCause: Error | undefined = undefined;
  /** Why none can be made after the one that was made last, as far as it is known. */
  private scarceCause: Error | undefined = undefined;
  private readonly components: LogFilesComponents;
  /** Segments with data, by generation in ascending order. */
  private readonly live = new Map<number, LogSegment>();
  /** Retired segments that may be used again, oldest first. */
  private readonly free: LogSegment[] = [];
  /** Prepared ahead of the writer. */
  private ready: LogSegment | undefined;
  private waiting: Deferred<void> | undefined;
  private nextGeneration: number;
  private preparing: Promise<void> | undefined;
  private retry: Timer | undefined;
  private isClosed = false;
  /** Nothing is served yet: a full disk is told, not waited for. */
  private isOpening = true;

  constructor(components: LogFilesComponents, nextGeneration: number) {
    this.components = components;
    this.nextGeneration = nextGeneration;
  }

  get segments(): IterableIterator<LogSegment> {
    return this.live.values();
  }

  get liveCount(): number {
    return this.live.size;
  }

  get freeCount(): number {
    return this.free.length;
  }

  /** Whether the log can go on behind a segment at once. */
  hasNext(generation: number): boolean {
    return this.ready !== undefined && this.ready.generation > generation;
  }

  /** Why a segment that is not prepared yet may never come. */
  get shortage(): Error | undefined {
    return this.fullCause ?? (this.free.length > 0 ? undefined : this.scarceCause);
  }

  private get lastGeneration(): number {
    let last = 0;
    for (const generation of this.live.keys()) last = Math.max(last, generation);
    return last;
  }

  segment(generation: number): LogSegment | undefined {
    return this.live.get(generation);
  }

  pathOf(generation: number): string {
    return `${this.components.directory}/${nameOf(generation)}`;
  }

  /** Takes over a segment that recovery found; in ascending order. */
  adopt(segment: LogSegment): void {
    this.live.set(segment.generation, segment);
    this.nextGeneration = Math.max(this.nextGeneration, segment.generation + 1);
  }

  /** Takes over a segment without needed data: recycled later, or removed when it does not fit. */
  async reuse(segment: LogSegment): Promise<void> {
    const isWhole = (await segment.file.size()) === this.components.segmentBytes;
    this.nextGeneration = Math.max(this.nextGeneration, this.lastGeneration + 1);
    if (isWhole && this.free.length < this.components.maxFree) this.free.push(segment);
    else await this.discard(segment);
  }

  /** The writer's next segment, when it is prepared. Generations are taken in order. */
  async take(generation: number): Promise<LogSegment> {
    const existing = this.live.get(generation);
    if (existing !== undefined) return existing;
    while (this.ready === undefined) {
      this.waiting ??= deferred<void>();
      const { promise } = this.waiting;
      this.prepare();
      await promise;
    }
    const segment = this.ready;
    if (segment.generation !== generation) throw new Error("log segments are taken in order");
    this.ready = undefined;
    this.live.set(generation, segment);
    this.prepare();
    return segment;
  }

  /** Makes the next segment ready in the background. */
  prepare(): void {
    if (this.isClosed || this.ready !== undefined || this.preparing !== undefined) return;
    this.retry?.cancel();
    this.preparing = this.makeNext().then(
      (segment) => {
        this.preparing = undefined;
        this.fullCause = undefined;
        this.ready = segment;
        this.nextGeneration = segment.generation + 1;
        this.wake();
      },
      (error: unknown) => {
        this.preparing = undefined;
        this.fullCause = error instanceof Error ? error : new Error(String(error));
        if (this.isClosed || this.isOpening) return this.wake();
        // A commit that waits is unsettled work: the process must not end under it.
        this.retry = this.components.clock.setTimer(() => this.prepare(), RETRY_MS, {
          keepsAlive: this.waiting !== undefined,
        });
      },
    );
  }

  /** The log has an owner: from now on it waits for room, and the next segment is made ready. */
  opened(): void {
    this.isOpening = false;
    this.prepare();
  }

  /** Tries again to prepare a segment, if the disk was full: something was freed elsewhere. */
  retryNow(): void {
    if (this.fullCause !== undefined) this.prepare();
  }

  /**
   * Gives a segment back, whose data nobody needs. It leaves at once and is used again later; a
   * surplus is cut down in steps, because removing a large file at once stalls the disk.
   */
  async retire(generation: number): Promise<void> {
    const segment = this.live.get(generation);
    if (segment === undefined) return;
    this.live.delete(generation);
    segment.rows = undefined;
    // A pinned one waits in the list, whatever its length.
    if (this.free.length < this.components.maxFree || segment.pins > 0) this.free.push(segment);
    else await this.discard(segment);
    this.retryNow();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.retry?.cancel();
    await this.preparing;
    const all = [...this.live.values(), ...this.free];
    if (this.ready !== undefined) all.push(this.ready);
    this.live.clear();
    this.free.length = 0;
    this.ready = undefined;
    for (const segment of all) await segment.file.close();
    this.waiting?.reject(new Error("the log is closed"));
  }

  private wake(): void {
    const { waiting } = this;
    this.waiting = undefined;
    if (this.isClosed) waiting?.reject(new Error("the log is closed"));
    else if (this.isOpening && this.fullCause !== undefined)
      waiting?.reject(this.noRoom(this.fullCause));
    else waiting?.resolve();
  }

  private noRoom(cause: Error): Error {
    const { directory, segmentBytes } = this.components;
    return storageError(
      `the log needs a segment of ${segmentBytes} bytes and cannot make it: give the disk that and as much again for the next one path=${directory} cause=${cause.message}`,
      cause,
    );
  }

  private async makeNext(): Promise<LogSegment> {
    const generation = this.nextGeneration;
    const old = this.takeFree(generation);
    const path = this.pathOf(generation);
    const { disk, directory } = this.components;
    if (old === undefined) return createSegment(this.components, generation, this.noteFree);
    await disk.rename(this.pathOf(old.generation), path);
    await disk.syncDirectory(directory);
    return { generation, file: old.file, rows: undefined, pins: 0 };
  }

  /** One that already has the name, or the oldest: a rename must not hit another free segment. */
  private takeFree(generation: number): LogSegment | undefined {
    let index = this.free.findIndex((segment) => segment.generation === generation);
    if (index < 0) index = this.free.findIndex((segment) => segment.pins === 0);
    return index < 0 ? undefined : this.free.splice(index, 1)[0];
  }

  /**
   * Fails at once where filling a file would take the last of the disk from everybody, and fail
   * then.
   *
   * @param freeBytes - for this segment, and those behind it
   */
  private readonly noteFree = (freeBytes: number): void => {
    const { segmentBytes } = this.components;
    const message = `ENOSPC: no space for a segment bytes=${segmentBytes} free=${freeBytes}`;
    // As the system would say it: whoever reports it has advice for the code.
    const full = Object.assign(new Error(message), { code: "ENOSPC" });
    this.scarceCause = freeBytes < 2 * segmentBytes ? full : undefined;
    if (freeBytes < segmentBytes) throw full;
  };

  private async discard(segment: LogSegment): Promise<void> {
    const { disk, clock } = this.components;
    await removeInSteps(disk, segment.file, this.pathOf(segment.generation), clock);
  }
}
