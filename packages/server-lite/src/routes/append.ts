// POST records: one append in JSON or protobuf, or an S2S append session, by content type.
// Decodes and encodes; the order of checks is that of the spec.
// Spec: data-plane#which-format-is-spoken, data-plane#append, data-plane#append-session.

import {
  type AppendAck,
  appendAckToJson,
  encodeAppendAck,
  MAX_JSON_APPEND_BODY_BYTES,
  MAX_UNARY_BODY_BYTES,
  MEDIA_PROTOBUF,
  MEDIA_S2S,
  mediaKindOf,
  type S2Error,
} from "@s2kit/core";
import { decodeAppendJson } from "@s2kit/core/server";
import type { AppendTarget } from "../backend/append/append-intake.js";
import type { Backend } from "../backend/backend.js";
import { clientHangup, type Exchange, holdForExchange } from "../exchange/exchange.js";
import { bytesReply, jsonReply, type Reply, TAKEN } from "../exchange/reply.js";
import { plainBodyOf, requireJson } from "../exchange/request.js";
import type { RouteHandler, RouteRequest } from "../exchange/router.js";
import type { Turns } from "../exchange/turns.js";
import { createAppendSession } from "../session/append-session.js";
import { nodeFrameCodec } from "../session/frame-codec.js";
import { sessionHeaders } from "../session/session-headers.js";
import type { SessionDesk } from "../session/sessions.js";
import { appendOnce } from "./append-once.js";
import { type RecordRequest, recordFormatOf, streamRequestOf } from "./record-request.js";

export interface AppendRouteComponents extends RecordRoutesComponents {
  /** For long bodies, of whatever route. */
  readonly turns: Turns;
}

export interface RecordRoutesComponents {
  readonly backend: Backend;
  readonly sessions: SessionDesk;
  /** A failure of a session that is a bug here, not the client's doing. */
  readonly onUnexpected: (error: unknown) => void;
  /** A session told its client this failure. */
  readonly onFailed: (error: S2Error) => void;
}

export function appendRoute(components: AppendRouteComponents): RouteHandler {
  const { turns } = components;
  return async (request) => {
    const stream = streamRequestOf(request);
    if (mediaKindOf(request.exchange.header("content-type")) === "s2s")
      return openSession(components, request, stream);
    const message = await messageOf(request, turns);
    const ack = await appendOnce(components, message, stream, request.exchange);
    return ackReply(ack, request.exchange);
  };
}

/** Messages that are made of longer JSON count as held; shorter ones are gone in this turn. */
const MIN_HELD_MESSAGE_BYTES = 64 * 1024;

/** The body as a protobuf AppendInput. */
async function messageOf(request: RouteRequest, turns: Turns): Promise<Uint8Array> {
  const { exchange } = request;
  if (mediaKindOf(exchange.header("content-type")) === "protobuf")
    return plainBodyOf(request, MAX_UNARY_BODY_BYTES, "bad_proto");
  const format = recordFormatOf(exchange);
  requireJson(exchange);
  const body = await plainBodyOf(request, MAX_JSON_APPEND_BODY_BYTES, "bad_json");
  // The message that is made of it is as long, at most by an eighth more.
  if (body.length > MIN_HELD_MESSAGE_BYTES) holdForExchange(exchange, "bodies", body.length);
  const message = turns.run(decodeAppendJson(body, format), exchange);
  return message instanceof Uint8Array ? message : message.finally(request.confirmAccess);
}

function ackReply(ack: AppendAck, exchange: Exchange): Reply {
  return mediaKindOf(exchange.header("accept")) === "protobuf"
    ? bytesReply(MEDIA_PROTOBUF, encodeAppendAck(ack))
    : jsonReply(200, appendAckToJson(ack));
}

/** Answers 200 before any input is awaited: clients send their first frame only then. */
async function openSession(
  { backend, sessions, onUnexpected, onFailed }: RecordRoutesComponents,
  { exchange, asked }: RouteRequest,
  stream: RecordRequest,
): Promise<typeof TAKEN> {
  const target = await backend.openAppend(stream);
  const lease = target.streamer.lease();
  try {
    await asked.barrier();
  } catch (error) {
    lease[Symbol.dispose]();
    throw error;
  }
  exchange.respond(200, sessionHeaders(MEDIA_S2S));
  const open = (): AppendTarget => target;
  // A session may be over before it is registered: its token can end in this very turn.
  let isOver = false;
  let leave = (): void => undefined;
  const session = createAppendSession({
    channel: exchange,
    codec: nodeFrameCodec,
    submit: (message, reply, whenGone) => backend.append(open, message, reply, whenGone),
    isAdvising: sessions.isAdvising,
    guard: exchange.bodyGuard,
    onOver() {
      isOver = true;
      leave();
      lease[Symbol.dispose]();
    },
    onUnexpected,
    onFailed,
  });
  leave = sessions.add(session, stream.access, { kind: "append", protocol: exchange.protocol });
  if (isOver) leave();
  exchange.consume(session);
  // Also behind the end of its body a client can leave: what still waits for room never happens
  // then.
  exchange.onClose(() => session.fail(clientHangup()));
  return TAKEN;
}
