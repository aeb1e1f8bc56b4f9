// Cross-origin rules: which browser origins may call, what a preflight answers, which headers a
// response shows them. Says nothing about who the caller is. Spec: control plane section 1.9.

import { HEADER_BASIN, HEADER_PROVISION_RESULT, HEADER_RETRY_AFTER_MS } from "@s2kit/core";
import type { Exchange, ResponseHeaders } from "./exchange.js";
import { emptyReply, type Reply } from "./reply.js";

/** Origins that may call from a browser: all, a list, or none (`false`: no CORS headers at all). */
export type CorsSettings = { readonly origins: "*" | readonly string[] } | false;

export interface Cors {
  /** True when a browser page of this origin may use the server. Absent origin: not a browser. */
  isAllowed(origin: string | undefined): boolean;
  /** Headers for any response to this request. */
  headersFor(exchange: Exchange): ResponseHeaders;
  /** The answer to a preflight; undefined when the request is none, or CORS is off. */
  preflight(exchange: Exchange): Reply | undefined;
}

/** What scripts may read beside the harmless headers. */
const EXPOSED = [HEADER_PROVISION_RESULT, HEADER_RETRY_AFTER_MS, "content-encoding"].join(", ");
const PREFLIGHT_MAX_AGE_SECS = 600;

export function createCors(settings: CorsSettings): Cors {
  const isAllowed = (origin: string | undefined): boolean => {
    if (origin === undefined) return true;
    if (settings === false) return false;
    return settings.origins === "*" || settings.origins.includes(origin);
  };
  const headersFor = (exchange: Exchange): ResponseHeaders => {
    const origin = exchange.header("origin");
    if (origin === undefined || settings === false || !isAllowed(origin)) return {};
    return {
      "access-control-allow-origin": origin,
      "access-control-allow-credentials": "true",
      "access-control-expose-headers": EXPOSED,
      vary: "origin",
    };
  };
  return {
    isAllowed,
    headersFor,
    preflight(exchange) {
      if (exchange.method !== "OPTIONS" || settings === false) return undefined;
      const method = exchange.header("access-control-request-method");
      if (method === undefined || !isAllowed(exchange.header("origin"))) return emptyReply(204);
      return emptyReply(204, {
        "access-control-allow-methods": method,
        "access-control-allow-headers":
          exchange.header("access-control-request-headers") ?? HEADER_BASIN,
        "access-control-max-age": PREFLIGHT_MAX_AGE_SECS,
      });
    },
  };
}
