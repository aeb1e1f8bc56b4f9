// Failures of the network and of this process, classified once, where they are born, by code and
// never by fragments of English text. Everything that leaves the client is an S2Error of core.
// Spec: sdk#errors, sdk#what-may-be-retried.

import { S2Error } from "@s2kit/core";

/** Depth to which causes are searched for a code. */
const MAX_CAUSES = 8;

/** Failures before any byte of the request left, TLS among them. */
const NOT_CONNECTED =
  /^(ECONNREFUSED|EAI_AGAIN|ERR_HTTP2_ERROR|(ERR_TLS|ERR_SSL|CERT|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)_.*)$/;
const CONNECT_TIMEOUT = "UND_ERR_CONNECT_TIMEOUT";
/** The connection broke at an unknown point: the request may have taken effect. */
const BROKEN =
  /^(ECONNRESET|EPIPE|ETIMEDOUT|E(NET|HOST)UNREACH|ERR_STREAM_PREMATURE_CLOSE|ERR_HTTP2_(GOAWAY_SESSION|INVALID_SESSION|SESSION_ERROR|STREAM_ERROR|STREAM_CANCEL)|UND_ERR_(SOCKET|HEADERS_TIMEOUT|BODY_TIMEOUT|CLOSED|DESTROYED))$/;
/** What the fetch implementations of the field say, compared for equality. */
const FETCH_MESSAGES: ReadonlySet<string> = new Set([
  "fetch failed",
  "failed to fetch",
  "networkerror when attempting to fetch resource",
  "network error",
  "load failed",
  "other side closed",
  "terminated",
  "network connection lost",
]);

/** The reason of an aborted signal as the error that everything rejects with. */
export function abortedError(
  signal?: { readonly reason: unknown },
  message = "the caller aborted",
): S2Error {
  const reason: unknown = signal?.reason;
  if (reason instanceof S2Error) return reason;
  return new S2Error({ code: "ABORTED", message, cause: reason });
}

export function closedError(what: string, cause?: unknown): S2Error {
  return new S2Error({ code: "SESSION_CLOSED", message: `${what} is closed`, cause });
}

export function invalidArgument(message: string): S2Error {
  return new S2Error({ code: "INVALID_ARGUMENT", message });
}

/** @param isUnsent - true when it is certain that nothing was sent yet */
export function timeoutError(what: string, timeoutMillis: number, isUnsent = false): S2Error {
  return new S2Error({
    code: "TIMEOUT",
    message: `${what} took too long timeoutMillis=${timeoutMillis}`,
    origin: "network",
    hasNoSideEffects: isUnsent,
  });
}

export function protocolError(message: string, cause?: unknown): S2Error {
  return new S2Error({ code: "PROTOCOL_ERROR", message, origin: "network", cause });
}

/** A reply that breaks the protocol, as the codecs report it. */
export function decodeError(caught: unknown): S2Error {
  if (caught instanceof S2Error && caught.code === "UNSAFE_INTEGER") return caught;
  const detail = caught instanceof S2Error ? caught.rawMessage : String(caught);
  return protocolError(`malformed reply: ${detail}`, caught);
}

/** What a decoder of a reply gives. @throws {S2Error} by {@link decodeError} where it fails */
export function decoded<T>(decode: () => T): T {
  try {
    return decode();
  } catch (caught) {
    throw decodeError(caught);
  }
}

/** The failure of a dial: no byte of any request was sent. */
export function connectError(caught: unknown): S2Error {
  const code = codeOf(caught);
  if (code === "ENOTFOUND") return notFoundHost(caught);
  return network("CONNECTION_FAILED", `cannot connect: ${textOf(caught, code)}`, caught);
}

export function connectTimeoutError(timeoutMillis: number): S2Error {
  return new S2Error({
    code: "CONNECTION_TIMEOUT",
    message: `connecting took too long timeoutMillis=${timeoutMillis}`,
    origin: "network",
  });
}

/** Classifies what `fetch` or a socket threw. */
export function networkError(caught: unknown): S2Error {
  if (caught instanceof S2Error) return caught;
  const code = codeOf(caught);
  if (code === "ENOTFOUND") return notFoundHost(caught);
  if (code !== undefined && NOT_CONNECTED.test(code))
    return network("CONNECTION_FAILED", `cannot connect: ${textOf(caught, code)}`, caught);
  if (code === CONNECT_TIMEOUT)
    return network("CONNECTION_TIMEOUT", "connecting took too long", caught);
  if ((code !== undefined && BROKEN.test(code)) || isFetchFailure(caught))
    return network("NETWORK_ERROR", `connection broke: ${textOf(caught, code)}`, caught);
  return S2Error.from(caught);
}

/** The server ended its answer although batches were not acknowledged. */
export function unackedEnd(): S2Error {
  return new S2Error({
    code: "BAD_GATEWAY",
    message: "session ended with unacknowledged batches",
    origin: "network",
  });
}

/** The connection ended before the reply did. */
export function prematureEnd(what: string): S2Error {
  return new S2Error({
    code: "STREAM_CLOSED_PREMATURELY",
    message: `${what} ended before it was complete`,
    origin: "network",
  });
}

/** The reply was an error, but its reason was lost on the way. */
export function brokenReason(status: number, cause: S2Error): S2Error {
  return new S2Error({
    code: "NETWORK_ERROR",
    message: `error response broke off status=${status}`,
    origin: "network",
    status,
    cause,
  });
}

/** A stream that the peer refused before looking at it: certain to have had no effect. */
export function refusedStreamError(): S2Error {
  return new S2Error({
    code: "NETWORK_ERROR",
    message: "the peer refused the stream unprocessed",
    origin: "network",
    hasNoSideEffects: true,
  });
}

/** A name that does not resolve is a mistake in an endpoint far more often than an outage. */
function notFoundHost(cause: unknown): S2Error {
  return new S2Error({
    code: "CONNECTION_FAILED",
    message: "host name does not resolve",
    origin: "network",
    retryable: false,
    cause,
  });
}

function network(
  code: "CONNECTION_FAILED" | "CONNECTION_TIMEOUT" | "NETWORK_ERROR",
  message: string,
  cause: unknown,
): S2Error {
  return new S2Error({ code, message, origin: "network", cause });
}

/** Looks along the causes; bounded, because they may form a ring. */
function codeOf(caught: unknown): string | undefined {
  let at: unknown = caught;
  for (let depth = 0; depth < MAX_CAUSES && typeof at === "object" && at !== null; depth++) {
    const code: unknown = Reflect.get(at, "code");
    if (typeof code === "string") return code;
    const [first]: unknown[] = at instanceof AggregateError ? at.errors : [];
    at = Reflect.get(at, "cause") ?? first;
  }
  return undefined;
}

function isFetchFailure(caught: unknown): boolean {
  if (!(caught instanceof TypeError)) return false;
  return FETCH_MESSAGES.has(caught.message.toLowerCase().replace(/[.!\s]+$/, ""));
}

function textOf(caught: unknown, code: string | undefined): string {
  if (code !== undefined) return `code=${code}`;
  return caught instanceof Error ? caught.message : String(caught);
}

/** Waits for a deletion; with `ignoreNotFound` a missing resource is success. */
export async function ignoringNotFound(
  ignoreNotFound: boolean | undefined,
  deletion: Promise<unknown>,
): Promise<void> {
  try {
    await deletion;
  } catch (caught) {
    if (ignoreNotFound !== true || !(caught instanceof S2Error) || caught.status !== 404)
      throw caught;
  }
}
