// A server that answers the first bytes of HTTP/2 with something else, as one behind an HTTP/1.1
// proxy does: told apart from one that cannot be reached, and said with what works instead. Spec:
// sdk#which-carrier.

import { S2Error } from "@s2kit/core";

/** In TLS, the name of the protocol is refused; in the clear, the answer makes no sense. */
const REFUSALS = /^(ERR_HTTP2_ERROR|ERR_SSL_\w*NO_APPLICATION_PROTOCOL)$/;

/** True for the failure of a connection on which the peer never spoke HTTP/2. */
export function refusesHttp2(caught: unknown): boolean {
  if (typeof caught !== "object" || caught === null || !("code" in caught)) return false;
  return typeof caught.code === "string" && REFUSALS.test(caught.code);
}

/** @param hasSpoken - somebody at this address has spoken HTTP/2 before: it may do so again */
export function http2RefusedError(caught: unknown, hasSpoken: boolean): S2Error {
  return new S2Error({
    code: "CONNECTION_FAILED",
    message:
      "the server, or a proxy in front of it, does not speak HTTP/2: leave the option transport out, or set it to fetch or ws transport=s2s",
    origin: "network",
    retryable: hasSpoken,
    cause: caught,
  });
}
