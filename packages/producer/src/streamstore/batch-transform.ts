// Batching as the official client has it: a transform stream of its records, over our batcher.
// Spec: sdk#the-official-face, sdk#producer.

import { type AppendInput, type AppendRecord, translateError } from "@s2kit/client/streamstore";
import { batchMeteredBytes, type AppendInput as OurInput } from "@s2kit/core";
import { BatchTransform as OurTransform } from "../batch-transform.js";
import type { BatchTransformOptions as OurOptions } from "../options.js";

/** When a batch is complete, and under which conditions it is appended. */
export interface BatchTransformOptions {
  /** How long the first record of a batch waits for company. Default 5. */
  lingerDurationMillis?: number;
  /** 1 to 1000, the default. */
  maxBatchRecords?: number;
  /** Metered. Up to 1 MiB, the default. */
  maxBatchBytes?: number;
  /** Given with every batch. */
  fencingToken?: string;
  /** Of the first batch; later ones count on from there. */
  matchSeqNum?: number;
}

/** Records in, batches out. */
export class BatchTransform extends TransformStream<AppendRecord, AppendInput> {
  /** As given, for the producer of this face. @internal */
  readonly options: OurOptions;
  readonly #inner: OurTransform;

  /** @throws {S2Error} for an option that is out of range */
  constructor(args: BatchTransformOptions = {}) {
    let inner: OurTransform;
    try {
      inner = new OurTransform(args);
    } catch (caught) {
      throw translateError(caught);
    }
    super();
    this.#inner = inner;
    this.options = args;
    const batches = inner.readable.pipeThrough(new TransformStream({ transform: measure }));
    Object.defineProperties(this, {
      readable: { value: batches },
      writable: { value: inner.writable },
    });
  }

  /** Emits the open batch now. */
  flush(): void {
    this.#inner.flush();
  }
}

/** Batches of this face carry their size. */
function measure(
  batch: OurInput,
  controller: TransformStreamDefaultController<OurInput & { readonly meteredBytes: number }>,
): void {
  controller.enqueue({ ...batch, meteredBytes: batchMeteredBytes(batch.records) });
}
