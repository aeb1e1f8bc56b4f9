// What slow clients may cost a process: whole bodies have a time to arrive or to leave, and share a
// room with the halves of messages that sessions wait for, so that no crowd fills the memory.
// Spec: control-plane#error-codes.

import { type Clock, type Leave, S2Error, type Timer } from "@s2kit/core";
import type { HeldKind } from "../memory/held-kinds.js";
import type { Holder, MemoryBudget } from "../memory/memory-budget.js";

/** The last part of the room is for small bodies: large ones cannot lock everyone out. */
const LARGE_SHARE = 0.75;
const SMALL_BYTES = 64 * 1024;

/** One body on its way in or out. */
export interface HeldBody {
  /** Takes room for more of it; false (and the refusal is on its way) when there is none. */
  hold(bytes: number): boolean;
  /** Ends the time that the body has: it is there. */
  settle(): void;
  /** Gives the room of the body back: it is gone. Idempotent. */
  release(): void;
}

export class BodyGuard {
  readonly budget: MemoryBudget;
  readonly clock: Clock;
  readonly timeoutMs: number;

  /** @param timeoutMs - for one body, from its first byte to its last */
  constructor(clock: Clock, budget: MemoryBudget, timeoutMs: number) {
    this.clock = clock;
    this.budget = budget;
    this.timeoutMs = timeoutMs;
  }

  /**
   * Takes room without a time, for what a session cannot decode yet.
   *
   * @param ownBytes - what the session holds already
   * @returns false when there is none: refuse with {@link tooFull}
   */
  tryTake(bytes: number, ownBytes: number): boolean {
    return this.takeOf("frames", bytes, ownBytes);
  }

  give(bytes: number): void {
    this.budget.give("frames", bytes);
  }

  /** @param refuse - called at most once, with `request_timeout` or `hot_server` */
  open(kind: "bodies" | "replies", refuse: (error: S2Error) => void): HeldBody {
    return new GuardedBody(this, kind, refuse);
  }

  /** Takes room beside what a body has already; the last of it only for small ones. */
  takeOf(kind: HeldKind, bytes: number, ownBytes: number): boolean {
    const share = ownBytes + bytes > SMALL_BYTES ? LARGE_SHARE : 1;
    return this.budget.tryTake(kind, bytes, share);
  }
}

/** One object and no closure, as every request with a body has one. */
class GuardedBody implements HeldBody, Holder {
  readonly side: Holder["side"];
  unwatched: Leave | undefined = undefined;
  readonly movedMs: number;
  private readonly guard: BodyGuard;
  private readonly kind: "bodies" | "replies";
  private readonly refuse: (error: S2Error) => void;
  private readonly timer: Timer;
  private own = 0;
  private isRefused = false;

  constructor(guard: BodyGuard, kind: "bodies" | "replies", refuse: (error: S2Error) => void) {
    this.guard = guard;
    this.kind = kind;
    this.refuse = refuse;
    this.side = kind === "bodies" ? "in" : "out";
    this.movedMs = guard.budget.now();
    this.timer = guard.clock.setTimer(() => this.fail(tooSlow()), guard.timeoutMs, {
      keepsAlive: false,
    });
  }

  hold(bytes: number): boolean {
    if (this.isRefused) return false;
    if (!this.guard.takeOf(this.kind, bytes, this.own)) {
      this.fail(tooFull());
      return false;
    }
    // It may have been the one that had to give way for this room: then it was refused meanwhile.
    if (this.isRefused) {
      this.guard.budget.give(this.kind, bytes);
      return false;
    }
    this.own += bytes;
    this.guard.budget.watch(this);
    return true;
  }

  settle(): void {
    this.timer.cancel();
    this.guard.budget.unwatch(this);
  }

  release(): void {
    this.settle();
    this.guard.budget.give(this.kind, this.own);
    this.own = 0;
    this.isRefused = true;
  }

  giveWay(): void {
    this.fail(tooFull());
  }

  private fail(error: S2Error): void {
    if (this.isRefused) return;
    this.isRefused = true;
    this.refuse(error);
  }
}

function tooSlow(): S2Error {
  return new S2Error({ code: "request_timeout", message: "request body took too long" });
}

export function tooFull(): S2Error {
  return new S2Error({
    code: "hot_server",
    message: "too many bytes are on their way",
    retryAfterMs: 1000,
  });
}
