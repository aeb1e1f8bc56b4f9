// The memory of one append session before its frames are sequenced: what came and is not decoded,
// the decoder's buffer, a frame that waits for its turn.

import type { BodyGuard } from "../exchange/body-guard.js";
import { Gathering } from "../memory/gathering.js";

export class FrameRoom {
  private readonly guard: BodyGuard | undefined;
  private readonly gathering: Gathering | undefined;
  private heldBytes = 0;

  /**
   * @param guard - undefined counts nothing
   * @param giveWay - others need the room, and no frame was taken for a while
   */
  constructor(guard: BodyGuard | undefined, giveWay: () => void) {
    this.guard = guard;
    this.gathering = guard && new Gathering(guard.budget, giveWay);
  }

  /**
   * Takes room for bytes that are there now.
   *
   * @param ownBytes - of the frame that they belong to, so far
   */
  tryTake(bytes: number, ownBytes: number): boolean {
    if (this.guard?.tryTake(bytes, ownBytes) === false) return false;
    this.add(bytes);
    return true;
  }

  /** Counts what is held, bytes, now that what could be taken was taken. */
  settle(bytes: number): void {
    const more = bytes - this.heldBytes;
    if (more > 0) this.guard?.budget.take("frames", more);
    else if (more < 0) this.guard?.give(-more);
    this.add(more);
  }

  /** Notes progress: a frame was whole. */
  moved(): void {
    if (this.heldBytes > 0) this.gathering?.begin();
  }

  private add(bytes: number): void {
    const was = this.heldBytes;
    this.heldBytes += bytes;
    if (was === 0 && this.heldBytes > 0) this.gathering?.begin();
    else if (was > 0 && this.heldBytes === 0) this.gathering?.end();
  }
}
