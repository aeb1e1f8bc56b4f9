// Which of some buffers are still in memory, once the garbage is collected: what a function that
// waits keeps in its variables shows nowhere else.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Counts buffers that have not been collected. */
export class AliveBuffers {
  readonly #buffers: WeakRef<ArrayBufferLike>[] = [];
  readonly #collect: () => void;

  constructor() {
    setFlagsFromString("--expose-gc");
    this.#collect = runInNewContext("gc") as () => void;
  }

  /** Bytes of a length, in memory of their own that is watched. */
  make(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    this.#buffers.push(new WeakRef(bytes.buffer));
    return bytes;
  }

  /** How many are left. What was looked at in this turn would be kept until its end. */
  async count(): Promise<number> {
    for (let turn = 0; turn < 2; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
      this.#collect();
    }
    return this.#buffers.filter((buffer) => buffer.deref() !== undefined).length;
  }
}
