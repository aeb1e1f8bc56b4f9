// How a failure is told to an exporter: it repeats a request for 429, 502, 503 and 504 alone, waits
// for seconds, and reads a Status in its own encoding. Whatever may pass gets such a status, since
// an exporter drops the rest. Spec: data-plane#otlp-answers.

import { mediaKindOf, type S2Error, statusOf } from "@s2kit/core";
import { encodeOtlpStatus } from "@s2kit/core/server";
import { errorReply, type FailureHandler } from "../exchange/reply.js";

/** The media type by which exporters name protobuf. */
export const MEDIA_OTLP_PROTOBUF = "application/x-protobuf";

const REPEATED_STATUSES: readonly number[] = [429, 502, 503, 504];

/** Without advice of the server. */
const RETRY_AFTER_SECS = 1;

/** Whether the same request may succeed later. */
export function mayPass(error: S2Error): boolean {
  // A deletion ends by itself, and then the name is free. A fault of ours is mended.
  if (error.code === "stream_deletion_pending" || error.code === "INTERNAL_ERROR") return true;
  return error.isRetryable;
}

/** The reply of a failed request. */
export const otlpFailure: FailureHandler = (exchange, error, headers) => {
  const reply = errorReply(error, headers);
  const status = mayPass(error) && !REPEATED_STATUSES.includes(reply.status) ? 503 : reply.status;
  const wait = REPEATED_STATUSES.includes(status)
    ? { "retry-after": secondsOf(error.retryAfterMs) }
    : {};
  const told = { ...reply, status, headers: { ...reply.headers, ...wait } };
  if (mediaKindOf(exchange.header("content-type")) !== "protobuf") return told;
  return {
    ...told,
    headers: { ...told.headers, "content-type": MEDIA_OTLP_PROTOBUF },
    body: encodeOtlpStatus(messageOf(error)),
  };
};

/** What our own error body says: of a fault of the server that is nothing but that it is one. */
function messageOf(error: S2Error): string {
  return statusOf(error.code) === 0 ? "internal server error" : error.message;
}

/** Exporters read whole seconds. */
function secondsOf(retryAfterMs: number | undefined): number {
  return retryAfterMs === undefined
    ? RETRY_AFTER_SECS
    : Math.max(RETRY_AFTER_SECS, Math.ceil(retryAfterMs / 1000));
}
