// What exchanges over Node's two HTTP servers have in common: a readable side, a writable one, and
// how they end. Only translation; no route and no rule. Spec: data-plane#carriers, data-plane#s2s.

import type { Duplex, Readable, Writable } from "node:stream";
import type { Clock, S2Error } from "@s2kit/core";
import { BodyFlow } from "../exchange/body-flow.js";
import type { BodyGuard } from "../exchange/body-guard.js";
import type {
  BodySink,
  Exchange,
  ExchangeProtocol,
  ResponseHeaders,
} from "../exchange/exchange.js";
import { parseRequestTarget } from "../exchange/request-target.js";
import type { SharedOutput } from "../exchange/shared-output.js";
import { giveAway } from "../lending/lent-buffers.js";
import { HeldOutput } from "../memory/held-output.js";
import { HeldChunks } from "./held-chunks.js";
import { HeldUpload } from "./held-upload.js";
import { httpDate } from "./http-date.js";
import { afterWrites, writePromptly } from "./prompt-write.js";
import { BASE_WINDOW_BYTES, type Upload } from "./upload-windows.js";

/** After the response, what is left of a request body is read and dropped for so long, ms. */
const DISCARD_MS = 5000;
/** Response bytes that may wait in this process before a writer must wait itself. */
const MAX_BUFFERED_BYTES = 2 * 1024 * 1024;
/** A waiting writer goes on from here, so that the socket never runs dry between two writes. */
const RESUME_BUFFERED_BYTES: number = MAX_BUFFERED_BYTES / 2;
const NO_HEADERS: ResponseHeaders = {};
type RawHeaders = Readonly<Record<string, string | string[] | undefined>>;

export abstract class NodeExchange implements Exchange {
  abstract readonly protocol: ExchangeProtocol;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly defect: S2Error | undefined;
  isGone = false;
  hasResponded = false;
  protected readonly source: Readable;
  protected readonly target: Writable;
  protected added: ResponseHeaders = NO_HEADERS;
  private readonly headers: RawHeaders;
  private readonly clock: Clock;
  private readonly body = new BodyFlow();
  private readonly closeListeners: (() => void)[] = [];
  private readonly roomListeners: (() => void)[] = [];
  private guard: BodyGuard | undefined = undefined;
  private output: HeldOutput | undefined = undefined;
  /** Counts the buffers of a body that is held back. */
  private heldBack: HeldUpload | undefined = undefined;
  private heldChunks: HeldChunks | undefined = undefined;
  /** The body at its connection, where several share one. */
  protected upload: Upload | undefined = undefined;

  constructor(
    method: string,
    url: string,
    headers: RawHeaders,
    source: Readable,
    target: Writable,
    clock: Clock,
    defect: S2Error | undefined,
  ) {
    this.defect = defect;
    const { path, query, authority } = parseRequestTarget(url);
    this.method = method;
    this.path = path;
    this.query = query;
    this.headers = authority === undefined ? headers : { ...headers, host: authority };
    this.source = source;
    this.target = target;
    this.clock = clock;
    target.once("close", () => this.close());
    // A broken connection is news for `onClose`, not an uncaught exception.
    target.on("error", () => this.close());
    if (source !== (target as unknown)) source.on("error", () => this.close());
    // Both libraries say so first. What they say afterwards looks like a clean end: HTTP/2 ends the
    // readable side, finishes the writable one, and only then closes the stream.
    source.once("aborted", () => {
      this.body.cut();
      // A held stream would keep its last bytes, and never close.
      source.resume();
    });
  }

  get bodyGuard(): BodyGuard | undefined {
    return this.guard;
  }

  set bodyGuard(guard: BodyGuard | undefined) {
    this.guard = guard;
    if (guard === undefined) return;
    this.output = new HeldOutput(guard.budget, () => this.abort());
    this.heldBack = new HeldUpload(guard.budget, () => this.abort());
  }

  header(name: string): string | undefined {
    const value = this.headers[name];
    return Array.isArray(value) ? value.join(", ") : value;
  }

  consume(sink: BodySink): void {
    const { source, body } = this;
    source.on("data", (chunk: Buffer) => {
      this.upload?.consumed(chunk.length);
      body.chunk(chunk);
    });
    const onEnd = (): void => (this.isBodyWhole ? body.end() : body.cut());
    // A request without a body, in the first bytes of an HTTP/2 connection, has ended before this.
    if (source.readableEnded) onEnd();
    else source.once("end", onEnd);
    body.attach(sink);
  }

