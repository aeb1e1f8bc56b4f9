// Commits to the target of a copy, as fast as it becomes durable: what is on its way is bounded,
// and a store that has no room for the moment is asked again.

import { type Clock, S2Error, sleep } from "@s2kit/core";
import type { Mutation } from "../storage.js";
import type { CopiedStore } from "./copied-store.js";

/** Bytes and commits on their way. */
const MAX_PENDING_BYTES = 16 * 1024 * 1024;
const MAX_PENDING_COMMITS = 4096;
/** Between two tries of a store whose log is full. */
const ROOM_WAIT_MS = 100;

export class TargetWriter {
  readonly store: CopiedStore;
  private readonly clock: Clock;
  private readonly signal: AbortSignal | undefined;
  private position = 0;
  private bytes = 0;
  private commits = 0;

  constructor(store: CopiedStore, clock: Clock, signal: AbortSignal | undefined) {
    this.store = store;
    this.clock = clock;
    this.signal = signal;
  }

  /**
   * @param bytes - that the mutations take, about
   * @throws {S2Error} `storage` when the store failed; `ABORTED` by the signal
   */
  async commit(mutations: readonly Mutation[], bytes: number): Promise<void> {
    requireGoing(this.signal);
    this.position = await this.take(mutations);
    this.bytes += bytes;
    if (this.bytes >= MAX_PENDING_BYTES || ++this.commits >= MAX_PENDING_COMMITS)
      await this.drain();
  }

  /** Everything that was committed is durable. */
  async drain(): Promise<void> {
    this.bytes = 0;
    this.commits = 0;
    await this.store.whenDurable(this.position);
  }

  private async take(mutations: readonly Mutation[]): Promise<number> {
    for (;;) {
      try {
        return this.store.commit(mutations).position;
      } catch (error) {
        if (!(error instanceof S2Error) || error.code !== "hot_server") throw error;
      }
      await sleep(this.clock, ROOM_WAIT_MS, this.signal);
      requireGoing(this.signal);
    }
  }
}

/** @throws {S2Error} `ABORTED` */
export function requireGoing(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true)
    throw new S2Error({ code: "ABORTED", message: "the copy was stopped: run it again to go on" });
}
