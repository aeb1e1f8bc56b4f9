// A durable batch on its way to the followers of its stream: one copy for all of them, with what was
// encoded of it, until the last one has taken it. Stored bytes are views of slabs of some MiB, which a
// follower that waits must not keep in memory.

import type { StreamPosition } from "@s2kit/core";
import type { MemoryBudget } from "../../memory/memory-budget.js";
import type { StoredBatch } from "../../storage/storage.js";

interface Encoding {
  readonly value: unknown;
  readonly bytes: number;
}

export class LiveBatch {
  readonly stored: StoredBatch;
  /** The stable tail right behind it. */
  readonly tail: StreamPosition;
  private readonly budget: MemoryBudget | undefined;
  private readonly encodings = new Map<string, Encoding>();
  private holders = 1;

  /** Held by its maker, who releases it. */
  constructor(stored: StoredBatch, tail: StreamPosition, budget: MemoryBudget | undefined) {
    this.stored = { ...stored, bytes: ownCopy(stored.bytes) };
    this.tail = tail;
    this.budget = budget;
    budget?.pin("followers", this.stored.bytes.buffer);
  }

  hold(): void {
    this.holders++;
  }

  release(): void {
    if (--this.holders > 0) return;
    for (const key of this.encodings.keys()) this.forget(key);
    this.budget?.unpin(this.stored.bytes.buffer);
  }

  /** Something that was made of this batch for one follower and serves the others too. */
  encoded(key: string): unknown {
    return this.encodings.get(key)?.value;
  }

  /** Replaces what was remembered under the key. */
  remember(key: string, value: unknown, bytes: number): void {
    this.forget(key);
    if (this.holders <= 0) return;
    this.encodings.set(key, { value, bytes });
    this.budget?.take("followers", bytes);
  }

  private forget(key: string): void {
    const known = this.encodings.get(key);
    if (known === undefined) return;
    this.encodings.delete(key);
    this.budget?.give("followers", known.bytes);
  }
}

/** A buffer of its own: the shared pool of the platform would keep up to 64 KiB for some bytes. */
function ownCopy(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}
