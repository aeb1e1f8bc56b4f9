// Makes updates of their parts again. Parts of several writers lie between each other, and those of
// one come in order. A new fence ends all that is begun: whoever writes parts names the fence that
// it began under, so none of them can go on. Pure.

import { MAX_UPDATE_BYTES, type Part } from "./records.js";

/** Updates that are begun and not whole; beyond it the oldest is given up. */
const MAX_OPEN = 64;
/** Bytes of all of them. */
const MAX_OPEN_BYTES: number = 2 * MAX_UPDATE_BYTES;

interface Open {
  readonly parts: Uint8Array[];
  bytes: number;
}

export class Joining {
  readonly #open = new Map<string, Open>();
  #bytes = 0;

  /**
   * @param body - borrowed
   * @returns the update that is whole with this part; `lost` when others had to be given up for it
   */
  push({ id, index, count }: Part, body: Uint8Array): { whole?: Uint8Array; lost: number } {
    const open = this.#open.get(id) ?? { parts: [], bytes: 0 };
    // Told twice after a lost answer; or its beginning lies before where we began.
    if (index !== open.parts.length) return { lost: 0 };
    open.parts.push(body.slice());
    open.bytes += body.length;
    this.#bytes += body.length;
    this.#open.set(id, open);
    if (open.parts.length < count) return { lost: this.#bound() };
    this.#drop(id, open);
    return { whole: joined(open), lost: 0 };
  }

  clear(): void {
    this.#open.clear();
    this.#bytes = 0;
  }

  #bound(): number {
    let lost = 0;
    for (const [id, open] of this.#open) {
      if (this.#open.size <= MAX_OPEN && this.#bytes <= MAX_OPEN_BYTES) break;
      this.#drop(id, open);
      lost++;
    }
    return lost;
  }

  #drop(id: string, open: Open): void {
    this.#open.delete(id);
    this.#bytes -= open.bytes;
  }
}

function joined({ parts, bytes }: Open): Uint8Array {
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
