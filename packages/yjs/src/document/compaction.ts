// Replaces what is behind by a snapshot, while everybody writes on. The fence says where: parts
// that were begun before it can never be whole, so all that is before it is in the document of
// whoever has read it. Its records go with the last part of the snapshot, in one batch, so that
// the document is there at every moment. Two never do it at once; one that died is passed after a
// lease.

import { AppendRecord, FencingTokenMismatchError, type S2Stream } from "@s2kit/client";
import type { Clock, Random } from "@s2kit/core";
import { isCoded } from "../made-streams.js";
import type { DocumentLog, Fence } from "./document-log.js";
import { newId } from "./ids.js";
import { appendsOf } from "./records.js";

export interface CompactionComponents {
  readonly stream: S2Stream;
  readonly log: DocumentLog;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  /** Records since the last fence; infinite: never by itself. */
  readonly afterRecords: number;
  /** Silence after which whoever compacts counts as dead, ms. */
  readonly leaseMs: number;
  /** All of the document, as one update. */
  readonly encode: () => Uint8Array;
  readonly onError: (error: unknown) => void;
}

/** Our own fence, which is set and not read yet. */
interface Claim {
  readonly token: string;
  /** Known when the answer came. */
  seqNum: number | undefined;
  readonly settle: (seqNum: number | undefined) => void;
}

export class Compaction {
  readonly #components: CompactionComponents;
  #heardAtMs: number;
  #claim: Claim | undefined;
  #running: Promise<boolean> | undefined;
  /** Ours is refused for good: somebody else will do it. */
  #isRefused = false;

  constructor(components: CompactionComponents) {
    this.#components = components;
    this.#heardAtMs = components.clock.monotonic();
    components.signal.addEventListener("abort", () => this.#claim?.settle(undefined), {
      once: true,
    });
  }

  /** A fence was read. */
  fenced({ token, seqNum }: Fence): void {
    this.heard();
    if (this.#claim === undefined) return;
    if (token === this.#claim.token) this.#claim.settle(seqNum);
    else if (this.#claim.seqNum !== undefined && seqNum > this.#claim.seqNum)
      this.#claim.settle(undefined);
  }

  /** The stream is another one of its name: our fence is nowhere in it. */
  restarted(): void {
    this.#claim?.settle(undefined);
  }

  /** Whoever compacts lives. */
  heard(): void {
    this.#heardAtMs = this.#components.clock.monotonic();
  }

  /** After a record of ours: if there are enough. */
  considered(): void {
    const { log, afterRecords, onError } = this.#components;
    if (log.length < afterRecords || this.#isRefused || this.#running !== undefined) return;
    this.run().catch((error: unknown) => {
      this.#isRefused ||= isCoded(error, "permission_denied", "invalid");
      onError(error);
    });
  }

  /**
   * @param isForced - also when that loses records which could not be read
   * @returns false when somebody else does it, or when it would lose something
   */
  run(isForced = false): Promise<boolean> {
    this.#running ??= this.#run(isForced).finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #run(isForced: boolean): Promise<boolean> {
    const { stream, random, signal, encode } = this.#components;
    if (!this.#isFree(isForced)) return false;
    const token = `yjs-${newId(random)}`;
    try {
      const seqNum = await this.#fence(token);
      if (seqNum === undefined || signal.aborted) return false;
      const appends = appendsOf("snapshot", encode(), newId(random));
      appends.at(-1)?.push(AppendRecord.trim(seqNum));
      for (const records of appends)
        await stream.append({ records, fencingToken: token }, { signal });
      return true;
    } catch (error) {
      // Somebody was faster, or took us for dead.
      if (error instanceof FencingTokenMismatchError || signal.aborted) return false;
      throw error;
    }
  }

  #isFree(isForced: boolean): boolean {
    const { log, clock, leaseMs } = this.#components;
    if (!log.isWhole || (log.hasLeftOut && !isForced)) return false;
    const isRunning = log.fence !== undefined && !log.fence.isDone;
    return !isRunning || clock.monotonic() - this.#heardAtMs > leaseMs;
  }

  /** Where our fence is, once we have read it; undefined when another one came behind it. */
  async #fence(token: string): Promise<number | undefined> {
    const { log, signal } = this.#components;
    let settle: Claim["settle"] = () => undefined;
    const seen = new Promise<number | undefined>((resolve) => (settle = resolve));
    const claim: Claim = { token, seqNum: undefined, settle };
    this.#claim = claim;
    try {
      claim.seqNum = await this.#set(token, log.token);
      if (signal.aborted) return undefined;
      return await seen;
    } finally {
      this.#claim = undefined;
    }
  }

  /** @returns where it is at the earliest */
  async #set(token: string, fencingToken: string): Promise<number> {
    const { stream, signal } = this.#components;
    try {
      return (await stream.fence(token, { fencingToken, signal })).start.seqNum;
    } catch (error) {
      // The attempt took effect whose answer was lost: it will be read.
      if (error instanceof FencingTokenMismatchError && error.expectedFencingToken === token)
        return 0;
      throw error;
    }
  }
}
