// GET records: one read in JSON or protobuf (with long poll), or an SSE or S2S
// read session. Failures before the first byte are ordinary responses.
// Spec: data-plane#which-format-is-spoken, data-plane#read, data-plane#sse,
// data-plane#read-session.

import {
  type Clock,
  HEADER_FORMAT,
  HEADER_LAST_EVENT_ID,
  type LastEventId,
  MEDIA_EVENT_STREAM,
  MEDIA_JSON,
  MEDIA_PROTOBUF,
  MEDIA_S2S,
  mediaKindOf,
  negotiateFrameCompression,
  parseReadQuery,
  RangeNotSatisfiableError,
  type ReadQuery,
  S2Error,
} from "@s2kit/core";
import { parseLastEventId, resumeAfter } from "@s2kit/core/server";
import type { ReadItem } from "../backend/read/read-item.js";
import { unaryQuery } from "../backend/read/read-plan.js";
import type { Reader } from "../backend/read/reader.js";
import { type HeaderSource, headerOrParam } from "../exchange/event-source.js";
import type { Exchange } from "../exchange/exchange.js";
import { bytesReply, emptyReply, type Reply, TAKEN } from "../exchange/reply.js";
import type { RouteHandler, RouteRequest } from "../exchange/router.js";
import { nodeFrameCodec } from "../session/frame-codec.js";
import { createReadSession, type ReadEncoder } from "../session/read-session.js";
import { createS2sEncoder, messageParts } from "../session/s2s-encoder.js";
import { sessionHeaders } from "../session/session-headers.js";
import { createSseEncoder, itemToJson } from "../session/sse-encoder.js";
import type { RecordRoutesComponents } from "./append.js";
import { type RecordRequest, recordFormatOf, streamRequestOf } from "./record-request.js";
import { addressOf } from "./streams.js";

export interface ReadRoutesComponents extends RecordRoutesComponents {
  readonly clock: Clock;
}

export function readRoute(components: ReadRoutesComponents): RouteHandler {
  return async (request) => {
    const { exchange } = request;
    if (mediaKindOf(exchange.header("content-type")) === "s2s") return readS2s(components, request);
    if (mediaKindOf(exchange.header("accept")) === "event-stream")
      return readSse(components, request);
    return readOnce(components, request);
  };
}

/**
 * Checks the syntax of the query now, behind the path; what it may say is checked by the call of
 * the result, behind the headers. Spec: data-plane#parameters.
 */
function syntaxOf(request: RouteRequest): () => ReadQuery {
  addressOf(request);
  try {
    const query = parseReadQuery(request.query);
    return () => query;
  } catch (caught) {
    const error = S2Error.from(caught);
    if (error.code !== "invalid") throw error;
    return () => {
      throw error;
    };
  }
}

/** A control character takes six bytes in JSON; half as much again for what stands around. */
const JSON_EXPANSION = 7;

async function readOnce(
  { backend, sessions }: ReadRoutesComponents,
  request: RouteRequest,
): Promise<Reply> {
  const { exchange } = request;
  const query = syntaxOf(request);
  const stream = streamRequestOf(request);
  const format = recordFormatOf(exchange);
  const isBinary = mediaKindOf(exchange.header("accept")) === "protobuf";
  const expansion = isBinary ? 1 : JSON_EXPANSION;
  const reader = await backend.openRead(stream, unaryQuery(query()), { kind: "unary", expansion });
  const stop = (): void => reader.stop();
  exchange.onClose(stop);
  // A stopping server ends a long poll as if its time were over; the end of its token fails it.
  let ended: S2Error | undefined;
  const terminate = (error: S2Error): void => {
    if (error.code === "authn") ended = error;
    stop();
  };
  const leave = sessions.add({ advise: stop, terminate }, stream.access, {
    kind: "read once",
    protocol: exchange.protocol,
  });
  try {
    const item = await firstRecords(reader);
    if (ended !== undefined) throw ended;
    return isBinary
      ? bytesReply(MEDIA_PROTOBUF, Buffer.concat(messageParts(item)))
      : {
          status: 200,
          headers: { "content-type": MEDIA_JSON },
          body: Buffer.from(itemToJson(item, format)),
        };
  } finally {
    leave();
    reader.close();
  }
}

