// From an exchange to its route and back: finds the route in the table of core, runs what every
// request passes (draining, access, basin, barrier, errors), and sends the answer. No rule of a
// resource. Spec: control-plane#routes, control-plane#bodies, control-plane#errors,
// data-plane#order-of-checks.

import {
  type Clock,
  type ErrorCode,
  type PathParams,
  ROUTES,
  type RouteName,
  S2Error,
} from "@s2kit/core";
import type { Access } from "../backend/access/access.js";
import { denialOf } from "../backend/access/authorize.js";
import { type Backend, serverDraining } from "../backend/backend.js";
import type { AskedShards } from "../backend/shards/asked-shards.js";
import type { RequestFacts } from "../telemetry/request-log.js";
import type { RouteLabel } from "../telemetry/request-telemetry.js";
import { deliverReply } from "./compression.js";
import { basinFor, ticketOf } from "./event-source.js";
import type { Exchange, ResponseHeaders } from "./exchange.js";
import { type DoorComponents, enterDoor } from "./outside/front-door.js";
import { type FailureComponents, failureReply, type Reply, sendReply, TAKEN } from "./reply.js";

/** What a handler gets: the request, taken apart as far as all routes do. */
export interface RouteRequest {
  readonly exchange: Exchange;
  readonly route: RouteName;
  /** Who asks. Operations and the resources of path and header are permitted already. */
  readonly access: Access;
  /** What the answer is made of: handlers take from here whatever has a state. */
  readonly asked: AskedShards;
  /**
   * Asks again whether the access is in force: after every wait that a client can draw out.
   *
   * @throws {S2Error} `authn`
   */
  readonly confirmAccess: () => void;
  readonly params: PathParams;
  readonly query: URLSearchParams;
  /** The checked basin of a basin-level route; empty on account routes. */
  readonly basin: string;
  /** HEAD: as GET, without a body, and never a session. */
  readonly isHead: boolean;
}

/** Answers a request with a value, or takes the exchange over and answers with `TAKEN`. */
export type RouteHandler = (request: RouteRequest) => Promise<Reply | typeof TAKEN>;

export interface RouterComponents extends DoorComponents, FailureComponents {
  readonly backend: Backend;
  readonly handlers: Readonly<Record<RouteName, RouteHandler>>;
  /**
   * Who sent a request.
   *
   * @param ticket - what it is to be let in by, instead of a token
   * @param asked - notes that tokens were looked at
   * @throws {S2Error} `authn`
   */
  authenticate(exchange: Exchange, ticket: string | undefined, asked: AskedShards): Access;
  /** Whether it is still in force. @throws {S2Error} `authn` */
  requireInForce(access: Access): void;
  /** Host names `{basin}.{basinZone}` name a basin; undefined when they do not. */
  readonly basinZone: string | undefined;
  readonly isDraining: () => boolean;
  readonly clock: Clock;
  /** Told about each request once. */
  onAnswered(facts: RequestFacts, exchange: Exchange): void;
}

/** What is known about a request by the time it is answered; filled on the way. */
interface Visit {
  readonly isHead: boolean;
  route: RouteLabel;
  readonly asked: AskedShards;
  access: Access | undefined;
  basin: string | undefined;
  code: ErrorCode | undefined;
}

/** Most requests have none, and making one costs a microsecond. Nobody changes what was asked. */
export const NO_QUERY: URLSearchParams = new URLSearchParams();

/** The URL has a secret in it: pages that the answer would lead to are not told. */
const NOT_REFERRED: ResponseHeaders = { "referrer-policy": "no-referrer" };

/** One URL answers each basin and each token differently: nothing between may keep an answer. */
export const NOT_STORED: ResponseHeaders = { "cache-control": "no-store" };

export type Router = (exchange: Exchange) => Promise<void>;

export function createRouter(components: RouterComponents): Router {
  return async (exchange) => {
    const startMs = components.clock.monotonic();
    const visit = newVisit(components, exchange);
    const status = await serve(components, exchange, visit);
    const facts: RequestFacts = {
      method: exchange.method,
      path: exchange.path,
      route: visit.route,
      basin: visit.basin,
      tokenId: visit.access?.tokenId,
      status,
      code: visit.code,
      tookMs: components.clock.monotonic() - startMs,
    };
    components.onAnswered(facts, exchange);
  };
}

function newVisit({ backend }: RouterComponents, { method }: Exchange): Visit {
  const known = { isHead: method === "HEAD", asked: backend.ask() };
  return { ...known, route: "other", access: undefined, basin: undefined, code: undefined };
}

/** Answers a request whatever happens; the status that was sent. */
async function serve(
  components: RouterComponents,
  exchange: Exchange,
  visit: Visit,
): Promise<number> {
  const { isHead } = visit;
  exchange.addHeaders({ ...NOT_STORED, ...components.cors.headersFor(exchange) });
  try {
    const reply = await answer(components, exchange, visit);
    if (reply === TAKEN) return 200;
    const sent = deliverReply(exchange, reply, isHead);
    return typeof sent === "number" ? sent : await sent;
  } catch (caught) {
    visit.code = S2Error.from(caught).code;
    const reply = await failureReply(components, exchange, visit, caught);
    if (exchange.hasResponded) exchange.abort();
    else sendReply(exchange, reply, isHead);
    return reply.status;
  }
}

async function answer(
  components: RouterComponents,
  exchange: Exchange,
  visit: Visit,
): Promise<Reply | typeof TAKEN> {
  const { isHead, asked } = visit;
  const entered = enterDoor(components, exchange);
  visit.route = entered.route;
  if (entered.kind === "answer") return entered.reply;
  const { match } = entered;
  if (components.isDraining()) throw serverDraining();
  const query = exchange.query === "" ? NO_QUERY : new URLSearchParams(exchange.query);
  const ticket = ticketOf(match.name, exchange, query);
  if (ticket !== undefined) exchange.addHeaders(NOT_REFERRED);
  const access = components.authenticate(exchange, ticket, asked);
  visit.access = access;
  const isOfBasin = ROUTES[match.name].level === "basin";
  if (!isOfBasin) noteAccount(asked, isHead ? "GET" : exchange.method);
  const basin = isOfBasin ? basinFor(exchange, query, match, components.basinZone) : "";
  if (basin !== "") visit.basin = basin;
  const denial = denialOf(access, match.name, match.params, basin);
  if (denial !== undefined) throw denial;
  const reply = await components.handlers[match.name]({
    exchange,
    route: match.name,
    access,
    asked,
    confirmAccess: () => components.requireInForce(access),
    params: match.params,
    query,
    basin,
    isHead,
  });
  // What a route saw leaves only when it is durable. Health and pages outside the API never wait.
  if (reply !== TAKEN) await asked.barrier();
  // An acknowledged append is in the log, and needs no more. All else is an answer from the state.
  if (reply !== TAKEN && !isAppend(match.name)) asked.requireFresh();
  if (reply !== TAKEN && reply.status < 300 && exchange.hop !== "part")
    components.backend.operated(asked, match.name, basin, reply.status);
  return reply;
}

/** Whether a route answers with nothing but what it appended. */
function isAppend(route: RouteName): boolean {
  return ROUTES[route].operations[0] === "append";
}

/** A change is done when it is done everywhere; also one that found nothing left to do. */
function noteAccount(asked: AskedShards, method: string): void {
  if (method === "GET") asked.noteAccount();
  else asked.noteChange();
}
