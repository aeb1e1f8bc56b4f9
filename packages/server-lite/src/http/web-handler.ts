// A request that never was on a socket: Request in, Response out. For embedding, tests and runtimes
// with a fetch-style entry. Bodies stream both ways, so sessions work. Spec: house plan, room `http`.

import {
  type BodySink,
  clientHangup,
  type Exchange,
  mergeHeaders,
  type ResponseHeaders,
} from "./exchange.js";

/** Response bytes that may wait for the reader before a writer must wait itself. */
const MAX_BUFFERED_BYTES = 1024 * 1024;

/** Runs a request through a handler of exchanges; resolves with the response's head. */
export function handleRequest(
  request: Request,
  onExchange: (exchange: Exchange) => void,
): Promise<Response> {
  return new Promise((resolve) => {
    onExchange(new WebExchange(request, resolve));
  });
}

class WebExchange implements Exchange {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  isGone = false;
  hasResponded = false;

  private readonly request: Request;
  private readonly onResponse: (response: Response) => void;
  private added: ResponseHeaders = {};
  private output: ReadableStreamDefaultController<Uint8Array> | undefined = undefined;
  private closeListeners: (() => void)[] = [];
  private roomListeners: (() => void)[] = [];
  private isPaused = false;
  private resumeReading: (() => void) | undefined = undefined;

  constructor(request: Request, onResponse: (response: Response) => void) {
    const url = new URL(request.url);
    this.method = request.method;
    this.path = url.pathname;
    this.query = url.search.slice(1);
    this.request = request;
    this.onResponse = onResponse;
    request.signal.addEventListener("abort", () => this.close(), { once: true });
  }

  header(name: string): string | undefined {
    return this.request.headers.get(name) ?? undefined;
  }

  consume(sink: BodySink): void {
    void this.pump(sink);
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
    this.resumeReading?.();
  }

  onClose(listener: () => void): void {
    if (this.isGone) listener();
    else this.closeListeners.push(listener);
  }

  addHeaders(headers: ResponseHeaders): void {
    this.added = mergeHeaders(this.added, headers);
  }

  respond(status: number, headers: ResponseHeaders): void {
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
          for (const listener of this.roomListeners.splice(0)) listener();
        },
        cancel: () => this.close(),
      },
      { highWaterMark: MAX_BUFFERED_BYTES, size: (chunk) => chunk?.byteLength ?? 0 },
    );
    this.onResponse(new Response(hasBody ? body : null, { status, headers: merged }));
  }

  write(parts: readonly Uint8Array[]): boolean {
    if (this.isGone || this.output === undefined) return true;
    for (const part of parts) this.output.enqueue(part);
    return (this.output.desiredSize ?? 0) > 0;
  }

  whenWritable(): Promise<void> {
    if (this.isGone || (this.output?.desiredSize ?? 1) > 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.roomListeners.push(resolve);
      this.onClose(resolve);
    });
  }

  end(last?: Uint8Array): void {
    if (this.isGone) return;
    if (last !== undefined) this.write([last]);
    this.output?.close();
    this.close();
  }

  abort(): void {
    if (!this.isGone) this.output?.error(clientHangup());
    this.close();
  }

  private async pump(sink: BodySink): Promise<void> {
    const reader = this.request.body?.getReader();
    try {
      for (;;) {
        if (this.isPaused)
          await new Promise<void>((resolve) => {
            this.resumeReading = resolve;
          });
        const next = await reader?.read();
        if (next === undefined || next.done) break;
        sink.chunk(next.value);
      }
      sink.end();
    } catch {
      sink.fail(clientHangup());
    }
  }

  private close(): void {
    if (this.isGone) return;
    this.isGone = true;
    for (const listener of this.closeListeners.splice(0)) listener();
  }
}
