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

/** `ending`: nothing more is to be sent, and what was may still be under way. */
type PostState = "idle" | "posting" | "ending" | "done";

class PostAppendWire implements AppendWire {
  readonly #sendOnce: SendOnce;
  readonly #handlers: AppendWireHandlers;
  readonly #controller = new AbortController();
  #state: PostState = "idle";

  constructor(sendOnce: SendOnce, handlers: AppendWireHandlers) {
    this.#sendOnce = sendOnce;
    this.#handlers = handlers;
    // As with other wires, nothing is reported before the opener has its hands on the wire.
    queueMicrotask(() => {
      if (this.#state === "done") return;
      handlers.onOpen();
      handlers.onRoom();
    });
  }

  get canSend(): boolean {
    return this.#state === "idle";
  }

  send(batch: EncodedBatch): void {
    this.#state = "posting";
    void this.#post(batch);
  }

  finish(): void {
    if (this.#state === "idle") queueMicrotask(() => this.#stop(ok(undefined)));
    if (this.#state !== "done") this.#state = "ending";
  }

  abort(): void {
    if (this.#state === "done") return;
    this.#state = "done";
    this.#controller.abort();
  }

  retire(): void {}

  get #isEnding(): boolean {
    return this.#state === "ending";
  }

  async #post(batch: EncodedBatch): Promise<void> {
    const result = await this.#sendOnce(
      {
        accept: MEDIA_PROTOBUF,
        body: { bytes: batch.frame.subarray(FRAME_HEAD_BYTES), type: MEDIA_PROTOBUF },
        headers: { "content-encoding": encodingOf(batch) },
      },
      { signal: this.#controller.signal },
    );
    if (this.#state === "done") return;
    if (!result.ok) return this.#stop(result);
    let ack: AppendAck;
    try {
      ack = decodeAppendAck(result.value.body);
    } catch (caught) {
      return this.#stop(err(decodeError(caught)));
    }
    if (this.#state === "posting") this.#state = "idle";
    this.#handlers.onAck(ack);
    if (this.#isEnding) this.#stop(ok(undefined));
    else if (this.canSend) this.#handlers.onRoom();
  }

  #stop(result: Result<undefined>): void {
    if (this.#state === "done") return;
    this.#state = "done";
    this.#handlers.onEnd(result);
  }
}

function encodingOf(batch: EncodedBatch): string | undefined {
  return batch.compression === "none" ? undefined : batch.compression;
}
