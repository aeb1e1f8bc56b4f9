// The batcher as a web stream: records in, batches out. For pipelines; the producer uses the
// batcher directly, without a stream per record. Spec: sdk#producer.

import {
  type AppendInput,
  appendRecordOf,
  type Clock,
  type RecordInput,
  systemClock,
  type Timer,
} from "@s2kit/core";
import { Batcher } from "./batcher.js";
import { type BatchSettings, type BatchTransformOptions, resolveBatchSettings } from "./options.js";

/** Batches records on their way through a pipeline of web streams. */
export class BatchTransform {
  readonly readable: ReadableStream<AppendInput>;
  readonly writable: WritableStream<RecordInput>;
  /** As given. */
  readonly options: BatchTransformOptions;
  readonly #settings: BatchSettings;
  readonly #clock: Clock;
  readonly #batcher: Batcher;
  #controller: TransformStreamDefaultController<AppendInput> | undefined;
  #nextMatchSeqNum: number | undefined;
  #timer: Timer | undefined;

  /** @throws {S2Error} `INVALID_ARGUMENT` naming the option that is out of range */
  constructor(options: BatchTransformOptions = {}, components: { readonly clock?: Clock } = {}) {
    this.options = options;
    this.#settings = resolveBatchSettings(options);
    this.#clock = components.clock ?? systemClock;
    this.#batcher = new Batcher(this.#settings);
    this.#nextMatchSeqNum = this.#settings.matchSeqNum;
    const transform = new TransformStream<RecordInput, AppendInput>({
      start: (controller) => {
        this.#controller = controller;
      },
      transform: (record) => this.#add(record),
      flush: () => this.#end(),
      cancel: () => this.#drop(),
    } as Transformer<RecordInput, AppendInput>);
    this.readable = transform.readable;
    this.writable = transform.writable;
  }

  /** Emits the open batch now, if there is one. Says nothing about durability. */
  flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const batch = this.#batcher.take();
    if (batch === undefined || this.#controller === undefined) return;
    const { fencingToken } = this.#settings;
    this.#controller.enqueue({
      records: batch.records,
      ...(fencingToken === undefined ? {} : { fencingToken }),
      ...(this.#nextMatchSeqNum === undefined ? {} : { matchSeqNum: this.#nextMatchSeqNum }),
    });
    if (this.#nextMatchSeqNum !== undefined) this.#nextMatchSeqNum += batch.records.length;
  }

  #add(given: RecordInput): void {
    const record = appendRecordOf(given);
    const bytes = this.#batcher.measure(record);
    if (!this.#batcher.hasRoom(bytes)) this.flush();
    this.#batcher.add(record, bytes, this.#clock.monotonic());
    if (this.#batcher.isFull) this.flush();
    else
      this.#timer ??= this.#clock.setTimer(() => this.flush(), this.#settings.lingerDurationMillis);
  }

  #end(): void {
    this.flush();
    this.#drop();
  }

  /**
   * Drops what is collected: after an end, an error or a cancel nothing may be emitted any more.
   */
  #drop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#controller = undefined;
    this.#batcher.take();
  }
}
