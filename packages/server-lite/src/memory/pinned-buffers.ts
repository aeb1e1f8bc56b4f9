// Whole buffers that are held because somebody has a view of them, each counted once however many
// views there are. Decides nothing; says when the first hold began and the last one ended.

import type { HeldKind } from "./held-kinds.js";

/** A buffer that is held. */
export interface Pin {
  /** The kind that pinned it first is the one that it counts for. */
  readonly kind: HeldKind;
  readonly buffer: ArrayBufferLike;
  holders: number;
}

export class PinnedBuffers {
  /**
   * Weak only because its tables do not link to those after them (see `Roster`); what is pinned is
   * held by its holders.
   */
  private readonly pins = new WeakMap<ArrayBufferLike, Pin>();
  /** Found last: neighbours are views of one buffer. */
  private last: Pin | undefined = undefined;

  /** @returns true when nobody had pinned it */
  pin(kind: HeldKind, buffer: ArrayBufferLike): boolean {
    const known = this.find(buffer);
    if (known !== undefined) {
      known.holders++;
      return false;
    }
    this.last = { kind, buffer, holders: 1 };
    this.pins.set(buffer, this.last);
    return true;
  }

  /** @returns what is not pinned any more; undefined while others hold it, or when nobody did */
  unpin(buffer: ArrayBufferLike): Pin | undefined {
    const pin = this.find(buffer);
    if (pin === undefined || --pin.holders > 0) return undefined;
    this.pins.delete(buffer);
    this.last = undefined;
    return pin;
  }

  private find(buffer: ArrayBufferLike): Pin | undefined {
    if (this.last?.buffer !== buffer) this.last = this.pins.get(buffer) ?? this.last;
    return this.last?.buffer === buffer ? this.last : undefined;
  }
}
