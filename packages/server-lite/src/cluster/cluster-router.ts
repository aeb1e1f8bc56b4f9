// The router at the port of a node that shares its store: what is for everybody is answered here,
// all else goes where `ingress` says. Tells of each request once: the shard that serves one within
// this node does so itself. Spec: control-plane#routes, control-plane#errors.

import { type Clock, type ErrorCode, S2Error } from "@s2kit/core";
import { serverDraining } from "../backend/backend.js";
import { deliverReply } from "../exchange/compression.js";
import type { Exchange } from "../exchange/exchange.js";
import { type DoorComponents, enterDoor } from "../exchange/outside/front-door.js";
import { errorReply, sendReply } from "../exchange/reply.js";
import { NOT_STORED, type Router } from "../exchange/router.js";
import type { RequestFacts } from "../telemetry/request-log.js";
import type { RouteLabel } from "../telemetry/request-telemetry.js";
import type { Ingress } from "./ingress.js";

export interface ClusterRouterComponents {
  readonly door: DoorComponents;
  readonly ingress: Ingress;
  readonly clock: Clock;
  readonly isDraining: () => boolean;
  onAnswered(facts: RequestFacts, exchange: Exchange): void;
  onUnexpected(error: unknown): void;
}

interface Visit {
  route: RouteLabel;
  code: ErrorCode | undefined;
}

export function createClusterRouter(components: ClusterRouterComponents): Router {
  const { clock } = components;
  return async (exchange) => {
    const startMs = clock.monotonic();
    const visit: Visit = { route: "other", code: undefined };
    const status = await serve(components, exchange, visit);
    if (status === undefined) return;
    const { method, path } = exchange;
    const tookMs = clock.monotonic() - startMs;
    // Whose token it was, its owner knows.
    const unknown = { basin: undefined, tokenId: undefined };
    components.onAnswered({ ...visit, ...unknown, method, path, status, tookMs }, exchange);
  };
}

/** @returns the status that was sent; undefined when a shard here has told of it */
async function serve(
  components: ClusterRouterComponents,
  exchange: Exchange,
  visit: Visit,
): Promise<number | undefined> {
  const { door, ingress, isDraining } = components;
  const isHead = exchange.method === "HEAD";
  exchange.addHeaders({ ...NOT_STORED, ...door.cors.headersFor(exchange) });
  try {
    const entered = enterDoor(door, exchange);
    visit.route = entered.route;
    if (entered.kind === "answer") return await deliverReply(exchange, await entered.reply, isHead);
    if (isDraining()) throw serverDraining();
    const routed = await ingress.route(exchange, entered.match);
    if (routed.kind === "here") return undefined;
    if (routed.kind === "there") return routed.status;
    return await deliverReply(exchange, routed.reply, isHead);
  } catch (caught) {
    const error = S2Error.from(caught);
    visit.code = error.code;
    if (error.code === "INTERNAL_ERROR") components.onUnexpected(caught);
    const reply = errorReply(error);
    if (exchange.hasResponded) exchange.abort();
    else sendReply(exchange, reply, isHead);
    return reply.status;
  }
}