  pause(): boolean {
    const bytes = this.upload?.unaskedBytes ?? BASE_WINDOW_BYTES;
    if (this.heldBack?.tryHold(bytes) === false) return false;
    this.source.pause();
    this.heldChunks ??= new HeldChunks(this.source);
    return true;
  }

  resume(): void {
    this.heldBack?.release();
    this.heldChunks?.release();
    this.heldChunks = undefined;
    this.source.resume();
  }

  onClose(listener: () => void): void {
    if (this.isGone) listener();
    else this.closeListeners.push(listener);
  }

  addHeaders(headers: ResponseHeaders): void {
    this.added = this.added === NO_HEADERS ? headers : { ...this.added, ...headers };
  }

  abstract respond(status: number, headers: ResponseHeaders): void;

  protected get date(): string {
    return httpDate(this.clock.now());
  }

  write(parts: readonly Uint8Array[]): boolean {
    const { target } = this;
    if (this.isGone) return true;
    for (const part of parts) this.counted(part);
    if (parts.length === 1) target.write(parts[0], this.onWritten);
    else {
      target.cork();
      for (const part of parts) target.write(part, this.onWritten);
      target.uncork();
    }
    return this.hasRoom;
  }

  writeShared(output: SharedOutput): boolean {
    return this.write(output.parts);
  }

  /**
   * Sends framed parts past the library, to a socket in which nothing waits. What the socket takes
   * at once has left, and costs no callback; what it keeps is counted until it has left.
   */
  protected writeRaw(parts: readonly Uint8Array[], socket: Duplex): boolean {
    if (writePromptly(parts, socket)) return true;
    for (const part of parts) this.counted(part);
    afterWrites(socket, (error) => {
      for (let left = parts.length; left > 0; left--) this.onWritten(error);
    });
    return this.hasRoom;
  }

  /** Counts what waits to leave; where nobody counts, what it lies in is not used again. */
  private counted(part: Uint8Array): void {
    if (this.output === undefined) giveAway(part.buffer);
    else this.output.wrote(part);
  }

  private get hasRoom(): boolean {
    return this.target.writableLength < MAX_BUFFERED_BYTES && this.output?.isFull !== true;
  }

  whenWritable(): Promise<void> {
    if (this.isGone || this.hasRoom) return Promise.resolve();
    return new Promise((resolve) => this.roomListeners.push(resolve));
  }

  end(last?: Uint8Array): void {
    if (this.isGone) return;
    if (last !== undefined) giveAway(last.buffer);
    // Not for every `finish`: the library itself finishes the response of a client that left. And
    // not where the body is over, as it is for most.
    if (!this.body.isOver) this.target.once("finish", this.discardRest);
    this.finish(last);
  }

  abstract abort(): void;

  /** What closes with the connection: a request that was answered is not told of that any more. */
  protected abstract get carrier(): Duplex;

  /** At the end of the body: whether the client said that it is the end. */
  protected abstract get isBodyWhole(): boolean;

  protected finish(last: Uint8Array | undefined): void {
    if (last === undefined) this.target.end();
    else this.target.end(last);
  }

  /** Drops the rest of the body for a while, so that a client in mid-upload can read the answer. */
  private readonly discardRest = (): void => {
    const { source } = this;
    if (this.body.isOver || source.readableEnded || source.destroyed) return;
    source.resume();
    const timer = this.clock.setTimer(() => this.abort(), DISCARD_MS, { keepsAlive: false });
    const { carrier } = this;
    const settle = (): void => {
      timer.cancel();
      carrier.off("close", settle);
    };
    source.once("end", settle);
    source.once("close", settle);
    carrier.once("close", settle);
  };

  /**
   * A stream that is destroyed is told that all is written, while its connection still writes
   * parts.
   */
  private readonly onWritten = (error?: Error | null): void => {
    this.output?.left(!error && !this.target.destroyed);
    if (this.roomListeners.length === 0) return;
    if (this.target.writableLength > RESUME_BUFFERED_BYTES) return;
    for (const listener of this.roomListeners.splice(0)) listener();
  };

  private close(): void {
    if (this.isGone) return;
    this.isGone = true;
    this.output?.clear();
    this.heldBack?.release();
    for (const listener of this.roomListeners.splice(0)) listener();
    this.body.cut();
    for (const listener of this.closeListeners.splice(0)) listener();
  }
}
