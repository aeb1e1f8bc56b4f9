// Readers that wait at the tail of one stream. Each has its own bounded buffer of live batches, so a
// slow one never holds up the writer or another reader: when its buffer is full it is marked lagged,
// and its reader goes back to storage. Spec: data plane sections 9 (rules 5-8) and 11.

import { Fifo, type S2Error, type StreamPosition } from "@s2kit/core";
import type { StoredBatch } from "../storage/storage.js";

/** Most live batches that wait for one follower. */
export const MAX_FOLLOWER_BATCHES = 25;

/** A durable batch, with the stable tail right behind it. */
export interface LiveBatch {
  readonly stored: StoredBatch;
  readonly tail: StreamPosition;
}

/** One reader's place at the tail. After `isLagging` or `failure` no more batches come. */
export interface Follower {
  readonly isLagging: boolean;
  /** Why the stream ended for all followers. */
  readonly failure: S2Error | undefined;
  /** The next live batch; undefined when there is none now. */
  take(): LiveBatch | undefined;
  /** Called once at the next change; replaces the earlier listener. */
  onChange(listener: (() => void) | undefined): void;
  close(): void;
}

export class Followers {
  private readonly members = new Set<Member>();

  get size(): number {
    return this.members.size;
  }

  add(): Follower {
    const member = new Member((closed) => this.members.delete(closed));
    this.members.add(member);
    return member;
  }

  publish(live: LiveBatch): void {
    for (const member of this.members) member.offer(live);
  }

  /** Ends all followers, after what they have buffered. */
  fail(error: S2Error): void {
    for (const member of this.members) member.end(error);
    this.members.clear();
  }
}

class Member implements Follower {
  isLagging = false;
  failure: S2Error | undefined = undefined;
  private readonly buffer = new Fifo<LiveBatch>();
  private listener: (() => void) | undefined = undefined;
  private readonly onClose: (self: Member) => void;

  constructor(onClose: (self: Member) => void) {
    this.onClose = onClose;
  }

  take(): LiveBatch | undefined {
    return this.buffer.shift();
  }

  onChange(listener: (() => void) | undefined): void {
    this.listener = listener;
  }

  offer(live: LiveBatch): void {
    if (this.buffer.length >= MAX_FOLLOWER_BATCHES) {
      this.isLagging = true;
      this.onClose(this);
    } else this.buffer.push(live);
    this.wake();
  }

  end(error: S2Error): void {
    this.failure = error;
    this.wake();
  }

  close(): void {
    this.onClose(this);
    this.buffer.clear();
    this.listener = undefined;
  }

  private wake(): void {
    const { listener } = this;
    this.listener = undefined;
    listener?.();
  }
}
