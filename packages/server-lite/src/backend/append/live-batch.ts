// A durable batch on its way to the followers of its stream: one copy for all of them, with what
// was encoded of it, until the last one has taken it. Stored bytes are views of slabs of some MiB,
// which a follower that waits must not keep in memory. Whoever takes it whole takes it as it is.

import type { StreamPosition } from "@s2kit/core";
import type { MemoryBudget } from "../../memory/memory-budget.js";
import type { StoredBatch } from "../../storage/storage.js";

interface Encoding {
  readonly value: unknown;
  readonly buffers: readonly ArrayBufferLike[];
}

export class LiveBatch {
  readonly stored: StoredBatch;
  /** The stable tail right behind it. */
  readonly tail: StreamPosition;
  /** What a reader gets who takes all of it. */
  readonly parts: readonly Uint8Array[];
  readonly count: number;
  readonly meteredBytes: number;
  readonly lastSeqNum: number;
  private readonly budget: MemoryBudget | undefined;
  private readonly encodings = new Map<string, Encoding>();
  private holders = 1;

  /** Held by its maker, who releases it. */
  constructor(stored: StoredBatch, tail: StreamPosition, budget: MemoryBudget | undefined) {
    const bytes = ownCopy(stored.bytes);
    this.stored = { ...stored, bytes };
    this.tail = tail;
    this.parts = [bytes];
    this.count = stored.count;
    this.meteredBytes = stored.meteredBytes;
    this.lastSeqNum = stored.firstSeqNum + stored.count - 1;
    this.budget = budget;
    budget?.pin("followers", bytes.buffer);
  }

  /** Equal for all who take all of it: encode it once. */
  get shared(): this {
    return this;
  }

  hold(): void {
    this.holders++;
  }

  release(): void {
    if (--this.holders > 0) return;
    for (const key of this.encodings.keys()) this.forget(key);
    this.budget?.unpin(this.stored.bytes.buffer);
  }

  /**
   * What was remembered under the key: an encoding made for one follower that serves the others
   * too.
   */
  encoded(key: string): unknown {
    return this.encodings.get(key)?.value;
  }

  /**
   * Replaces what was remembered under the key.
   *
   * @param buffers - what the value keeps in memory
   */
  remember(key: string, value: unknown, buffers: readonly ArrayBufferLike[]): void {
    this.forget(key);
    if (this.holders <= 0) return;
    this.encodings.set(key, { value, buffers });
    for (const buffer of buffers) this.budget?.pin("followers", buffer);
  }

  private forget(key: string): void {
    const known = this.encodings.get(key);
    if (known === undefined) return;
    this.encodings.delete(key);
    for (const buffer of known.buffers) this.budget?.unpin(buffer);
  }
}

/** A buffer of its own: the shared pool of the platform would keep up to 64 KiB for some bytes. */
function ownCopy(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}
