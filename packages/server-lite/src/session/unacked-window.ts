// What one append session has between socket and durability. A full window is read into again only
// when half of it is free, or a session would stop and go with each message.

import { assert } from "@s2kit/core";

/** Wire bytes of one session that are not acknowledged; beyond it the session stops reading. */
const MAX_UNACKED_BYTES = 16 * 1024 * 1024;
const REOPEN_BYTES: number = MAX_UNACKED_BYTES / 2;

export class UnackedWindow {
  private count = 0;
  private bytes = 0;
  private isFull = false;

  get isEmpty(): boolean {
    return this.count === 0;
  }

  add(bytes: number): void {
    this.count++;
    this.bytes += bytes;
  }

  /** True once each time that it becomes full. */
  overflows(): boolean {
    if (this.isFull || this.bytes <= MAX_UNACKED_BYTES) return false;
    this.isFull = true;
    return true;
  }

  /** @returns true when a full window has room again */
  settle(bytes: number): boolean {
    this.count--;
    this.bytes -= bytes;
    assert(this.count >= 0 && this.bytes >= 0, "each input is settled once");
    if (!this.isFull || this.bytes > REOPEN_BYTES) return false;
    this.isFull = false;
    return true;
  }
}
