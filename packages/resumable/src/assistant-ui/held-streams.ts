// The streams that a store writes at present, by lease and by id: producers of this process, from
// their claim to their end.

import { S2Error } from "@s2kit/core";
import type { HeldGeneration } from "../generation/held.js";

/** Producers in one process. */
const MAX_HELD = 10_000;

export class HeldStreams {
  readonly #byLease = new Map<string, HeldGeneration>();
  /** The last one of an id, for callers without a lease. */
  readonly #leaseOf = new Map<string, string>();

  /** @throws {S2Error} `INVALID_ARGUMENT` when too many are being written */
  requireRoom(): void {
    if (this.#byLease.size < MAX_HELD) return;
    throw new S2Error({
      code: "INVALID_ARGUMENT",
      message: `finalize streams before more are begun streams=${MAX_HELD}`,
    });
  }

  add(streamId: string, held: HeldGeneration): void {
    this.#byLease.set(held.token, held);
    this.#leaseOf.set(streamId, held.token);
  }

  /** @param lease - default the last one of the id */
  get(streamId: string, lease?: string): HeldGeneration | undefined {
    const token = lease ?? this.#leaseOf.get(streamId);
    return token === undefined ? undefined : this.#byLease.get(token);
  }

  remove(streamId: string, held: HeldGeneration): void {
    held.leave();
    this.#byLease.delete(held.token);
    if (this.#leaseOf.get(streamId) === held.token) this.#leaseOf.delete(streamId);
  }
}
