// Collects records into batches: pure, synchronous, without a timer. It takes the time and answers
// when the batch it holds is due; who owns the timer is the producer. Spec: sdk#producer.

import { type AppendRecord, isSafeU64, meteredBytes, requireSafeU64, S2Error } from "@s2kit/core";
import type { BatchSettings } from "./options.js";

/** Records that will be appended together. */
export interface CollectedBatch {
  readonly records: readonly AppendRecord[];
  readonly meteredBytes: number;
}

export class Batcher {
  readonly #settings: BatchSettings;
  #records: AppendRecord[] = [];
  #bytes = 0;
  #openedAt = 0;

  constructor(settings: BatchSettings) {
    this.#settings = settings;
  }

  /** Records that wait in the open batch. */
  get length(): number {
    return this.#records.length;
  }

  /** When the open batch is due: fixed by its first record. Undefined when it is empty. */
  get dueAt(): number | undefined {
    return this.#records.length === 0
      ? undefined
      : this.#openedAt + this.#settings.lingerDurationMillis;
  }

  /**
   * Checks a record before it joins a batch, so that a bad one never takes good ones with it.
   *
   * @returns its metered bytes
   * @throws {S2Error} `INVALID_ARGUMENT` when it is too large for any batch
   */
  measure(record: AppendRecord): number {
    const bytes = meteredBytes(record);
    if (bytes > this.#settings.maxBatchBytes)
      throw new S2Error({
        code: "INVALID_ARGUMENT",
        message: `record must not exceed the batch bound of ${this.#settings.maxBatchBytes} metered bytes bytes=${bytes}`,
      });
    if (record.timestamp !== undefined && !isSafeU64(record.timestamp))
      requireSafeU64(record.timestamp, "timestamp");
    return bytes;
  }

  /** True when a record of this size still fits the open batch. */
  hasRoom(bytes: number): boolean {
    return (
      this.#records.length < this.#settings.maxBatchRecords &&
      this.#bytes + bytes <= this.#settings.maxBatchBytes
    );
  }

  /** Adds a record for which there is room. Full afterwards means: take it now. */
  add(record: AppendRecord, bytes: number, now: number): void {
    if (this.#records.length === 0) this.#openedAt = now;
    this.#records.push(record);
    this.#bytes += bytes;
  }

  get isFull(): boolean {
    return (
      this.#records.length >= this.#settings.maxBatchRecords ||
      this.#bytes >= this.#settings.maxBatchBytes
    );
  }

  /** Closes the open batch and begins the next; undefined when it is empty. */
  take(): CollectedBatch | undefined {
    if (this.#records.length === 0) return undefined;
    const batch = { records: this.#records, meteredBytes: this.#bytes };
    this.#records = [];
    this.#bytes = 0;
    return batch;
  }
}
