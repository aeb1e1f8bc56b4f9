// One HTTP request over a kept-alive connection, its answer collected in bounds: the only file of
// the storage that touches sockets. It knows nothing of S3; what an answer means is decided by the
// caller. Used by the bucket client, and by those who fetch its credentials.

import * as http from "node:http";
import * as https from "node:https";
import { assert, type Clock, type Timer } from "@s2kit/core";

export interface HttpRequest {
  readonly method: "DELETE" | "GET" | "POST" | "PUT";
  /** Scheme, host and port alone count. */
  readonly origin: URL;
  /** Path and query, encoded. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: readonly Uint8Array[];
  /** Monotonic ms from now until the whole answer must be here. */
  readonly deadlineMs: number;
  /** A longer answer is refused. */
  readonly maxAnswerBytes: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Uint8Array;
}

/** Why there is no answer. Whether the request was taken is unknown each time. */
export type SendFailure = "aborted" | "connection" | "oversized" | "timeout";

/** A request without an answer. The message names neither path nor headers. */
export class SendError extends Error {
  override readonly name = "SendError";
  readonly failure: SendFailure;

  constructor(failure: SendFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.failure = failure;
  }
}

/** Connections that are not used for longer are closed: before stores do so, mostly after 20 s. */
const IDLE_MS = 15_000;

export class Sender {
  private readonly clock: Clock;
  private readonly agents: { readonly plain: http.Agent; readonly tls: https.Agent };

  /** @param maxSockets - connections to one host; further requests wait for one of them */
  constructor(clock: Clock, maxSockets: number) {
    this.clock = clock;
    const settings = {
      keepAlive: true,
      maxSockets,
      maxFreeSockets: maxSockets,
      noDelay: true,
      // What was used last is the least likely to have been closed by the other side.
      scheduling: "lifo",
      timeout: IDLE_MS,
    } as const;
    this.agents = { plain: new http.Agent(settings), tls: new https.Agent(settings) };
  }

  /** @throws {SendError} when no whole answer came; from then on the body is not looked at */
  send(request: HttpRequest, signal?: AbortSignal): Promise<HttpAnswer> {
    return new Promise((resolve, reject) =>
      new Exchange(this.clock, request, resolve, reject).run(
        request.origin.protocol === "https:" ? this.agents.tls : this.agents.plain,
        signal,
      ),
    );
  }

  /** Closes the connections, those in use too. */
  close(): void {
    this.agents.plain.destroy();
    this.agents.tls.destroy();
  }
}

/** One request, from its first byte to the last of its answer. */
class Exchange {
  private readonly clock: Clock;
  private readonly request: HttpRequest;
  private readonly resolve: (answer: HttpAnswer) => void;
  private readonly reject: (error: SendError) => void;
  private sent: http.ClientRequest | undefined;
  private timer: Timer | undefined;
  private stopListening: (() => void) | undefined;
  private isSettled = false;

  constructor(
    clock: Clock,
    request: HttpRequest,
    resolve: (answer: HttpAnswer) => void,
    reject: (error: SendError) => void,
  ) {
    this.clock = clock;
    this.request = request;
    this.resolve = resolve;
    this.reject = reject;
  }

  run(agent: http.Agent, signal: AbortSignal | undefined): void {
    if (signal?.aborted) return this.fail("aborted", "was given up before it was sent");
    const { method, origin, path, headers, body, deadlineMs } = this.request;
    const send = origin.protocol === "https:" ? https.request : http.request;
    const sent = send({
      method,
      agent,
      host: origin.hostname.replace(/^\[|\]$/g, ""),
      ...(origin.port === "" ? {} : { port: origin.port }),
      path,
      headers: { ...headers, ...(body === undefined ? {} : { "content-length": sizeOf(body) }) },
    });
    this.sent = sent;
    sent.on("error", (error) => this.fail("connection", reasonOf(error), error));
    sent.on("response", (response) => this.receive(response));
    this.timer = this.clock.setTimer(
      () => this.fail("timeout", `had no answer within ${deadlineMs} ms`),
      deadlineMs,
    );
    const onAbort = (): void => this.fail("aborted", "was given up");
    signal?.addEventListener("abort", onAbort, { once: true });
    this.stopListening = () => signal?.removeEventListener("abort", onAbort);
    for (const part of body ?? []) sent.write(part);
    sent.end();
  }

  private receive(response: http.IncomingMessage): void {
    const { maxAnswerBytes } = this.request;
    const declared = Number(response.headers["content-length"] ?? Number.NaN);
    if (declared > maxAnswerBytes) return this.failOversized();
    // Where the length is told, the chunks go straight to their place.
    const gathered = new Gathered(Number.isNaN(declared) ? undefined : declared);
    response.on("error", (error) => this.fail("connection", reasonOf(error), error));
    response.on("data", (chunk: Uint8Array) => {
      if (gathered.length + chunk.length > maxAnswerBytes) this.failOversized();
      else gathered.add(chunk);
    });
    response.on("end", () => {
      if (!response.complete) return this.fail("connection", "was cut off inside its answer");
      this.settle();
      // An answer may overtake the body, as refusals do: what is left of it is not sent any more.
      if (this.sent?.writableFinished === false) this.sent.destroy();
      const { statusCode = 0, headers } = response;
      this.resolve({ status: statusCode, headers, body: gathered.take() });
    });
    response.on("close", () => this.fail("connection", "was cut off inside its answer"));
  }

  private failOversized(): void {
    this.fail("oversized", `has an answer of more than ${this.request.maxAnswerBytes} bytes`);
  }

  /** The first failure counts. The connection goes, and with it what was not yet sent. */
  private fail(failure: SendFailure, message: string, cause?: unknown): void {
    if (this.isSettled) return;
    this.settle();
    this.sent?.destroy();
    this.reject(new SendError(failure, message, cause === undefined ? {} : { cause }));
  }

  private settle(): void {
    this.isSettled = true;
    this.timer?.cancel();
    this.stopListening?.();
  }
}

/** The bytes of an answer. */
class Gathered {
  length = 0;
  private readonly whole: Uint8Array | undefined;
  private readonly chunks: Uint8Array[] = [];

  constructor(declared: number | undefined) {
    if (declared === undefined) this.whole = undefined;
    else this.whole = new Uint8Array(Buffer.allocUnsafeSlow(declared).buffer);
  }

  add(chunk: Uint8Array): void {
    if (this.whole === undefined) this.chunks.push(chunk);
    else this.whole.set(chunk, this.length);
    this.length += chunk.length;
  }

  take(): Uint8Array {
    assert(this.whole === undefined || this.whole.length === this.length, "the answer is whole");
    return this.whole ?? new Uint8Array(Buffer.concat(this.chunks));
  }
}

function sizeOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}

/** The system's code says what happened; its message may name addresses, which help too. */
function reasonOf(error: NodeJS.ErrnoException): string {
  return `broke off: ${error.message === "" ? (error.code ?? "unknown") : error.message}`;
}
