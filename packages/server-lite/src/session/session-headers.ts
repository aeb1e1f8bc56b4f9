// Response headers of streaming answers: proxies must neither buffer nor rewrite them.
// Not for unary answers. Spec: data plane section 0.2.

import type { ResponseHeaders } from "../exchange/exchange.js";

export function sessionHeaders(contentType: string): ResponseHeaders {
  return {
    "content-type": contentType,
    "cache-control": "no-cache, no-store, no-transform",
    "x-accel-buffering": "no",
  };
}