const NOTHING: ReadItem = {
  parts: [],
  count: 0,
  meteredBytes: 0,
  lastSeqNum: 0,
  tail: undefined,
  shared: undefined,
};

async function firstRecords(reader: Reader): Promise<ReadItem> {
  for (;;) {
    const item = await reader.next();
    if (item === undefined) return NOTHING;
    if (item.count > 0) return item;
  }
}

async function readS2s(
  components: ReadRoutesComponents,
  request: RouteRequest,
): Promise<Reply | typeof TAKEN> {
  const parsed = syntaxOf(request);
  const stream = streamRequestOf(request);
  const query = parsed();
  const compression = negotiateFrameCompression(request.exchange.header("accept-encoding"));
  const encoder = createS2sEncoder(compression, nodeFrameCodec);
  return startSession(components, request, { stream, query, encoder, contentType: MEDIA_S2S });
}

async function readSse(
  components: ReadRoutesComponents,
  request: RouteRequest,
): Promise<Reply | typeof TAKEN> {
  const { exchange } = request;
  const parsed = syntaxOf(request);
  const stream = streamRequestOf(request);
  const { query: params } = request;
  const format = headerOrParam(exchange, params, HEADER_FORMAT, recordFormatOf);
  const resumed = headerOrParam(exchange, params, HEADER_LAST_EVENT_ID, lastEventIdOf);
  const asked = parsed();
  const query = resumed === undefined ? asked : resumeAfter(resumed, asked);
  const encoder = createSseEncoder(format, components.clock, resumed);
  const isComplete =
    (query.count === 0 && asked.count !== 0) || (query.bytes === 0 && asked.bytes !== 0);
  const contentType = MEDIA_EVENT_STREAM;
  const end = (): Reply => ({
    ...emptyReply(200, sessionHeaders(contentType)),
    body: encoder.end(),
  });
  if (isComplete) {
    // Everything was delivered before the connection broke: only the end is missing.
    components.backend.checkTail(stream);
    return end();
  }
  try {
    const expansion = JSON_EXPANSION;
    return await startSession(components, request, {
      stream,
      query,
      encoder,
      contentType,
      expansion,
    });
  } catch (error) {
    // So it is when all there is was delivered: the session that broke would have ended here too.
    if (resumed !== undefined && isAtTail(query, error)) return end();
    throw error;
  }
}

/** @throws {S2Error} `bad_header` */
function lastEventIdOf(source: HeaderSource): LastEventId | undefined {
  const text = source.header(HEADER_LAST_EVENT_ID);
  return text === undefined ? undefined : parseLastEventId(text);
}

/** The start is the very tail, where a read that may not wait is refused. */
function isAtTail({ from }: ReadQuery, error: unknown): boolean {
  return (
    error instanceof RangeNotSatisfiableError &&
    from !== undefined &&
    "seqNum" in from &&
    from.seqNum === error.tail.seqNum
  );
}

interface SessionRequest {
  readonly stream: RecordRequest;
  readonly query: ReadQuery;
  readonly encoder: ReadEncoder;
  readonly contentType: string;
  readonly expansion?: number;
}

async function startSession(
  { backend, sessions, onUnexpected, onFailed }: ReadRoutesComponents,
  { exchange, asked, isHead }: RouteRequest,
  { stream, query, encoder, contentType, expansion = 1 }: SessionRequest,
): Promise<Reply | typeof TAKEN> {
  const reader = await backend.openRead(stream, query, { expansion });
  try {
    await asked.barrier();
  } catch (error) {
    reader.close();
    throw error;
  }
  if (isHead) {
    reader.close();
    return emptyReply(200, sessionHeaders(contentType));
  }
  discardBody(exchange);
  exchange.respond(200, sessionHeaders(contentType));
  const session = createReadSession({
    channel: exchange,
    reader,
    encoder,
    isAdvising: sessions.isAdvising,
    onUnexpected,
    onFailed,
  });
  const kind = contentType === MEDIA_S2S ? "read" : "read events";
  const leave = sessions.add(session, stream.access, { kind, protocol: exchange.protocol });
  void session.run().finally(leave);
  return TAKEN;
}

/** A read has no request body; one that comes anyway is dropped. */
function discardBody(exchange: Exchange): void {
  const ignore = (): void => undefined;
  exchange.consume({ chunk: ignore, end: ignore, fail: ignore });
}
