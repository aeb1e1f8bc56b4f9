// What slow clients may cost a process: whole bodies have a time to arrive or to leave, and share a
// room with the halves of messages that sessions wait for, so that no crowd fills the memory.
// Spec: control-plane#error-codes.

import { type Clock, S2Error } from "@s2kit/core";
import type { HeldKind, Holder, MemoryBudget } from "../memory/memory-budget.js";

/** The last part of the room is for small bodies: large ones cannot lock everyone out. */
const LARGE_SHARE = 0.75;
const SMALL_BYTES = 64 * 1024;

/** One body on its way in or out. */
export interface HeldBody {
  /** Takes room for more of it; false (and the refusal is on its way) when there is none. */
  hold(bytes: number): boolean;
  /** It is there: time does not matter any more. */
  settle(): void;
  /** It is gone: gives its room back. Idempotent. */
  release(): void;
}

export class BodyGuard {
  readonly budget: MemoryBudget;
  private readonly clock: Clock;
  private readonly timeoutMs: number;

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
    const { budget } = this;
    let own = 0;
    let isRefused = false;
    const fail = (error: S2Error): void => {
      if (isRefused) return;
      isRefused = true;
      refuse(error);
    };
    const timer = this.clock.setTimer(() => fail(tooSlow()), this.timeoutMs, { keepsAlive: false });
    const openedMs = budget.now();
    const holder: Holder = {
      side: kind === "bodies" ? "in" : "out",
      movedMs: openedMs,
      giveWay: () => fail(tooFull()),
    };
    return {
      hold: (bytes) => {
        if (isRefused) return false;
        if (!this.takeOf(kind, bytes, own)) {
          fail(tooFull());
          return false;
        }
        own += bytes;
        budget.watch(holder);
        return true;
      },
      settle: () => {
        timer.cancel();
        budget.unwatch(holder);
      },
      release: () => {
        timer.cancel();
        budget.unwatch(holder);
        budget.give(kind, own);
        own = 0;
        isRefused = true;
      },
    };
  }

  private takeOf(kind: HeldKind, bytes: number, ownBytes: number): boolean {
    const share = ownBytes + bytes > SMALL_BYTES ? LARGE_SHARE : 1;
    return this.budget.tryTake(kind, bytes, share);
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
