// What the query of a read by server-sent events says in place of headers: the `EventSource` of
// browsers sends none of its own. Each parameter stands in for one header, where that is absent: a
// header is newer, since a browser repeats its URL when it resumes, with a newer `Last-Event-ID`.
// Only such reads are asked: elsewhere these are parameters that nobody knows.
// Spec: data-plane#parameters-in-place-of-headers, data-plane#read-tickets, docs/decisions/0109.

import {
  HEADER_BASIN,
  HEADER_FORMAT,
  HEADER_LAST_EVENT_ID,
  mediaKindOf,
  type RouteMatch,
  type RouteName,
  S2Error,
} from "@s2kit/core";
import type { Exchange } from "./exchange.js";
import { basinOf, singleParam } from "./request.js";

/** A header that a parameter can stand in for. */
export type StandInHeader =
  | typeof HEADER_BASIN
  | typeof HEADER_FORMAT
  | typeof HEADER_LAST_EVENT_ID;

const PARAMS: Readonly<Record<StandInHeader, string>> = {
  [HEADER_BASIN]: "basin",
  [HEADER_FORMAT]: "format",
  [HEADER_LAST_EVENT_ID]: "last_event_id",
};

/** A read whose answer is an event stream. */
export function isEventSource(route: RouteName, exchange: Exchange): boolean {
  return (
    route === "read" &&
    mediaKindOf(exchange.header("content-type")) !== "s2s" &&
    mediaKindOf(exchange.header("accept")) === "event-stream"
  );
}

/**
 * The ticket that a request is to be let in by; undefined where a token is asked for.
 *
 * @throws {S2Error} `authn` when there are several
 */
export function ticketOf(
  route: RouteName,
  exchange: Exchange,
  query: URLSearchParams,
): string | undefined {
  if (exchange.header("authorization") !== undefined) return undefined;
  if (!query.has("ticket") || !isEventSource(route, exchange)) return undefined;
  const [ticket, ...others] = query.getAll("ticket");
  if (others.length === 0) return ticket;
  throw new S2Error({ code: "authn", message: "read ticket is given more than once" });
}

/** Where headers are looked up: an exchange, or what stands in for it. */
export type HeaderSource = Pick<Exchange, "header">;

/**
 * The basin of a basin-level request, which a read of events may name in its query too.
 *
 * @param zone - as {@link basinOf} takes it
 * @throws {S2Error} `bad_path`, `bad_header`, `bad_query`
 */
export function basinFor(
  exchange: Exchange,
  query: URLSearchParams,
  { name, basin }: Extract<RouteMatch, { kind: "route" }>,
  zone: string | undefined,
): string {
  const read = (source: HeaderSource): string => basinOf(source, basin, zone);
  // Few requests name one there, and what kind of read it is costs two headers to tell.
  if (!query.has(PARAMS[HEADER_BASIN]) || !isEventSource(name, exchange)) return read(exchange);
  return headerOrParam(exchange, query, HEADER_BASIN, read);
}

/**
 * Reads a header, or in its place the parameter of its own, where the header is absent.
 *
 * @param read - what is wrong with a header is `bad_header`
 * @throws {S2Error} `bad_query` for what is wrong with the parameter; and what `read` throws
 */
export function headerOrParam<T>(
  exchange: Exchange,
  query: URLSearchParams,
  header: StandInHeader,
  read: (source: HeaderSource) => T,
): T {
  const param = PARAMS[header];
  if (!query.has(param) || exchange.header(header) !== undefined) return read(exchange);
  const value = singleParam(query, param);
  try {
    return read({ header: (name) => (name === header ? value : exchange.header(name)) });
  } catch (cause) {
    const { code, rawMessage } = S2Error.from(cause);
    if (code !== "bad_header") throw cause;
    const why = rawMessage.replace(/^Invalid header `[^`]*`: /, "");
    const message = `Invalid query parameter \`${param}\`: ${why}`;
    throw new S2Error({ code: "bad_query", message, cause });
  }
}
