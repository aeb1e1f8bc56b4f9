// One connection's worth of an append session over S2S: batches are pipelined as frames of one
// duplex exchange. It reports and decides nothing, see wire/append-wire.
// Spec: data-plane#append-session, sdk#append-sessions.

import {
  type AppendAck,
  decodeAppendAck,
  err,
  errorFromWire,
  type FrameCodec,
  type FrameCompression,
  ok,
  type Result,
  type S2Error,
} from "@s2kit/core";
import { decodeError, protocolError } from "../../errors.js";
import { FailedResponse } from "../../request/failed-response.js";
import type { AppendWire, AppendWireHandlers, EncodedBatch } from "../../wire/append-wire.js";
import type { Exchange, OpenRequest, ResponseHead } from "../../wire/exchange.js";
import type { Transport } from "../../wire/transport.js";
import { FrameReader } from "../frame-reader.js";

/** Speaks S2S frames over a duplex exchange; batches are pipelined. */
export function openS2sAppendWire(
  transport: Transport,
  request: OpenRequest,
  handlers: AppendWireHandlers,
  compression: FrameCompression,
  codec: FrameCodec | undefined,
): AppendWire {
  return new S2sAppendWire(transport, request, handlers, compression, codec);
}

class S2sAppendWire implements AppendWire {
  canSend = false;
  readonly #handlers: AppendWireHandlers;
  readonly #codec: FrameCodec | undefined;
  readonly #reader: FrameReader;
  readonly #exchange: Exchange;
  #failed: FailedResponse | undefined;
  #isDone = false;

  constructor(
    transport: Transport,
    request: OpenRequest,
    handlers: AppendWireHandlers,
    compression: FrameCompression,
    codec: FrameCodec | undefined,
  ) {
    this.#handlers = handlers;
    this.#codec = codec;
    this.#reader = new FrameReader(
      {
        onMessage: (body, isAdvised) => this.#onMessage(body, isAdvised),
        onTerminal: (status, json) => this.#onTerminal(status, json),
        onBroken: (error) => this.#stop(err(error)),
      },
      { pause: () => this.#exchange.pause(), resume: () => this.#exchange.resume() },
      codec,
      compression,
    );
    this.#exchange = transport.open(request, {
      onWritable: () => this.#onWritable(),
      onHead: (head) => this.#onHead(head),
      onData: (chunk) => {
        if (this.#failed === undefined) this.#reader.push(chunk);
        else this.#failed.push(chunk);
      },
      onEnd: (error) => this.#onExchangeEnd(error),
    });
  }

  send(batch: EncodedBatch): void {
    if (!this.#isDone) this.canSend = this.#exchange.write(batch.frame);
  }

  finish(): void {
    if (this.#isDone) return;
    this.canSend = false;
    this.#exchange.end();
  }

  abort(): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.canSend = false;
    this.#reader.stop();
    this.#exchange.abort();
  }

  retire(): void {
    this.#exchange.retire();
  }

  #onWritable(): void {
    if (this.#isDone || this.#failed !== undefined) return;
    this.canSend = true;
    this.#handlers.onRoom();
  }

  #onHead(head: ResponseHead): void {
    if (this.#isDone) return;
    if (head.status >= 400) {
      this.canSend = false;
      this.#failed = new FailedResponse(head, this.#codec);
    } else this.#handlers.onOpen();
  }

  #onMessage(body: Uint8Array, isAdvised: boolean): void {
    let ack: AppendAck;
    try {
      ack = decodeAppendAck(body);
    } catch (caught) {
      this.#stop(err(decodeError(caught)));
      return;
    }
    this.#handlers.onAck(ack);
    if (isAdvised && !this.#isDone) this.#handlers.onAdvice();
  }

  /** A status below 400 is the server's clean goodbye. */
  #onTerminal(status: number, json: string): void {
    this.#stop(status < 400 ? ok(undefined) : err(errorFromWire(status, json)));
  }

  #onExchangeEnd(error: S2Error | undefined): void {
    if (this.#isDone) return;
    if (this.#failed !== undefined) {
      void this.#failed.error(error).then((failure) => this.#stop(err(failure)));
      return;
    }
    // Acks that arrived before the failure count: they are handed out first.
    this.#reader.end((leftover) => {
      if (error !== undefined) this.#stop(err(error));
      else if (leftover !== undefined)
        this.#stop(err(protocolError("append session ended inside a frame", leftover)));
      else this.#stop(ok(undefined));
    });
  }

  #stop(result: Result<undefined>): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.canSend = false;
    this.#reader.stop();
    this.#exchange.abort();
    this.#handlers.onEnd(result);
  }
}
