// The bytes of a WebSocket message that is not complete: the library gathers them unseen, so they
// are counted as they come, and given back with each message. Who never completes one gives way.

import type { BodyGuard } from "../../exchange/body-guard.js";
import { Gathering } from "../../memory/gathering.js";

export class GatheredMessage {
  private readonly guard: BodyGuard;
  private readonly gathering: Gathering;
  private bytes = 0;

  /** @param cut - breaks the connection off */
  constructor(guard: BodyGuard, cut: () => void) {
    this.guard = guard;
    this.gathering = new Gathering(guard.budget, cut);
  }

  /** False when there is no room for what came. */
  tryAdd(bytes: number): boolean {
    if (!this.guard.tryTake(bytes, this.bytes)) return false;
    if (this.bytes === 0) this.gathering.begin();
    this.bytes += bytes;
    return true;
  }

  /** @param bytes - default: all */
  give(bytes: number = this.bytes): void {
    const given = Math.min(bytes, this.bytes);
    this.bytes -= given;
    this.guard.give(given);
    if (this.bytes === 0) this.gathering.end();
  }
}
