// One connection's worth of a read session over S2S frames. It reports and decides nothing, see
// wire/read-wire. Spec: data-plane#read-session, sdk#read-sessions.

import {
  decodeReadBatch,
  err,
  errorFromWire,
  type FrameCodec,
  type FrameCompression,
  ok,
  type ReadBatch,
  type Result,
  type S2Error,
} from "@s2kit/core";
import { decodeError, prematureEnd } from "../../errors.js";
import { FailedResponse } from "../../request/failed-response.js";
import type { Exchange, OpenRequest, ResponseHead } from "../../wire/exchange.js";
import type { CleanEnd, ReadWire, ReadWireHandlers } from "../../wire/read-wire.js";
import type { Transport } from "../../wire/transport.js";
import { FrameReader } from "../frame-reader.js";

/** Speaks S2S frames. */
export function openS2sReadWire(
  transport: Transport,
  request: OpenRequest,
  handlers: ReadWireHandlers,
  compression: FrameCompression,
  codec: FrameCodec | undefined,
): ReadWire {
  return new S2sReadWire(transport, request, handlers, compression, codec);
}

class S2sReadWire implements ReadWire {
  readonly #handlers: ReadWireHandlers;
  readonly #codec: FrameCodec | undefined;
  readonly #reader: FrameReader;
  readonly #exchange: Exchange;
  #failed: FailedResponse | undefined;
  #state: "opening" | "open" | "done" = "opening";
  /** By the session, beside what the reader of frames holds up. */
  #isHeld = false;

  constructor(
    transport: Transport,
    request: OpenRequest,
    handlers: ReadWireHandlers,
    compression: FrameCompression,
    codec: FrameCodec | undefined,
  ) {
    this.#handlers = handlers;
    this.#codec = codec;
    this.#reader = new FrameReader(
      {
        onMessage: (body, isAdvised) => this.#onMessage(body, isAdvised),
        onTerminal: (status, json) =>
          this.#stop(status < 400 ? ok("unsaid") : err(errorFromWire(status, json))),
        onBroken: (error) => this.#stop(err(error)),
      },
      {
        pause: () => this.#exchange.pause(),
        resume: () => {
          if (!this.#isHeld) this.#exchange.resume();
        },
      },
      codec,
      compression,
    );
    this.#exchange = transport.open(request, {
      onWritable: () => undefined,
      onHead: (head) => this.#onHead(head),
      onData: (chunk) => {
        if (this.#failed === undefined) this.#reader.push(chunk);
        else this.#failed.push(chunk);
      },
      onEnd: (error) => this.#onExchangeEnd(error),
    });
  }

  pause(): boolean {
    this.#isHeld = this.#exchange.pause();
    return this.#isHeld;
  }

  resume(): void {
    this.#isHeld = false;
    if (!this.#reader.isFull) this.#exchange.resume();
  }

  abort(): void {
    if (this.#state === "done") return;
    this.#state = "done";
    this.#reader.stop();
    this.#exchange.abort();
  }

  retire(): void {
    this.#exchange.retire();
  }

  get #isDone(): boolean {
    return this.#state === "done";
  }

  #onHead(head: ResponseHead): void {
    if (this.#state === "done") return;
    if (head.status >= 400) this.#failed = new FailedResponse(head, this.#codec);
    else if (head.isProvisional !== true) this.#open();
  }

  #open(): void {
    if (this.#state !== "opening") return;
    this.#state = "open";
    this.#handlers.onOpen();
  }

  #onMessage(body: Uint8Array, isAdvised: boolean): void {
    let batch: ReadBatch;
    try {
      batch = decodeReadBatch(body);
    } catch (caught) {
      this.#stop(err(decodeError(caught)));
      return;
    }
    this.#open();
    this.#handlers.onBatch(batch, body.length);
    if (isAdvised && !this.#isDone) this.#handlers.onAdvice();
  }

  #onExchangeEnd(error: S2Error | undefined): void {
    if (this.#state === "done") return;
    if (this.#failed !== undefined) {
      void this.#failed.error(error).then((failure) => this.#stop(err(failure)));
      return;
    }
    // Batches that arrived before the failure are handed out first.
    this.#reader.end((leftover) => {
      if (error !== undefined) this.#stop(err(error));
      else this.#stop(leftover === undefined ? ok("unsaid") : err(prematureEnd("read session")));
    });
  }

  #stop(result: Result<CleanEnd>): void {
    if (this.#state === "done") return;
    this.#state = "done";
    this.#reader.stop();
    this.#exchange.abort();
    this.#handlers.onEnd(result);
  }
}
