// The memory of one append session before its frames are sequenced: what came and is not decoded,
// the decoder's buffer, a frame that waits for its turn.

import type { BodyGuard } from "../exchange/body-guard.js";
import { Gathering } from "../memory/gathering.js";

export class FrameRoom {
  private readonly guard: BodyGuard | undefined;
  private readonly gathering: Gathering | undefined;
  private heldBytes = 0;
  /** A frame was whole since the last count. */
  private hasMoved = false;
  private isClosed = false;

  /**
   * @param guard - undefined counts nothing
   * @param giveWay - others need the room, and no frame was taken for a while
   */
  constructor(guard: BodyGuard | undefined, giveWay: () => void) {
    this.guard = guard;
    this.gathering = guard && new Gathering(guard.budget, giveWay);
  }

  /**
   * Takes room for bytes that are there now. Whoever asks for room may be the one who has to give
   * way for it, and be closed within the call.
   *
   * @param ownBytes - of the frame that they belong to, so far
   * @returns false when there is none, or when nothing is held any more
   */
  tryTake(bytes: number, ownBytes: number): boolean {
    if (this.guard?.tryTake(bytes, ownBytes) === false) return false;
    if (this.isClosed) {
      this.guard?.give(bytes);
      return false;
    }
    this.heldBytes += bytes;
    return true;
  }

  /**
   * Counts what is held, bytes, now that what could be taken was taken. Only what is left then is
   * gathered: most chunks are whole frames, and gone by the end of the call.
   */
  settle(bytes: number): void {
    const more = bytes - this.heldBytes;
    if (more > 0) this.guard?.budget.take("frames", more);
    else if (more < 0) this.guard?.give(-more);
    this.heldBytes = bytes;
    if (bytes === 0) this.gathering?.end();
    else if (this.hasMoved || this.gathering?.movedMs === undefined) this.gathering?.begin();
    this.hasMoved = false;
  }

  /** Gives all of it back, for good. */
  close(): void {
    this.settle(0);
    this.isClosed = true;
  }

  /** Notes progress: a frame was whole. */
  moved(): void {
    this.hasMoved = true;
  }
}
