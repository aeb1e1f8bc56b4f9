// Cross-origin rules: which browser origins may call, what a preflight answers, which headers a
// response shows them. Tokens travel in a header that scripts set, never by themselves, so no
// answer allows credentials. Spec: control-plane#browsers, docs/decisions/0053.

import { HEADER_BASIN, HEADER_PROVISION_RESULT, HEADER_RETRY_AFTER_MS, S2Error } from "@s2kit/core";
import type { Exchange, ResponseHeaders } from "./exchange.js";
import { checkOrigins, isLoopbackOrigin, isSameOrigin } from "./origins.js";
import { emptyReply, type Reply } from "./reply.js";

/**
 * Origins that may call from a browser: all, a list, or none (`false`: no CORS headers at all).
 * Without authentication a list is beside the origins of this machine. Pages of the server itself
 * always may.
 */
export type CorsSettings = { readonly origins: "*" | readonly string[] } | false;

/** What {@link CorsSettings} come to, once it is known whether the server asks for tokens. */
export type CorsRules =
  | false
  | {
      readonly isEveryone: boolean;
      readonly isLoopback: boolean;
      readonly listed: readonly string[];
    };

/**
 * @param settings - undefined: every origin with authentication, those of this machine without
 * @throws {S2Error} `INVALID_ARGUMENT`
 */
export function resolveCors(settings: CorsSettings | undefined, auth: boolean): CorsRules {
  if (settings === false) return false;
  const origins = settings?.origins ?? (auth ? "*" : []);
  const isEveryone = origins === "*" || (origins.length === 1 && origins[0] === "*");
  if (isEveryone && !auth)
    throw new S2Error({
      code: "INVALID_ARGUMENT",
      message:
        "cors for every origin would let any web page use a server that asks for no token: name the origins, or turn auth on",
    });
  return { isEveryone, isLoopback: !auth, listed: isEveryone ? [] : checkOrigins(origins) };
}

export interface Cors {
  /** False when browsers are told nothing, and OPTIONS is no method. */
  readonly isOn: boolean;
  /**
   * True when a browser page of this origin may use the server. Absent origin: not a browser.
   *
   * @param host - of the same request
   */
  isAllowed(origin: string | undefined, host: string | undefined): boolean;
  /** Headers for any response to this request. */
  headersFor(exchange: Exchange): ResponseHeaders;
  /** The answer to a preflight; undefined when the request is none, or CORS is off. */
  preflight(exchange: Exchange): Reply | undefined;
}

/** What scripts may read beside the harmless headers. */
const EXPOSED = [HEADER_PROVISION_RESULT, HEADER_RETRY_AFTER_MS, "content-encoding"].join(", ");
const PREFLIGHT_MAX_AGE_SECS = 600;
const VARY_BY_ORIGIN: ResponseHeaders = { vary: "origin" };

export function createCors(rules: CorsRules): Cors {
  const isListed = (origin: string): boolean =>
    rules !== false &&
    (rules.isEveryone ||
      rules.listed.includes(origin) ||
      (rules.isLoopback && isLoopbackOrigin(origin)));
  const isAllowed = (origin: string | undefined, host: string | undefined): boolean =>
    origin === undefined || isListed(origin) || isSameOrigin(origin, host);
  const isExchangeAllowed = (exchange: Exchange): boolean =>
    isAllowed(exchange.header("origin"), exchange.header("host"));
  return {
    isOn: rules !== false,
    isAllowed,
    headersFor(exchange) {
      if (rules === false) return {};
      const origin = exchange.header("origin");
      // Also without an origin: the answer would differ with one.
      if (origin === undefined || !isExchangeAllowed(exchange)) return VARY_BY_ORIGIN;
      return {
        "access-control-allow-origin": origin,
        "access-control-expose-headers": EXPOSED,
        vary: "origin",
      };
    },
    preflight(exchange) {
      if (exchange.method !== "OPTIONS" || rules === false) return undefined;
      const method = exchange.header("access-control-request-method");
      if (method === undefined) return undefined;
      if (!isExchangeAllowed(exchange)) return emptyReply(204);
      return emptyReply(204, {
        "access-control-allow-methods": method,
        "access-control-allow-headers":
          exchange.header("access-control-request-headers") ?? HEADER_BASIN,
        "access-control-max-age": PREFLIGHT_MAX_AGE_SECS,
      });
    },
  };
}
