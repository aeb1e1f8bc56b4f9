// The one account of what the node holds for its clients: bodies, unfinished frames, HTTP/2
// windows, read steps, live batches, answers on their way out. Each taker has an answer for "no
// room": refuse, wait, or go back to re-reading. When that is not enough, what has not moved for a
// while gives way to those who move. Counts and decides; owns no byte and no socket.

import { assert, type Clock, Fifo, type Leave, Roster, type Timer } from "@s2kit/core";
import { type Account, accountsOver, type HeldKind, type Side, type Sum } from "./held-kinds.js";
import { PinnedBuffers } from "./pinned-buffers.js";
import { SpareRoom } from "./spare-room.js";

/** Whoever has not moved for this long may be cut off when room is short, ms. */
export const STALLED_MS = 2000;
/** Between two looks at what is stalled, ms. */
const RELIEF_INTERVAL_MS = 250;
/** Relief goes on until this part of the side is left: room for more than one client. */
const RELIEVED_SHARE = 0.5;
/** Above this part a side is short. */
const SHORT_SHARE = 0.75;
/** Up to here a waiter asks for little. */
const SMALL_WAIT_BYTES = 512 * 1024;
/** What is only convenient is taken from this part alone. */
const SPARE_SHARE = 0.5;

assert(RELIEVED_SHARE < SHORT_SHARE, "what was relieved is not short any more");
assert(SPARE_SHARE < SHORT_SHARE, "what is only convenient does not make a side short");
assert(RELIEF_INTERVAL_MS < STALLED_MS, "what is stalled is looked at before long");

/** Something that holds bytes and can give way. */
export interface Holder {
  readonly side: Side;
  /** Monotonic ms of the last progress; undefined while it is not to be disturbed. */
  readonly movedMs: number | undefined;
  /** Kept by the budget, while it watches. */
  unwatched: Leave | undefined;
  /** Gives back what it holds, or ends it with a coded error. Called at most once per stall. */
  giveWay(): void;
}

/** One wait for room, which can be given up. */
export interface RoomWait {
  /** True when the bytes are taken; false when it was cancelled. */
  readonly granted: Promise<boolean>;
  cancel(): void;
}

interface Waiter {
  readonly kind: HeldKind;
  readonly bytes: number;
  readonly share: number;
  settle: ((isGranted: boolean) => void) | undefined;
}

