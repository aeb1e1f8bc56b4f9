// Decides whether an upgrade request may become a WebSocket session, and hands it on as an
// exchange. One connection is one S2S session. Spec: docs/protocol/websocket.md.
//
//     GET /v1/streams/{stream}/records?basin=…&mode=append|read&…   Sec-WebSocket-Protocol: s2s.v1

import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type Clock, MAX_FRAME_LENGTH_BYTES, S2Error } from "@s2kit/core";
import { WebSocketServer } from "ws";
import type { BodyGuard } from "../../exchange/body-guard.js";
import type { Exchange } from "../../exchange/exchange.js";
import { errorReply, sendReply } from "../../exchange/reply.js";
import { WebSocketExchange } from "./websocket-exchange.js";
import { WebSocketRequest } from "./websocket-request.js";

export const WEBSOCKET_PROTOCOL = "s2s.v1";

/** Several frames may share a message, but no message grows without bound. */
const MAX_MESSAGE_BYTES = 4 * MAX_FRAME_LENGTH_BYTES;
export interface WebSocketDoor {
  /** Takes an upgrade request over; the answer, if only a refusal, is on its way afterwards. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer, guard: BodyGuard): void;
}

export interface WebSocketDoorComponents {
  readonly clock: Clock;
  onExchange(exchange: Exchange): void;
  /** Browsers send an origin that no script can forge: the CORS list decides. */
  isOriginAllowed(origin: string | undefined, host: string | undefined): boolean;
}

export function createWebSocketDoor(components: WebSocketDoorComponents): WebSocketDoor {
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
    handleProtocols: () => WEBSOCKET_PROTOCOL,
  });
  return {
    accept(request, socket, head, guard) {
      const { clock } = components;
      const asked = new WebSocketRequest(request);
      const upgrade = { request, socket, head };
      const exchange = new WebSocketExchange(asked, upgrade, { clock, server, guard });
      const refusal = refusalOf(asked, components);
      if (refusal !== undefined) exchange.refuse(refusal);
      else if (asked.mode === "append" || asked.mode === "read") components.onExchange(exchange);
      else sendReply(exchange, errorReply(unknownMode()), false);
    },
  };
}

function refusalOf(
  asked: WebSocketRequest,
  components: WebSocketDoorComponents,
): S2Error | undefined {
  if (!components.isOriginAllowed(asked.header("origin"), asked.header("host")))
    return new S2Error({ code: "permission_denied", message: "origin is not allowed" });
  if (!asked.protocols.includes(WEBSOCKET_PROTOCOL))
    return new S2Error({
      code: "bad_header",
      message: `expected the subprotocol ${WEBSOCKET_PROTOCOL}`,
    });
  return undefined;
}

function unknownMode(): S2Error {
  return new S2Error({ code: "bad_query", message: "expected mode=append or mode=read" });
}
