// GET records/tail: where a stream ends, known once all before it is durable. Called by the route
// table; reads no records. Spec: data-plane#check-tail.

import { tailToJson } from "@s2kit/core";
import { jsonReply } from "../exchange/reply.js";
import type { RouteHandler } from "../exchange/router.js";
import type { RecordRoutesComponents } from "./append.js";
import { addressOf } from "./streams.js";

export function checkTailRoute({ backend }: RecordRoutesComponents): RouteHandler {
  return async (request) => {
    const address = addressOf(request);
    request.asked.of(address);
    return jsonReply(200, tailToJson(backend.checkTail(address)));
  };
}
