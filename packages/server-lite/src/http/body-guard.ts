// What slow clients may cost a process: whole bodies have a time to arrive or to leave, and share a
// room with the halves of messages that sessions wait for, so that no crowd fills the memory.
// Spec: data plane section 0.5 (`request_timeout`, `hot_server`).

import { assert, type Clock, S2Error } from "@s2kit/core";

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
  private readonly clock: Clock;
  private readonly maxBytes: number;
  private readonly timeoutMs: number;
  private held = 0;

  /**
   * @param maxBytes - bytes of all bodies together
   * @param timeoutMs - for one body, from its first byte to its last
   */
  constructor(clock: Clock, maxBytes: number, timeoutMs: number) {
    this.clock = clock;
    this.maxBytes = maxBytes;
    this.timeoutMs = timeoutMs;
  }

  get heldBytes(): number {
    return this.held;
  }

  /**
   * Takes room without a time, for what a session cannot decode yet.
   *
   * @param ownBytes - what the session holds already
   * @returns false when there is none: refuse with {@link tooFull}
   */
  tryTake(bytes: number, ownBytes: number): boolean {
    const share = ownBytes + bytes > SMALL_BYTES ? LARGE_SHARE : 1;
    if (this.held + bytes > this.maxBytes * share) return false;
    this.held += bytes;
    return true;
  }

  give(bytes: number): void {
    this.held -= bytes;
    assert(this.held >= 0, "no more room is given back than was taken");
  }

  /** @param refuse - called at most once, with `request_timeout` or `hot_server` */
  open(refuse: (error: S2Error) => void): HeldBody {
    let own = 0;
    let isRefused = false;
    const fail = (error: S2Error): void => {
      if (isRefused) return;
      isRefused = true;
      refuse(error);
    };
    const timer = this.clock.setTimer(() => fail(tooSlow()), this.timeoutMs, { keepsAlive: false });
    return {
      hold: (bytes) => {
        if (isRefused) return false;
        if (!this.tryTake(bytes, own)) {
          fail(tooFull());
          return false;
        }
        own += bytes;
        return true;
      },
      settle: () => timer.cancel(),
      release: () => {
        timer.cancel();
        this.give(own);
        own = 0;
        isRefused = true;
      },
    };
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
