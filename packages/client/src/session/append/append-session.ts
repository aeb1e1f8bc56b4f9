// The public append session: promises and web streams over the core that decides. Streams come into
// being when they are first asked for, so that ticket-only users do not pile up acknowledgements.
// Spec: sdk#appending.

import { type AppendAck, type BatchInput, type Deferred, deferred, S2Error } from "@s2kit/core";
import { abortedError } from "../../errors.js";
import type { AppendSessionComponents } from "./append-session-components.js";
import { AppendSessionCore } from "./append-session-core.js";
import type { AppendSessionOptions } from "./inflight-room.js";
import type { BatchSubmitTicket } from "./submit-ticket.js";

/** Ordered, pipelined appends to one stream. */
export interface AppendSession extends AsyncDisposable {
  /**
   * Takes a batch once there is in-flight room for it. The order of appends is the order of calls,
   * awaited or not. A batch that was taken is not called back by its signal.
   *
   * @throws {S2Error} `INVALID_ARGUMENT` for a malformed batch, `SESSION_CLOSED`, `ABORTED`, or the
   *   error that ended the session
   */
  submit(
    input: BatchInput,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<BatchSubmitTicket>;
  /** As `submit`, but undefined when there is no room at this moment. */
  trySubmit(input: BatchInput): BatchSubmitTicket | undefined;
  /**
   * Acknowledgements in order, from the first access on. Read it, or use tickets alone: once 1024
   * wait here, `submit` finds room only as they are read. Cancelling it aborts the session.
   */
  readonly readable: ReadableStream<AppendAck>;
  /** Writes are submits: accepted, not yet durable. Closing it closes the session: durable. */
  readonly writable: WritableStream<BatchInput>;
  /** The same stream as `readable`. */
  acks(): ReadableStream<AppendAck>;
  lastAckedPosition(): AppendAck | undefined;
  /** Why the session ended, if it failed. */
  failureCause(): S2Error | undefined;
  /** Accepts nothing more and waits until all is durable. Rejects with the session's failure. */
  close(): Promise<void>;
  /** Ends now: what is not acknowledged rejects, and its fate is unknown. */
  abort(reason?: unknown): void;
}

/** @param signal - aborts the session whenever it fires */
export function createAppendSession(
  components: AppendSessionComponents,
  options: AppendSessionOptions,
  signal: AbortSignal | undefined,
  onEnd: () => void,
): AppendSession {
  return new StreamAppendSession(components, options, signal, onEnd);
}

/** Acknowledgements that wait for a reader of `readable` before submits wait for it as well. */
const MAX_UNREAD_ACKS = 1024;

class StreamAppendSession implements AppendSession {
  readonly #core: AppendSessionCore;
  readonly #ended: Deferred<void> = deferred();
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort: () => void;
  #ackStream: ReadableStream<AppendAck> | undefined;
  #ackController: ReadableStreamDefaultController<AppendAck> | undefined;
  #inputStream: WritableStream<BatchInput> | undefined;
  #inputController: WritableStreamDefaultController | undefined;

  constructor(
    components: AppendSessionComponents,
    options: AppendSessionOptions,
    signal: AbortSignal | undefined,
    onEnd: () => void,
  ) {
    this.#core = new AppendSessionCore(components, options, {
      onAck: (ack) => {
        this.#ackController?.enqueue(ack);
        return (this.#ackController?.desiredSize ?? 1) > 0;
      },
      onEnd: (error) => {
        this.#end(error);
        onEnd();
      },
    });
    this.#ended.promise.catch(() => undefined);
    this.#signal = signal;
    this.#onAbort = () => this.#core.fail(abortedError(signal));
    if (signal?.aborted === true) this.#onAbort();
    else signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  submit(
    input: BatchInput,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<BatchSubmitTicket> {
    return this.#core.submit(input, options?.signal);
  }

  trySubmit(input: BatchInput): BatchSubmitTicket | undefined {
    return this.#core.trySubmit(input);
  }

  get readable(): ReadableStream<AppendAck> {
    this.#ackStream ??= new ReadableStream<AppendAck>(
      {
        start: (controller) => {
          if (this.#core.isOver) settleStream(controller, this.#core.failureCause);
          else this.#ackController = controller;
        },
        pull: () => this.#core.giveRoom(),
        cancel: (reason) => {
          this.#ackController = undefined;
          this.abort(reason);
        },
      },
      { highWaterMark: MAX_UNREAD_ACKS },
    );
    return this.#ackStream;
  }

  acks(): ReadableStream<AppendAck> {
    return this.readable;
  }

  get writable(): WritableStream<BatchInput> {
    this.#inputStream ??= new WritableStream<BatchInput>({
      start: (controller) => {
        this.#inputController = controller;
        if (this.#core.failureCause !== undefined) controller.error(this.#core.failureCause);
      },
      write: async (input) => {
        await this.submit(input);
      },
      close: () => this.close(),
      abort: (reason) => this.abort(reason),
    });
    return this.#inputStream;
  }

  lastAckedPosition(): AppendAck | undefined {
    return this.#core.lastAcked;
  }

  failureCause(): S2Error | undefined {
    return this.#core.failureCause;
  }

  close(): Promise<void> {
    this.#core.close();
    return this.#ended.promise;
  }

  abort(reason?: unknown): void {
    this.#core.fail(abortedError({ reason }, "the append session was aborted"));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #end(error: S2Error | undefined): void {
    this.#signal?.removeEventListener("abort", this.#onAbort);
    if (this.#ackController !== undefined) settleStream(this.#ackController, error);
    this.#ackController = undefined;
    if (error === undefined) this.#ended.resolve();
    else {
      this.#inputController?.error(error);
      this.#ended.reject(error);
    }
  }
}

function settleStream(
  controller: ReadableStreamDefaultController<AppendAck>,
  error: S2Error | undefined,
): void {
  if (error === undefined) controller.close();
  else controller.error(error);
}
