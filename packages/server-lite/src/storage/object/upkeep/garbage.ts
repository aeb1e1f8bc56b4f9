// What this owner dropped and may remove from the bucket: data objects that a switch replaced,
// those of rewrites that broke off, and the log below the checkpoint. By numbers that it knows
// itself, and only behind a checkpoint that no longer names them; what somebody still reads waits
// for the next.

import { comparePlaces, type LogPlace } from "../format/manifest-entry.js";

export class Garbage {
  /** The log below is removed. */
  collectedBelow: LogPlace;
  /** Data objects by number: put or being put and not in use yet, or in use no more. */
  private readonly dropped = new Set<number>();

  constructor(collectedBelow: LogPlace) {
    this.collectedBelow = collectedBelow;
  }

  /** Data objects that wait for a checkpoint. */
  get waiting(): number {
    return this.dropped.size;
  }

  /** An object is not, or no longer, in use. */
  drop(fileId: number): void {
    this.dropped.add(fileId);
  }

  /** A switch brought an object into use. */
  use(fileId: number): void {
    this.dropped.delete(fileId);
  }

  /**
   * The data objects that may go behind a checkpoint that is being written now: asked for before
   * anything else can be dropped.
   */
  ripe(): number[] {
    return [...this.dropped];
  }

  /** Takes those out that are removed now. */
  takeUnread(ripe: readonly number[], isRead: (fileId: number) => boolean): number[] {
    const taken = ripe.filter((fileId) => this.dropped.has(fileId) && !isRead(fileId));
    for (const fileId of taken) this.dropped.delete(fileId);
    return taken;
  }

  /**
   * Up to where the log may go.
   *
   * @param read - the first place that somebody still reads
   */
  logEnd(replay: LogPlace, read: LogPlace | undefined): LogPlace {
    return read !== undefined && comparePlaces(read, replay) < 0 ? read : replay;
  }
}
