// Reasons for a session not to read on: while there is one, the client is held back. Once nothing
// that it sends matters any more it is let go, whatever the reasons: what still comes is read and
// dropped, or the client could not read the answer.

import { assert } from "@s2kit/core";

/** The request body of a session, which can be held back. */
export interface HeldSender {
  /** False when there is no room to hold the client back. */
  pause(): boolean;
  resume(): void;
}

export class ReadHold {
  /** Undefined once it was let go. */
  private sender: HeldSender | undefined;
  private reasons = 0;

  constructor(sender: HeldSender) {
    this.sender = sender;
  }

  get isHeld(): boolean {
    return this.reasons > 0;
  }

  /** Adds a reason. @returns false when the client cannot be held back */
  add(): boolean {
    this.reasons++;
    return this.reasons > 1 || this.sender?.pause() !== false;
  }

  /** Takes a reason back. @returns true when none is left: time to {@link ReadHold.resume} */
  drop(): boolean {
    this.reasons--;
    assert(this.reasons >= 0, "each reason not to read is dropped once");
    return this.reasons === 0;
  }

  resume(): void {
    this.sender?.resume();
  }

  letGo(): void {
    if (this.isHeld) this.sender?.resume();
    this.sender = undefined;
  }
}
