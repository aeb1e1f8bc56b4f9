// Carries requests and exchanges by `fetch`: browsers, edge runtimes, and an in-memory server whose
// handler looks like `fetch`. Streaming request bodies are half-duplex in browsers, so only a
// handler that answers before the request ends may say that it is duplex. Spec: sdk#fetch,
// sdk#in-browsers.

import { err, ok, type Result, S2Error } from "@s2kit/core";
import { brokenReason, closedError, networkError, prematureEnd } from "../errors.js";
import type { Exchange, ExchangeHandlers, OpenRequest } from "../wire/exchange.js";
import { joined } from "../wire/joined.js";
import type {
  FetchLike,
  HttpRequest,
  HttpResponse,
  SessionWires,
  Transport,
} from "../wire/transport.js";
import type { Upload } from "./upload.js";

/** Error bodies are read up to here; success bodies are bounded by what was asked for. */
const MAX_ERROR_BODY_BYTES: number = 64 * 1024;

/** Which `fetch` carries, and whether it answers before a request has ended. */
export interface FetchTransportOptions {
  /** Default: the global one, called bound. */
  readonly fetch?: FetchLike | undefined;
  /** For a handler whose replies may begin before request bodies end: sessions then speak S2S. */
  readonly duplex?:
    | { readonly wires: SessionWires; readonly openUpload: (onWritable: () => void) => Upload }
    | undefined;
}

/** A carrier over `fetch`, for {@link S2Components.carrier}. */
export function createFetchTransport(options: FetchTransportOptions = {}): Transport {
  const fetchLike: FetchLike = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
  const { duplex } = options;
  let isClosed = false;
  const exchanges = new Set<FetchExchange>();
  return {
    sessions: duplex?.wires ?? "plain",
    request: (request, signal) => requestByFetch(fetchLike, request, signal),
    open(request, handlers) {
      const exchange = new FetchExchange(fetchLike, request, handlers, () =>
        exchanges.delete(exchange),
      );
      exchanges.add(exchange);
      if (isClosed) queueMicrotask(() => exchange.finish(closedError("client")));
      else void exchange.run(duplex?.openUpload);
      return exchange;
    },
    close() {
      isClosed = true;
      for (const exchange of exchanges) exchange.finish(closedError("client"));
      return Promise.resolve();
    },
  };
}

async function requestByFetch(
  fetchLike: FetchLike,
  request: HttpRequest,
  signal: AbortSignal,
): Promise<Result<HttpResponse>> {
  let status = 0;
  try {
    const response = await fetchLike(request.url, {
      method: request.method,
      headers: request.headers,
      signal,
      // Typed arrays of a shared buffer do not fit BodyInit; ours never are.
      body: (request.body ?? null) as BodyInit | null,
    });
    status = response.status;
    const body =
      status >= 400 ? await readAtMost(response, MAX_ERROR_BODY_BYTES) : await readAll(response);
    return ok({ status, header: (name) => response.headers.get(name) ?? undefined, body });
  } catch (caught) {
    const error = networkError(caught);
    return err(status >= 400 ? brokenReason(status, error) : error);
  }
}

async function readAll(response: Response): Promise<Uint8Array> {
  return new Uint8Array(await response.arrayBuffer());
}

async function readAtMost(response: Response, maxBytes: number): Promise<Uint8Array> {
  const reader = response.body?.getReader();
  if (reader === undefined) return new Uint8Array(0);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value.subarray(0, maxBytes - length));
    length += Math.min(value.length, maxBytes - length);
    if (length < maxBytes) continue;
    // What is left is of no use, but the connection is.
    await reader.cancel().catch(() => undefined);
    break;
  }
  return joined(chunks, length);
}

class FetchExchange implements Exchange {
  readonly #fetchLike: FetchLike;
  readonly #request: OpenRequest;
  readonly #handlers: ExchangeHandlers;
  readonly #onDone: () => void;
  readonly #controller = new AbortController();
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #upload: Upload | undefined;
  #isDone = false;
  #isPaused = false;
  #wake: (() => void) | undefined;

  constructor(
    fetchLike: FetchLike,
    request: OpenRequest,
    handlers: ExchangeHandlers,
    onDone: () => void,
  ) {
    this.#fetchLike = fetchLike;
    this.#request = request;
    this.#handlers = handlers;
    this.#onDone = onDone;
  }

  async run(openUpload: ((onWritable: () => void) => Upload) | undefined): Promise<void> {
    try {
      const headers = await this.#request.headers();
      if (this.#isDone) return;
      const isAppend = this.#request.kind === "append";
      if (isAppend) this.#upload = openUpload?.(() => this.#onWritable());
      const response = await this.#fetchLike(this.#request.url, {
        method: isAppend ? "POST" : "GET",
        headers,
        signal: this.#controller.signal,
        ...this.#upload?.init,
      });
      if (this.#isDone) return void response.body?.cancel().catch(() => undefined);
      this.#handlers.onHead({
        status: response.status,
        header: (name) => response.headers.get(name) ?? undefined,
      });
      this.#reader = response.body?.getReader();
      await this.#download();
    } catch (caught) {
      this.finish(caught instanceof S2Error ? caught : networkError(caught));
    }
  }

  write(chunk: Uint8Array): boolean {
    return !this.#isDone && this.#upload?.write(chunk) === true;
  }

  end(): void {
    if (!this.#isDone) this.#upload?.end();
  }

  pause(): boolean {
    this.#isPaused = true;
    return true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#wake?.();
  }

  abort(): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#release();
  }

  /** Connections are the runtime's: nothing to mark. */
  retire(): void {}

  #onWritable(): void {
    if (!this.#isDone) this.#handlers.onWritable();
  }

  async #download(): Promise<void> {
    while (!this.#isDone) await this.#downloadChunk();
  }

  /** In a function of its own: one that waits keeps all its variables, a chunk among them. */
  async #downloadChunk(): Promise<void> {
    if (this.#isPaused) await new Promise<void>((resolve) => (this.#wake = resolve));
    if (this.#isDone) return;
    const chunk = await this.#reader?.read();
    if (this.#isDone) return;
    if (chunk === undefined || chunk.done) return this.finish(undefined);
    this.#handlers.onData(chunk.value);
  }

  /** Ends the exchange with its report; undefined is the peer's proper end. */
  finish(error: S2Error | undefined): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#release();
    const isLost = error?.code === "INTERNAL_ERROR";
    this.#handlers.onEnd(isLost ? prematureEnd("response") : error);
  }

  #release(): void {
    this.#wake?.();
    this.#controller.abort();
    this.#reader?.cancel().catch(() => undefined);
    this.#onDone();
  }
}
