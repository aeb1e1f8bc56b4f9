// Response headers of streaming answers: proxies must neither buffer nor rewrite them.
// Not for unary answers. Spec: data-plane#which-format-is-spoken.

import type { ResponseHeaders } from "../exchange/exchange.js";

export function sessionHeaders(contentType: string): ResponseHeaders {
  return {
    "content-type": contentType,
    "cache-control": "no-cache, no-store, no-transform",
    "x-accel-buffering": "no",
  };
}
