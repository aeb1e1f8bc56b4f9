// A request that never was on a socket: Request in, Response out. For embedding, tests and runtimes
// with a fetch-style entry. Bodies stream both ways, so sessions work. The caller hangs up as with
// `fetch`: by the signal of the request, or by cancelling the body of the response.

import { type Deferred, deferred } from "@s2kit/core";
import { BodyFlow } from "../exchange/body-flow.js";
import type { BodyGuard } from "../exchange/body-guard.js";
import {
  type BodySink,
  clientHangup,
  type Exchange,
  mergeHeaders,
  type ResponseHeaders,
} from "../exchange/exchange.js";
import type { SharedOutput } from "../exchange/shared-output.js";
import { giveAway } from "../lending/lent-buffers.js";
import { HeldQueue } from "../memory/held-output.js";

/** Response bytes that may wait for the reader before a writer must wait itself. */
const MAX_BUFFERED_BYTES = 1024 * 1024;

/**
 * Runs a request through a handler of exchanges; resolves with the response's head.
 *
 * @throws the reason of the request's signal when it aborts before there is a response; an error
 *   `client_hangup` when the server breaks the exchange off
 */
export function handleRequest(
  request: Request,
  onExchange: (exchange: Exchange) => void,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    // Nothing of a request that was given up before it began may take effect.
    if (request.signal.aborted) reject(request.signal.reason as Error);
    else onExchange(new WebExchange(request, { resolve, reject }));
  });
}

interface ResponseHead {
  resolve(response: Response): void;
  reject(reason: unknown): void;
}

class WebExchange implements Exchange {
  readonly protocol = "none";
  readonly method: string;
  readonly path: string;
  readonly query: string;
  isGone = false;
  hasResponded = false;

  private readonly request: Request;
  private readonly head: ResponseHead;
  private readonly body = new BodyFlow();
  private readonly closeListeners: (() => void)[] = [];
  private readonly roomListeners: (() => void)[] = [];
  private added: ResponseHeaders = {};
  private output: ReadableStreamDefaultController<Uint8Array> | undefined = undefined;
  private input: ReadableStreamDefaultReader<Uint8Array> | undefined = undefined;
  private guard: BodyGuard | undefined = undefined;
  private queue: HeldQueue | undefined = undefined;
  /** While the body is not to be read on: what the pump waits for. */
  private hold: Deferred<void> | undefined = undefined;

  constructor(request: Request, head: ResponseHead) {
    const url = new URL(request.url);
    this.method = request.method;
    this.path = url.pathname;
    this.query = url.search.slice(1);
    this.request = request;
    this.head = head;
    request.signal.addEventListener("abort", this.onAbort, { once: true });
  }

  get bodyGuard(): BodyGuard | undefined {
    return this.guard;
  }

  set bodyGuard(guard: BodyGuard | undefined) {
    this.guard = guard;
    this.queue = guard && new HeldQueue(guard.budget, () => this.abort());
  }

  header(name: string): string | undefined {
    return this.request.headers.get(name) ?? undefined;
  }

  consume(sink: BodySink): void {
    this.body.attach(sink);
    if (!this.body.isOver) void this.pump();
  }

  pause(): boolean {
    this.hold ??= deferred();
    return true;
  }

  resume(): void {
    this.hold?.resolve();
    this.hold = undefined;
  }

  onClose(listener: () => void): void {
    if (this.isGone) listener();
    else this.closeListeners.push(listener);
  }

  addHeaders(headers: ResponseHeaders): void {
    this.added = mergeHeaders(this.added, headers);
  }

  respond(status: number, headers: ResponseHeaders): void {
    if (this.isGone) return;
    this.hasResponded = true;
    const merged = new Headers();
    for (const [name, value] of Object.entries(mergeHeaders(this.added, headers)))
      merged.set(name, String(value));
    const hasBody = status !== 204 && status !== 304;
    const body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.output = controller;
        },
        pull: () => {
          this.countQueue();
          this.noteRoom();
        },
        cancel: (reason) => this.close(reason),
      },
      { highWaterMark: MAX_BUFFERED_BYTES, size: (chunk) => chunk?.byteLength ?? 0 },
    );
    this.head.resolve(new Response(hasBody ? body : null, { status, headers: merged }));
  }

  write(parts: readonly Uint8Array[]): boolean {
    if (this.isGone || this.output === undefined) return true;
    for (const part of parts) {
      // The caller may look at it for as long as it likes.
      giveAway(part.buffer);
      this.output.enqueue(part);
    }
    this.countQueue();
    return (this.output.desiredSize ?? 0) > 0;
  }

  writeShared(output: SharedOutput): boolean {
    return this.write(output.parts);
  }

  whenWritable(): Promise<void> {
    if (this.isGone || (this.output?.desiredSize ?? 1) > 0) return Promise.resolve();
    return new Promise((resolve) => this.roomListeners.push(resolve));
  }

  end(last?: Uint8Array): void {
    if (this.isGone) return;
    if (last !== undefined) this.write([last]);
    this.output?.close();
    this.close(clientHangup());
  }

  abort(): void {
    this.breakOff(clientHangup());
  }

  private readonly onAbort = (): void => this.breakOff(this.request.signal.reason);

  /**
   * Ends the exchange: whoever waits for the response, or reads it, learns why there is no more.
   */
  private breakOff(reason: unknown): void {
    if (this.isGone) return;
    if (this.hasResponded) this.output?.error(reason);
    else this.head.reject(reason);
    this.close(reason);
  }

  private async pump(): Promise<void> {
    const input = this.request.body?.getReader();
    this.input = input;
    try {
      while (await this.pumpChunk(input));
    } catch {
      this.body.cut();
    }
  }

  /**
   * One chunk in a function of its own: the platform keeps all variables of a function that waits,
   * so a loop would keep each chunk until the next one came.
   *
   * @returns false when there is no more
   */
  private async pumpChunk(
    input: ReadableStreamDefaultReader<Uint8Array> | undefined,
  ): Promise<boolean> {
    if (this.hold !== undefined) await this.hold.promise;
    if (this.isGone) return false;
    const next = await input?.read();
    if (this.isGone) return false;
    if (next === undefined || next.done) {
      this.body.end();
      return false;
    }
    this.body.chunk(next.value);
    return true;
  }

  /**
   * Whichever side ended it: the rest of the request is not pulled, as there is no one to take it.
   */
  private close(reason: unknown): void {
    if (this.isGone) return;
    this.isGone = true;
    // What is left in the queue is the caller's: it has the response.
    this.queue?.set(0);
    this.request.signal.removeEventListener("abort", this.onAbort);
    this.body.cut();
    this.dropInput(reason);
    this.resume();
    this.noteRoom();
    for (const listener of this.closeListeners.splice(0)) listener();
  }

  private dropInput(reason: unknown): void {
    const { body } = this.request;
    // The caller's own source may fail to cancel: that is not the server's concern.
    if (this.input !== undefined) this.input.cancel(reason).catch(ignore);
    else if (body !== null && !body.locked) body.cancel(reason).catch(ignore);
  }

  private countQueue(): void {
    if (!this.isGone) this.queue?.set(MAX_BUFFERED_BYTES - (this.output?.desiredSize ?? 0));
  }

  private noteRoom(): void {
    for (const listener of this.roomListeners.splice(0)) listener();
  }
}

function ignore(): void {
  return undefined;
}
