// One connection's worth of an append session. A wire sends encoded batches in order, reports each
// acknowledgement and its own end, and decides nothing: no retry, no invariants, no throw. What to do
// next is the session's business above. Spec: data plane section 5.6, SDK section 4.4.

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
import { decodeError, protocolError } from "../errors.js";
import type { Exchange, OpenRequest, ResponseHead, Transport } from "../transport/transport.js";
import { FailedResponse } from "./failed-response.js";
import { FrameReader } from "./frame-reader.js";

/** A batch ready to be sent, as often as needed: resends are byte-identical. */
export interface EncodedBatch {
  /** S2S frame: head, then the protobuf message, compressed if the head says so. */
  readonly frame: Uint8Array;
  readonly compression: FrameCompression;
}

export interface AppendWireHandlers {
  /** The wire can take a batch (again). */
  onRoom(): void;
  /** The response began well. */
  onOpen(): void;
  onAck(ack: AppendAck): void;
  /** The server asks to go on elsewhere. */
  onAdvice(): void;
  /** Exactly once, last; not after `abort`. Ok: the server ended the session cleanly. */
  onEnd(result: Result<undefined>): void;
}

export interface AppendWire {
  /** True when `send` may be called now. */
  readonly canSend: boolean;
  send(batch: EncodedBatch): void;
  /** No more batches: the server acknowledges what it has, then ends. */
  finish(): void;
  /** Drops the connection without waiting for anything. */
  abort(): void;
  /** Keeps new sessions off this connection. */
  retire(): void;
}

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
