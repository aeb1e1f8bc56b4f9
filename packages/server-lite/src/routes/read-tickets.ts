// The route of read tickets: decode, call the backend, encode. No rules here.
// Spec: data-plane#read-tickets.

import { readTicketRequestFromJson, readTicketToJson } from "@s2kit/core/control";
import type { Backend } from "../backend/backend.js";
import { jsonReply } from "../exchange/reply.js";
import { optionalJsonBodyOf } from "../exchange/request.js";
import type { RouteHandler } from "../exchange/router.js";
import { addressOf } from "./streams.js";

export function readTicketRoute({ accessTokens }: Backend): RouteHandler {
  return async (request) => {
    const address = addressOf(request);
    const asked = readTicketRequestFromJson(await optionalJsonBodyOf(request));
    const ticket = accessTokens.tickets.issue(request.access, address, asked);
    return jsonReply(201, readTicketToJson(ticket));
  };
}
