// The acknowledgements of single records as a web stream. It comes into being when it is first
// asked for, so that ticket-only users do not pile up acknowledgements, and it ends as its producer
// does. Spec: sdk#producer.

import type { AppendAck, S2Error } from "@s2kit/core";
import { IndexedAppendAck } from "./ticket.js";

/** Acknowledgements that wait for a reader before submits wait for it as well. */
const MAX_UNREAD_ACKS = 10_000;

export interface AckStreamListener {
  /** The reader took some. */
  onPull(): void;
  /** The reader wants no more. */
  onCancel(): void;
}

export class AckStream {
  readonly #listener: AckStreamListener;
  #stream: ReadableStream<IndexedAppendAck> | undefined;
  #controller: ReadableStreamDefaultController<IndexedAppendAck> | undefined;
  #ending: { readonly error: S2Error | undefined } | undefined;

  constructor(listener: AckStreamListener) {
    this.#listener = listener;
  }

  get readable(): ReadableStream<IndexedAppendAck> {
    this.#stream ??= new ReadableStream<IndexedAppendAck>(
      {
        start: (controller) => {
          this.#controller = controller;
          if (this.#ending !== undefined) this.end(this.#ending.error);
        },
        pull: () => this.#listener.onPull(),
        cancel: () => {
          this.#controller = undefined;
          this.#listener.onCancel();
        },
      },
      { highWaterMark: MAX_UNREAD_ACKS },
    );
    return this.#stream;
  }

  /** False while more wait for the reader than should. */
  get hasRoom(): boolean {
    return (this.#controller?.desiredSize ?? 1) > 0;
  }

  /** The acknowledgement of a batch of so many records. */
  push(records: number, ack: AppendAck): void {
    if (this.#controller === undefined) return;
    for (let i = 0; i < records; i++) this.#controller.enqueue(new IndexedAppendAck(i, ack));
  }

  /** No more will come: undefined after a clean end. */
  end(error: S2Error | undefined): void {
    this.#ending = { error };
    if (error === undefined) this.#controller?.close();
    else this.#controller?.error(error);
    this.#controller = undefined;
  }
}
