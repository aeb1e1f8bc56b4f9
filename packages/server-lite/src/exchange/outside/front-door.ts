// What comes before a request is known to be one of the API: defects of its head, preflights, pages
// outside the API, who may come in at all, and whether there is such a route. Knows nothing of what
// is behind it. Spec: control-plane#routes, control-plane#bodies.

import { matchRoute, type RouteMatch } from "@s2kit/core";
import { outsideLabel, type RouteLabel } from "../../telemetry/request-telemetry.js";
import type { Cors } from "../cors.js";
import type { Exchange } from "../exchange.js";
import type { Gate } from "../gate.js";
import {
  allowedMethods,
  errorReply,
  methodNotAllowed,
  notFound,
  optionsReply,
  type Reply,
} from "../reply.js";
import type { StudioHandler } from "./studio.js";

/**
 * Answers outside the API (`/health`, `/metrics`, `/openapi.json`); undefined when the path is not
 * its.
 */
export type PlainHandler = (method: string, path: string) => Reply | Promise<Reply> | undefined;

export interface DoorComponents {
  readonly plain: PlainHandler;
  /** Answers requests for the page for people; undefined when the path is not its. */
  readonly studio: StudioHandler;
  readonly cors: Cors;
  /** Refuses who may not come in at all; undefined lets in. */
  readonly gate: Gate;
}

export type Entered =
  | {
      readonly kind: "answer";
      readonly route: RouteLabel;
      readonly reply: Reply | Promise<Reply>;
    }
  | {
      readonly kind: "route";
      readonly route: RouteLabel;
      readonly match: Extract<RouteMatch, { kind: "route" }>;
    };

/** @throws {S2Error} what is wrong with the head; `permission_denied` */
export function enterDoor(components: DoorComponents, exchange: Exchange): Entered {
  if (exchange.defect !== undefined) throw exchange.defect;
  const method = exchange.method === "HEAD" ? "GET" : exchange.method;
  const outside =
    components.cors.preflight(exchange) ??
    components.plain(method, exchange.path) ??
    components.studio(method, exchange);
  if (outside !== undefined)
    return { kind: "answer", route: outsideLabel(exchange), reply: outside };
  const outsider = components.gate(exchange);
  if (outsider !== undefined) throw outsider;
  const match = matchRoute(method, exchange.path);
  if (method === "OPTIONS" && components.cors.isOn)
    return answered(optionsReply(match, exchange.path));
  if (match.kind === "not-found") return answered(errorReply(notFound(exchange.path)));
  if (match.kind === "method-not-allowed")
    return answered(methodNotAllowed(allowedMethods(match.allowed, components.cors.isOn)));
  return { kind: "route", route: match.name, match };
}

function answered(reply: Reply): Entered {
  return { kind: "answer", route: "other", reply };
}
