// A read session by server-sent events, for carriers without S2S. Only `[DONE]` is a clean end: a
// stream that just stops was cut off. Spec: data-plane#sse, sdk#fetch.

import {
  batchMeteredBytes,
  err,
  ok,
  type RecordFormat,
  type Result,
  type S2Error,
} from "@s2kit/core";
import { createSseParser, decodeReadEvent, type ReadEvent } from "@s2kit/core/sse";
import { decodeError, prematureEnd } from "../../errors.js";
import { FailedResponse } from "../../request/failed-response.js";
import type { Exchange, OpenRequest, ResponseHead } from "../../wire/exchange.js";
import type { CleanEnd, ReadWire, ReadWireHandlers } from "../../wire/read-wire.js";
import type { Transport } from "../../wire/transport.js";

export function openSseReadWire(
  transport: Transport,
  request: OpenRequest,
  handlers: ReadWireHandlers,
  format: RecordFormat,
): ReadWire {
  return new SseReadWire(transport, request, handlers, format);
}

class SseReadWire implements ReadWire {
  readonly #handlers: ReadWireHandlers;
  readonly #format: RecordFormat;
  readonly #parser = createSseParser();
  readonly #exchange: Exchange;
  #failed: FailedResponse | undefined;
  #isDone = false;

  constructor(
    transport: Transport,
    request: OpenRequest,
    handlers: ReadWireHandlers,
    format: RecordFormat,
  ) {
    this.#handlers = handlers;
    this.#format = format;
    this.#exchange = transport.open(request, {
      onWritable: () => undefined,
      onHead: (head) => this.#onHead(head),
      onData: (chunk) => this.#onData(chunk),
      onEnd: (error) => this.#onExchangeEnd(error),
    });
  }

  pause(): boolean {
    return this.#exchange.pause();
  }

  resume(): void {
    this.#exchange.resume();
  }

  abort(): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#exchange.abort();
  }

  retire(): void {
    this.#exchange.retire();
  }

  #onHead(head: ResponseHead): void {
    if (this.#isDone) return;
    if (head.status >= 400) this.#failed = new FailedResponse(head);
    else this.#handlers.onOpen();
  }

  #onData(chunk: Uint8Array): void {
    if (this.#isDone) return;
    if (this.#failed !== undefined) {
      this.#failed.push(chunk);
      return;
    }
    try {
      this.#parser.push(chunk);
      for (;;) {
        const event = this.#parser.next();
        if (event === undefined) return;
        const meaning = decodeReadEvent(event, this.#format);
        if (meaning !== undefined) this.#onEvent(meaning, event.data.length);
        if (this.#isDone) return;
      }
    } catch (caught) {
      this.#stop(err(decodeError(caught)));
    }
  }

  #onEvent(event: ReadEvent, wireBytes: number): void {
    switch (event.kind) {
      case "batch":
        // Text may be larger or smaller than what it stands for: count what is held.
        this.#handlers.onBatch(
          event.batch,
          Math.max(wireBytes, batchMeteredBytes(event.batch.records)),
        );
        return;
      case "ping":
        this.#handlers.onBatch({ records: [], tail: event.tail }, 0);
        return;
      case "error":
        this.#stop(err(event.error));
        return;
      case "done":
        this.#stop(ok("said"));
    }
  }

  #onExchangeEnd(error: S2Error | undefined): void {
    if (this.#isDone) return;
    if (this.#failed !== undefined) {
      void this.#failed.error(error).then((failure) => this.#stop(err(failure)));
      return;
    }
    this.#stop(err(error ?? prematureEnd("event stream")));
  }

  #stop(result: Result<CleanEnd>): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#exchange.abort();
    this.#handlers.onEnd(result);
  }
}
