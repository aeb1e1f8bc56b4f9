// Readers that wait at the tail of one stream. Each has its own bounded buffer of live batches, so
// a slow one never holds up the writer or another reader: when its buffer is full, or memory is
// short, it is marked lagged, holds nothing any more, and its reader goes back to storage. Readers
// are told of what came behind the turn that made it durable: its acks leave first, and a crowd is
// told in turns. Spec: data-plane#guarantees, data-plane#limits.

import { assert, Fifo, type S2Error, type StreamPosition } from "@s2kit/core";
import type { MemoryBudget } from "../../memory/memory-budget.js";
import type { StoredBatch } from "../../storage/storage.js";
import { LiveBatch } from "./live-batch.js";

/** Most live batches that wait for one follower. */
export const MAX_FOLLOWER_BATCHES = 25;
/** Most bytes of them, beyond the first: the newest part of a stream is quick to read again. */
export const MAX_FOLLOWER_BYTES: number = 4 * 1024 * 1024;
/**
 * Followers that are told before others get their turn at the loop: less than a millisecond of
 * work.
 */
const TOLD_PER_TURN = 64;

/**
 * What a follower is at:
 *
 * ```
 *   following -- its buffer is full, memory is short --> lagging -- close --> closed
 *     |  \_____________ the stream ended ______________> ended  ____________^
 *     \_____________________________ close ________________________________/
 * ```
 */
export type FollowerState =
  /** Batches come as they become durable. */
  | { readonly kind: "following" }
  /** No more batches come, none waits: what is missing is in storage. */
  | { readonly kind: "lagging" }
  /** No more batches come, behind those that wait: the stream ended for all followers. */
  | { readonly kind: "ended"; readonly error: S2Error }
  /** Its reader left, and is told of nothing. */
  | { readonly kind: "closed" };

const FOLLOWING: FollowerState = { kind: "following" };
const LAGGING: FollowerState = { kind: "lagging" };
const CLOSED: FollowerState = { kind: "closed" };

/** One reader's place at the tail. */
export interface Follower {
  readonly state: FollowerState;
  /** The next live batch; undefined when there is none now. The caller releases it. */
  take(): LiveBatch | undefined;
  close(): void;
}

export class Followers {
  private readonly members = new Set<Member>();
  /** Members with a new batch or an end that were not told of it yet, each once. */
  private readonly untold = new Fifo<Member>();
  private isTelling = false;
  private readonly budget: MemoryBudget | undefined;

  /** @param budget - counts what waits for followers; undefined counts nothing */
  constructor(budget?: MemoryBudget) {
    this.budget = budget;
  }

  get size(): number {
    return this.members.size;
  }

  /** @param onChange - something came, or the follower is over; not in the turn of that itself */
  add(onChange: () => void): Follower {
    const member = new Member(this, onChange);
    this.members.add(member);
    return member;
  }

  /** Called by a member that is over. */
  remove(member: Member): void {
    this.members.delete(member);
  }

  /** Called by a member with a new batch or an end: it is told in one of the next turns. */
  tellLater(member: Member): void {
    this.untold.push(member);
    if (this.isTelling) return;
    this.isTelling = true;
    queueMicrotask(this.tellSome);
  }

  private readonly tellSome = (): void => {
    for (let told = 0; told < TOLD_PER_TURN; told++) {
      const member = this.untold.shift();
      if (member === undefined) break;
      member.tell();
    }
    this.isTelling = this.untold.length > 0;
    if (this.isTelling) setImmediate(this.tellSome);
  };

  /** @param stored - may be a view of something large: followers share one small copy */
  publish(stored: StoredBatch, tail: StreamPosition): void {
    if (this.members.size === 0) return;
    const { budget } = this;
    if (budget?.isShort("followers") === true) {
      for (const member of this.members) member.lag();
      return;
    }
    const live = new LiveBatch(stored, tail, budget);
    for (const member of this.members) member.offer(live);
    live.release();
  }

  /** Ends all followers, after what they have buffered. */
  fail(error: S2Error): void {
    for (const member of this.members) member.end(error);
  }
}

class Member implements Follower {
  state: FollowerState = FOLLOWING;
  private readonly buffer = new Fifo<LiveBatch>();
  private bufferedBytes = 0;
  /** In the queue of those to be told. */
  private isUntold = false;
  private readonly followers: Followers;
  private readonly onChange: () => void;

  constructor(followers: Followers, onChange: () => void) {
    this.followers = followers;
    this.onChange = onChange;
  }

  take(): LiveBatch | undefined {
    const live = this.buffer.shift();
    if (live !== undefined) this.bufferedBytes -= live.stored.bytes.length;
    return live;
  }

  offer(live: LiveBatch): void {
    const { buffer } = this;
    const bytes = this.bufferedBytes + live.stored.bytes.length;
    if (buffer.length >= MAX_FOLLOWER_BATCHES || (buffer.length > 0 && bytes > MAX_FOLLOWER_BYTES))
      return this.lag();
    buffer.push(live);
    this.bufferedBytes = bytes;
    live.hold();
    this.wake();
  }

  /**
   * Sends the reader back to storage: what waited is read again from there, and held by nobody
   * meanwhile.
   */
  lag(): void {
    this.enter(LAGGING);
  }

  end(error: S2Error): void {
    this.enter({ kind: "ended", error });
  }

  close(): void {
    this.enter(CLOSED);
  }

  /** Tells the reader, unless it has left meanwhile. */
  tell(): void {
    this.isUntold = false;
    if (this.state.kind !== "closed") this.onChange();
  }

  /** The one place where states change: whoever does not follow any more is offered nothing. */
  private enter(state: FollowerState): void {
    assert(
      this.state.kind === "following" || state.kind === "closed",
      "a follower that is over can only be closed",
    );
    this.state = state;
    this.followers.remove(this);
    if (state.kind !== "ended") this.release();
    if (state.kind !== "closed") this.wake();
  }

  private release(): void {
    while (this.buffer.length > 0) this.take()?.release();
  }

  private wake(): void {
    if (this.isUntold) return;
    this.isUntold = true;
    this.followers.tellLater(this);
  }
}
