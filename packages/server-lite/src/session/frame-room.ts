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
  /** Something came that is counted only if it is still there at the end of the call. */
  private isUncounted = false;

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
    this.heldBytes += bytes;
    return true;
  }

  /** Notes bytes that are there until {@link FrameRoom.settle}, and most often no longer. */
  pass(): void {
    this.isUncounted = true;
  }

  /**
   * Counts what is held, bytes, now that what could be taken was taken. Only what is left then is
   * gathered: most chunks are whole frames, and gone by the end of the call.
   *
   * @param isEmpty - no part of a frame is among it
   * @returns false when there is no room for what came uncounted: it is not counted, so refuse it
   */
  settle(bytes: number, isEmpty: boolean): boolean {
    const { isUncounted } = this;
    const more = bytes - this.heldBytes;
    this.isUncounted = false;
    if (more > 0 && isUncounted) {
      if (!this.tryTake(more, this.heldBytes)) return false;
    } else if (more > 0) this.guard?.budget.take("frames", more);
    else if (more < 0) this.guard?.give(-more);
    this.heldBytes = bytes;
    if (bytes === 0) this.gathering?.end();
    else if (this.hasMoved || this.gathering?.movedMs === undefined) {
      // What has moved is told once a part of the next frame is there.
      if (isEmpty && this.gathering?.movedMs !== undefined) return true;
      this.gathering?.begin();
    }
    this.hasMoved = false;
    return true;
  }

  /** Notes progress: a frame was whole. */
  moved(): void {
    this.hasMoved = true;
  }
}
