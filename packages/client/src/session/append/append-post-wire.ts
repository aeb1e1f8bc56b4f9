// An append session for carriers that are not duplex: one POST at a time, in order. It looks like a
// wire with room for one batch, so the session above is the same for all carriers.
// Spec: sdk#fetch.

import {
  type AppendAck,
  decodeAppendAck,
  err,
  FRAME_HEAD_BYTES,
  MEDIA_PROTOBUF,
  ok,
  type Result,
} from "@s2kit/core";
import { decodeError } from "../../errors.js";
import type { RequestOptions } from "../../input/request-options.js";
import type { UnaryCall } from "../../request/unary.js";
import type { AppendWire, AppendWireHandlers, EncodedBatch } from "../../wire/append-wire.js";
import type { HttpResponse } from "../../wire/transport.js";

/** Sends one request without retrying. */
export type SendOnce = (
  call: Pick<UnaryCall, "body" | "headers" | "accept">,
  options: RequestOptions,
) => Promise<Result<HttpResponse>>;

export function openPostAppendWire(sendOnce: SendOnce, handlers: AppendWireHandlers): AppendWire {
  return new PostAppendWire(sendOnce, handlers);
}

class PostAppendWire implements AppendWire {
  canSend = true;
  readonly #sendOnce: SendOnce;
  readonly #handlers: AppendWireHandlers;
  readonly #controller = new AbortController();
  #isDone = false;
  #isFinishing = false;

  constructor(sendOnce: SendOnce, handlers: AppendWireHandlers) {
    this.#sendOnce = sendOnce;
    this.#handlers = handlers;
    // As with other wires, nothing is reported before the opener has its hands on the wire.
    queueMicrotask(() => {
      if (this.#isDone) return;
      handlers.onOpen();
      handlers.onRoom();
    });
  }

  send(batch: EncodedBatch): void {
    this.canSend = false;
    void this.#post(batch);
  }

  finish(): void {
    this.#isFinishing = true;
    if (this.canSend) queueMicrotask(() => this.#stop(ok(undefined)));
    this.canSend = false;
  }

  abort(): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.canSend = false;
    this.#controller.abort();
  }

  retire(): void {}

  async #post(batch: EncodedBatch): Promise<void> {
    const result = await this.#sendOnce(
      {
        accept: MEDIA_PROTOBUF,
        body: { bytes: batch.frame.subarray(FRAME_HEAD_BYTES), type: MEDIA_PROTOBUF },
        headers: { "content-encoding": encodingOf(batch) },
      },
      { signal: this.#controller.signal },
    );
    if (this.#isDone) return;
    if (!result.ok) return this.#stop(result);
    let ack: AppendAck;
    try {
      ack = decodeAppendAck(result.value.body);
    } catch (caught) {
      return this.#stop(err(decodeError(caught)));
    }
    this.canSend = !this.#isFinishing;
    this.#handlers.onAck(ack);
    if (this.#isFinishing) this.#stop(ok(undefined));
    else if (this.canSend) this.#handlers.onRoom();
  }

  #stop(result: Result<undefined>): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.canSend = false;
    this.#handlers.onEnd(result);
  }
}

function encodingOf(batch: EncodedBatch): string | undefined {
  return batch.compression === "none" ? undefined : batch.compression;
}
