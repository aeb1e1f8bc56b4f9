// Which of some buffers are still in memory, once the garbage is collected: what a function that waits
// keeps in its variables shows in no account.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

export class Alive {
  private readonly buffers: WeakRef<ArrayBufferLike>[] = [];

  /** A copy in memory of its own, that is watched. */
  copy(bytes: Uint8Array): Uint8Array {
    const copied = new Uint8Array(bytes);
    this.watch(copied.buffer);
    return copied;
  }

  watch(buffer: ArrayBufferLike): void {
    this.buffers.push(new WeakRef(buffer));
  }

  get watched(): number {
    return this.buffers.length;
  }

  /** How many are left. What was looked at in this turn would be kept until its end. */
  async count(): Promise<number> {
    for (let turn = 0; turn < 2; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
      collect();
    }
    return this.buffers.filter((buffer) => buffer.deref() !== undefined).length;
  }
}
