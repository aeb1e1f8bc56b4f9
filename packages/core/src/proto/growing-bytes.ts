// A buffer for messages whose size is known only at their end: grows by doubling, never shrinks.
// Where sizes can be measured first, encoders write once instead (see `wire-writer`).

import { copyRange } from "./wire-writer.js";

const MIN_BYTES = 256;
const EMPTY = /* @__PURE__ */ new Uint8Array(0);

export class GrowingBytes {
  /** How much of it is written. */
  length = 0;
  private bytes: Uint8Array = EMPTY;

  /** The buffer, with room for so many bytes behind what is written. */
  reserve(count: number): Uint8Array {
    const needed = this.length + count;
    if (needed > this.bytes.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.bytes.length, MIN_BYTES));
      larger.set(this.written());
      this.bytes = larger;
    }
    return this.bytes;
  }

  /** A view: valid until the next write. */
  written(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  /** Writes the content of another one behind its own. */
  append(other: GrowingBytes): void {
    const room = this.reserve(other.length);
    this.length = copyRange(other.bytes, 0, other.length, room, this.length);
  }
}