export class MemoryBudget {
  readonly maxBytes: number;
  /** Holders that had to give way so far. */
  gaveWay = 0;
  private readonly clock: Clock;
  private readonly sideBytes: number;
  private readonly sums: Readonly<Record<Side, Sum>> = { in: { bytes: 0 }, out: { bytes: 0 } };
  /** For caches, beside what goes out: they read what answers are made of. */
  readonly spare: SpareRoom;
  private readonly accounts: Readonly<Record<HeldKind, Account>> = accountsOver(this.sums);
  private readonly pins = new PinnedBuffers();
  private readonly holders = new Roster<Holder>();
  /** Those who ask for little go first: a crowd that asks for much must not hold them up. */
  private readonly lines = [new Fifo<Waiter>(), new Fifo<Waiter>()] as const;
  private timer: Timer | undefined = undefined;
  private relievedAtMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, maxBytes: number) {
    this.clock = clock;
    this.maxBytes = maxBytes;
    this.sideBytes = maxBytes / 2;
    this.spare = new SpareRoom(this.sums.out, this.sideBytes);
  }

  get heldBytes(): number {
    return this.sums.in.bytes + this.sums.out.bytes;
  }

  heldBy(kind: HeldKind): number {
    return this.accounts[kind].bytes;
  }

  now(): number {
    return this.clock.monotonic();
  }

  /** True when so much of the kind's side is held that nothing optional should be. */
  isShort(kind: HeldKind): boolean {
    return this.accounts[kind].side.bytes > this.sideBytes * SHORT_SHARE;
  }

  /**
   * Takes bytes if they fit into a share of the kind's side.
   *
   * @param share - above 0, at most 1: who may take the last part of the room
   */
  tryTake(kind: HeldKind, bytes: number, share = 1): boolean {
    if (!this.fits(kind, bytes, share)) {
      this.relieve();
      if (!this.fits(kind, bytes, share)) return false;
    }
    this.take(kind, bytes);
    return true;
  }

  /** True when there is room even for what can be done without. */
  hasSpare(kind: HeldKind, bytes: number): boolean {
    return this.fits(kind, bytes, SPARE_SHARE);
  }

  /** Takes bytes that are there already; what is stalled gives way when they are too many. */
  take(kind: HeldKind, bytes: number): void {
    const account = this.accounts[kind];
    const { side } = account;
    account.bytes += bytes;
    side.bytes += bytes;
    if (side === this.sums.out) this.spare.yield();
    if (side.bytes > this.sideBytes) this.relieve();
  }

  give(kind: HeldKind, bytes: number): void {
    const account = this.accounts[kind];
    account.bytes -= bytes;
    assert(account.bytes >= 0, "no more room is given back than was taken");
    account.side.bytes -= bytes;
    if (this.hasWaiters) this.grantWaiters();
  }

  /** A place in the line for room; it is granted in order. */
  wait(kind: HeldKind, bytes: number, share = 1): RoomWait {
    const waiter: Waiter = { kind, bytes, share, settle: undefined };
    const granted = new Promise<boolean>((resolve) => {
      waiter.settle = resolve;
    });
    this.lines[bytes <= SMALL_WAIT_BYTES ? 0 : 1].push(waiter);
    this.relieve();
    this.grantWaiters();
    return {
      granted,
      cancel: () => {
        waiter.settle?.(false);
        waiter.settle = undefined;
        this.grantWaiters();
      },
    };
  }

  /**
   * Counts a whole buffer, once however many hold views of it: a view keeps all of it in memory.
   * The kind that pinned it first is the one that it counts for.
   */
  pin(kind: HeldKind, buffer: ArrayBufferLike): void {
    if (this.pins.pin(kind, buffer)) this.take(kind, buffer.byteLength);
  }

  unpin(buffer: ArrayBufferLike): void {
    const pin = this.pins.unpin(buffer);
    if (pin !== undefined) this.give(pin.kind, buffer.byteLength);
  }

  /** Adds a holder to those that may be asked to give way. */
  watch(holder: Holder): void {
    holder.unwatched ??= this.holders.enter(holder);
  }

  unwatch(holder: Holder): void {
    holder.unwatched?.();
    holder.unwatched = undefined;
  }

  private fits(kind: HeldKind, bytes: number, share: number): boolean {
    const sum = this.accounts[kind].side.bytes;
    return sum + bytes <= this.sideBytes * share || sum === 0;
  }

  private get hasWaiters(): boolean {
    return this.lines[0].length + this.lines[1].length > 0;
  }

  private grantWaiters(): void {
    for (const line of this.lines) this.grantLine(line);
    if (this.hasWaiters) return this.lookAgainLater();
    this.timer?.cancel();
    this.timer = undefined;
  }

  private grantLine(line: Fifo<Waiter>): void {
    for (let head = line.peek(); head !== undefined; head = line.peek()) {
      const { kind, bytes, share, settle } = head;
      if (settle !== undefined && !this.fits(kind, bytes, share)) return;
      line.shift();
      head.settle = undefined;
      if (settle === undefined) continue;
      this.take(kind, bytes);
      settle(true);
    }
  }

  /**
   * Looks for stalled holders again after a while: those in line must not wait for a stall that
   * begins after they came.
   */
  private lookAgainLater(): void {
    this.timer ??= this.clock.setTimer(
      () => {
        this.timer = undefined;
        this.relieve();
        this.grantWaiters();
      },
      RELIEF_INTERVAL_MS,
      { keepsAlive: false },
    );
  }

  /** The longest stalled give way first, on each side that is short, until there is room again. */
  private relieve(): void {
    const now = this.now();
    if (now - this.relievedAtMs < RELIEF_INTERVAL_MS) return;
    this.relievedAtMs = now;
    const stalled = this.holders
      .members()
      .filter(({ movedMs }) => movedMs !== undefined && now - movedMs >= STALLED_MS);
    stalled.sort((a, b) => (a.movedMs ?? now) - (b.movedMs ?? now));
    for (const holder of stalled) {
      if (this.sums[holder.side].bytes <= this.sideBytes * RELIEVED_SHARE) continue;
      this.unwatch(holder);
      this.gaveWay++;
      holder.giveWay();
    }
  }
}
