// An exchange over HTTP/1.1, in full duplex: a response may begin while its request body still
// comes. Made by the listener for each request; knows when to ask for a body.
// Spec: data-plane#carriers.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { type Clock, encodeUtf8 } from "@s2kit/core";
import {
  type BodySink,
  type Exchange,
  mergeHeaders,
  type ResponseHeaders,
} from "../exchange/exchange.js";
import { HEAD_ROOM_BYTES, type SharedOutput, TAIL_ROOM_BYTES } from "../exchange/shared-output.js";
import { NodeExchange } from "./node-exchange.js";
import { isPrompt } from "./prompt-write.js";
import { defectOfHttp1 } from "./request-head.js";

/** Up to here a copy of a body is cheaper than a second part of a write. */
const JOIN_BYTES = 4096;
const LINE_BREAK = encodeUtf8("\r\n");

/** @param isExpecting - the client waits for `100 Continue` before it sends its body */
export function createHttp1Exchange(
  request: IncomingMessage,
  response: ServerResponse,
  clock: Clock,
  isExpecting = false,
): Exchange {
  return new Http1Exchange(request, response, clock, isExpecting);
}

class Http1Exchange extends NodeExchange {
  readonly protocol = "HTTP/1.1";
  private readonly request: IncomingMessage;
  private readonly response: ServerResponse;
  /** The client holds its body back until it is asked for it. */
  private isExpecting: boolean;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    clock: Clock,
    isExpecting: boolean,
  ) {
    super(
      request.method ?? "GET",
      request.url ?? "/",
      request.headers,
      request,
      response,
      clock,
      defectOfHttp1(request),
    );
    this.request = request;
    this.response = response;
    this.isExpecting = isExpecting;
  }

  get connection(): object {
    return this.request.socket;
  }

  override consume(sink: BodySink): void {
    this.askForBody();
    super.consume(sink);
  }

  respond(status: number, headers: ResponseHeaders): void {
    if (this.isGone) return;
    // A session answers before it reads. After a refusal nobody can tell whether the body comes.
    if (status < 300) this.askForBody();
    else if (this.isExpecting || this.defect !== undefined) this.response.shouldKeepAlive = false;
    this.hasResponded = true;
    this.response.writeHead(status, { date: this.date, ...mergeHeaders(this.added, headers) });
    // Without a length the body is a stream: its reader waits for the headers.
    if (headers["content-length"] === undefined) this.response.flushHeaders();
  }

  override writeShared(output: SharedOutput): boolean {
    const { response } = this;
    const { socket } = response;
    // Not yet its turn on the connection, or a client of HTTP/1.0, or bytes that wait.
    if (socket === null || !response.chunkedEncoding || !isPrompt(socket))
      return super.writeShared(output);
    return this.writeRaw(output.framedFor("chunked", chunkOf), socket);
  }

  private askForBody(): void {
    if (!this.isExpecting || this.isGone) return;
    this.isExpecting = false;
    this.response.writeContinue();
  }

  abort(): void {
    this.request.socket.destroy();
  }

  protected override get carrier(): Duplex {
    return this.request.socket;
  }

  protected override get isBodyWhole(): boolean {
    return this.request.complete;
  }

  protected override finish(last: Uint8Array | undefined): void {
    if (last === undefined || last.length > JOIN_BYTES) super.finish(last);
    // As a string, byte for byte, the body joins its headers: one plain write, not a gathered one.
    else
      this.response.end(
        Buffer.from(last.buffer, last.byteOffset, last.length).toString("latin1"),
        "latin1",
      );
  }
}

/** One chunk of a chunked body: its length in hex, and its bytes between line breaks. */
function chunkOf({ parts, roomy }: SharedOutput): readonly Uint8Array[] {
  let length = 0;
  for (const part of parts) length += part.length;
  // In a buffer of its own: what a socket keeps must not pin the pool of the platform.
  const head = encodeUtf8(`${length.toString(16)}\r\n`);
  if (roomy === undefined) return [head, ...parts, LINE_BREAK];
  const start = HEAD_ROOM_BYTES - head.length;
  const end = HEAD_ROOM_BYTES + length;
  roomy.set(head, start);
  roomy.set(LINE_BREAK, end);
  return [roomy.subarray(start, end + TAIL_ROOM_BYTES)];
}
