// What a route answers: a whole response as a value, or the word that it took the exchange over.
// Errors become replies here: JSON, whatever the client accepts, but for a route whose protocol has
// words of its own.
// Spec: control-plane#error-codes, control-plane#request-headers, control-plane#error-body,
// data-plane#otlp-answers.

import {
  errorToWire,
  HEADER_RETRY_AFTER_MS,
  MEDIA_JSON,
  type RouteMatch,
  type RouteName,
  S2Error,
} from "@s2kit/core";
import type { AskedShards } from "../backend/shards/asked-shards.js";
import type { RouteLabel } from "../telemetry/request-telemetry.js";
import type { Exchange, ResponseHeaders } from "./exchange.js";

export interface Reply {
  readonly status: number;
  readonly headers: ResponseHeaders;
  readonly body: Uint8Array | undefined;
  /**
   * A page about the server itself: sent also when memory is short, for that is when it is wanted.
   */
  readonly isForOperators?: boolean;
}

/** The route answers through the exchange itself: a session. */
export const TAKEN = "taken";

const NO_BYTES = new Uint8Array(0);

const JSON_HEADERS: ResponseHeaders = { "content-type": MEDIA_JSON };

export function jsonReply(status: number, json: unknown, headers?: ResponseHeaders): Reply {
  return {
    status,
    headers: headers === undefined ? JSON_HEADERS : { ...JSON_HEADERS, ...headers },
    body: Buffer.from(JSON.stringify(json)),
  };
}

export function bytesReply(contentType: string, body: Uint8Array): Reply {
  return { status: 200, headers: { "content-type": contentType }, body };
}

/** No body and no content type: some clients would try to parse one. */
export function emptyReply(status: number, headers: ResponseHeaders = {}): Reply {
  return { status, headers, body: undefined };
}

export function errorReply(error: S2Error, headers: ResponseHeaders = {}): Reply {
  const { status, body } = errorToWire(error);
  const hint: ResponseHeaders =
    error.retryAfterMs === undefined ? {} : { [HEADER_RETRY_AFTER_MS]: error.retryAfterMs };
  return jsonReply(status, body, { ...headers, ...hint });
}

/** The reply of a failed request, where a protocol has words of its own for it. */
export type FailureHandler = (
  exchange: Exchange,
  error: S2Error,
  headers: ResponseHeaders,
) => Reply;

/** What failures need of a router. */
export interface FailureComponents {
  /** Who tells the failures of a route. Default: `errorReply`. */
  readonly failures: Readonly<Partial<Record<RouteName, FailureHandler>>>;
  /** A failure that is a bug here, not the client's doing. */
  onUnexpected(error: unknown): void;
}

/** The reply of a failed request, held back until the state that it reports is durable. */
export async function failureReply(
  components: FailureComponents,
  exchange: Exchange,
  { route, asked }: { readonly route: RouteLabel; readonly asked: AskedShards },
  caught: unknown,
): Promise<Reply> {
  const error = S2Error.from(caught);
  const handlers: Readonly<Partial<Record<RouteLabel, FailureHandler>>> = components.failures;
  const own = handlers[route];
  const tell = (failure: S2Error, headers: ResponseHeaders = {}): Reply =>
    own?.(exchange, failure, headers) ?? errorReply(failure, headers);
  if (error.code === "INTERNAL_ERROR") components.onUnexpected(caught);
  try {
    await asked.barrier();
    // A refusal may come from the state too. What failed otherwise tells of itself.
    if (error.status < 500) asked.requireFresh();
  } catch (failure) {
    return tell(S2Error.from(failure));
  }
  return tell(error, error.code === "authn" ? { "www-authenticate": "Bearer" } : {});
}

/** @param allow - what the resource can do instead */
export function methodNotAllowed(allow: string): Reply {
  const message = `method not allowed: expected ${allow}`;
  return errorReply(new S2Error({ code: "method_not_allowed", message }), { allow });
}

/** Longer bodies count as held until the client took them; shorter ones fit into socket buffers. */
const MIN_HELD_BYTES = 16 * 1024;

/** @param isHead - send everything but the body */
export function sendReply(exchange: Exchange, reply: Reply, isHead: boolean): void {
  const body = reply.body ?? NO_BYTES;
  // Without room of its own a page still counts as output, and gives way when nobody takes it.
  const needsRoom = body.length > MIN_HELD_BYTES && reply.isForOperators !== true;
  if (needsRoom && !isHead && exchange.bodyGuard !== undefined) {
    let refusal: S2Error | undefined;
    const held = exchange.bodyGuard.open("replies", (error) => {
      refusal = error;
      // Too slow: the status is sent, so nothing is left to say.
      if (exchange.hasResponded) exchange.abort();
    });
    exchange.onClose(() => held.release());
    held.hold(body.length);
    if (refusal !== undefined) {
      held.release();
      send(exchange, errorReply(refusal), isHead);
      return;
    }
  }
  send(exchange, reply, isHead);
}

function send(exchange: Exchange, reply: Reply, isHead: boolean): void {
  const body = reply.body ?? NO_BYTES;
  // 204 must not carry a length.
  const headers: ResponseHeaders =
    reply.status === 204 ? reply.headers : { ...reply.headers, "content-length": body.length };
  exchange.respond(reply.status, headers);
  exchange.end(isHead || body.length === 0 ? undefined : body);
}

/** What a resource can do, for who asks without a preflight. `*` asks about the server as such. */
export function optionsReply(match: RouteMatch, path: string): Reply {
  if (path === "*") return emptyReply(204, { allow: ALL_METHODS });
  if (match.kind === "not-found") return errorReply(notFound(path));
  const allowed = match.kind === "route" ? ["OPTIONS"] : match.allowed;
  return emptyReply(204, { allow: allowedMethods(allowed, true) });
}

const ALL_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

/** The `allow` header: HEAD goes wherever GET does. */
export function allowedMethods(methods: readonly string[], hasOptions: boolean): string {
  const all = methods.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]));
  return [...all, ...(hasOptions ? ["OPTIONS"] : [])].join(", ");
}

/** Below these a name is one segment, and people forget to encode its slashes. */
const NAMED = /^\/v1\/(basins\/[^/]+\/)?(streams|metrics|access-tokens)\/[^/]+\/./;

export function notFound(path: string): S2Error {
  const hint = NAMED.test(path) ? ": a `/` in a name is written `%2F`" : "";
  return new S2Error({ code: "not_found", message: `no such route${hint}` });
}
