// What came from the client of an append session and is not sequenced: chunks, the part of a frame
// that the decoder has, a message that waits for its plain form or for its turn. All of it is
// counted.

import { createFrameDecoder, type Frame } from "@s2kit/core";
import { BodyChunks } from "../exchange/body-chunks.js";
import type { BodyGuard } from "../exchange/body-guard.js";
import { FrameRoom } from "./frame-room.js";

export class FrameInbox {
  /** Bytes of the message that waits for its plain form or its turn. */
  waitingBytes = 0;
  private readonly room: FrameRoom;
  /** While no frame is taken: small ones together, as each costs more than its bytes. */
  private readonly chunks = new BodyChunks();
  private decoder = createFrameDecoder();

  /**
   * @param guard - undefined counts nothing
   * @param giveWay - others need the room, and no frame was taken for a while
   */
  constructor(guard: BodyGuard | undefined, giveWay: () => void) {
    this.room = new FrameRoom(guard, giveWay);
  }

  private get chunkBytes(): number {
    return this.chunks.byteLength;
  }

  /** True when nothing waits, and no frame has begun. */
  get isEmpty(): boolean {
    return this.chunkBytes + this.decoder.pendingBytes + this.waitingBytes === 0;
  }

  /** False when there is no room, or nothing is taken any more. */
  tryPush(chunk: Uint8Array): boolean {
    if (!this.room.tryTake(chunk.length, this.chunkBytes + this.decoder.pendingBytes)) return false;
    this.chunks.push(chunk);
    return true;
  }

  /** The next whole frame. @throws {S2Error} `bad_frame` */
  next(): Frame | undefined {
    for (;;) {
      const frame = this.decoder.next();
      if (frame !== undefined) return frame;
      if (this.chunkBytes === 0) return undefined;
      const chunk = this.chunks.whole();
      this.chunks.clear();
      this.decoder.push(chunk);
    }
  }

  /** Ends the input. @throws {S2Error} `bad_frame` when a frame is not whole */
  end(): void {
    this.decoder.end();
  }

  /** Notes progress: a frame was taken. */
  moved(): void {
    this.room.moved();
  }

  /** Takes room for what a compressed frame became; false when there is none. */
  tryInflate(message: Uint8Array): boolean {
    return this.room.tryTake(message.length, this.waitingBytes);
  }

  /** Counts what is there, now that what could be taken was taken. */
  settle(): void {
    this.room.settle(this.chunkBytes + this.decoder.heldBytes + this.waitingBytes);
  }

  /** Gives the decoder's buffer back if it is empty. */
  release(): void {
    this.decoder.release();
  }

  /** Drops everything, for good: nothing of it takes effect. */
  close(): void {
    this.chunks.clear();
    this.decoder = createFrameDecoder();
    this.room.close();
  }
}
