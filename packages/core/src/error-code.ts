// The closed table of error codes. Three questions, three exhaustive switches without a default
// arm: a new code does not compile until each is answered.
// Spec: control-plane#error-codes, sdk#errors.

import { unreachable } from "./assert.js";

/** Codes of the public API, as servers send them in `{"code","message"}`. */
export const SERVER_ERROR_CODES = [
  "access_token_not_found",
  "authn",
  "bad_frame",
  "bad_header",
  "bad_json",
  "bad_path",
  "bad_proto",
  "bad_query",
  "basin_deletion_pending",
  "basin_not_found",
  "client_hangup",
  "decryption_failed",
  "hot_server",
  "invalid",
  "not_implemented",
  "other",
  "permission_denied",
  "quota_exhausted",
  "rate_limited",
  "request_timeout",
  "resource_already_exists",
  "server_draining",
  "storage",
  "stream_deletion_pending",
  "stream_not_found",
  "transaction_conflict",
  "unavailable",
  "upstream_timeout",
] as const;

export type ServerErrorCode = (typeof SERVER_ERROR_CODES)[number];

/**
 * Codes for what lies outside the API: an unknown route or method. They are not in the public
 * table on purpose: a public code under a foreign status confuses clients.
 */
export type RouteErrorCode = "method_not_allowed" | "not_found" | "unsupported_media_type";

/** The two failures whose wire body has no code: 412 and 416. */
export type StructuredErrorCode = "APPEND_CONDITION_FAILED" | "RANGE_NOT_SATISFIABLE";

/** Failures that arise on the caller's side and never cross the wire. */
export type LocalErrorCode =
  | "ABORTED"
  | "BAD_GATEWAY"
  | "CONNECTION_FAILED"
  | "CONNECTION_TIMEOUT"
  | "FRAME_SIZE"
  | "INTERNAL_ERROR"
  | "INVALID_ARGUMENT"
  | "NETWORK_ERROR"
  | "PROTOCOL_ERROR"
  | "SESSION_CLOSED"
  | "STREAM_CLOSED_PREMATURELY"
  | "TIMEOUT"
  | "UNSAFE_INTEGER";

export type ErrorCode = ServerErrorCode | RouteErrorCode | StructuredErrorCode | LocalErrorCode;

const SERVER_ERROR_CODE_SET: ReadonlySet<string> = /* @__PURE__ */ new Set(SERVER_ERROR_CODES);

export function isServerErrorCode(code: string): code is ServerErrorCode {
  return SERVER_ERROR_CODE_SET.has(code);
}

/** The HTTP status of a code; 0 for failures that never were a response. */
export function statusOf(code: ErrorCode): number {
  switch (code) {
    case "bad_frame":
    case "bad_header":
    case "bad_json":
    case "bad_path":
    case "bad_proto":
    case "bad_query":
    case "decryption_failed":
      return 400;
    case "authn":
      return 401;
    case "permission_denied":
    case "quota_exhausted":
      return 403;
    case "access_token_not_found":
    case "basin_not_found":
    case "not_found":
    case "stream_not_found":
      return 404;
    case "method_not_allowed":
      return 405;
    case "request_timeout":
      return 408;
    case "basin_deletion_pending":
    case "resource_already_exists":
    case "stream_deletion_pending":
    case "transaction_conflict":
      return 409;
    case "APPEND_CONDITION_FAILED":
      return 412;
    case "unsupported_media_type":
      return 415;
    case "RANGE_NOT_SATISFIABLE":
      return 416;
    case "invalid":
      return 422;
    case "rate_limited":
      return 429;
    case "client_hangup":
      return 499;
    case "other":
    case "storage":
      return 500;
    case "not_implemented":
      return 501;
    case "hot_server":
      return 502;
    case "server_draining":
    case "unavailable":
      return 503;
    case "upstream_timeout":
      return 504;
    case "ABORTED":
    case "BAD_GATEWAY":
    case "CONNECTION_FAILED":
    case "CONNECTION_TIMEOUT":
    case "FRAME_SIZE":
    case "INTERNAL_ERROR":
    case "INVALID_ARGUMENT":
    case "NETWORK_ERROR":
    case "PROTOCOL_ERROR":
    case "SESSION_CLOSED":
    case "STREAM_CLOSED_PREMATURELY":
    case "TIMEOUT":
    case "UNSAFE_INTEGER":
      return 0;
    default:
      return unreachable(code);
  }
}

/** True when the same request may succeed later without a change. */
export function isRetryable(code: ErrorCode): boolean {
  switch (code) {
    case "BAD_GATEWAY":
    case "CONNECTION_FAILED":
    case "CONNECTION_TIMEOUT":
    case "NETWORK_ERROR":
    case "STREAM_CLOSED_PREMATURELY":
    case "TIMEOUT":
    case "hot_server":
    case "other":
    case "rate_limited":
    case "request_timeout":
    case "server_draining":
    case "storage":
    case "transaction_conflict":
    case "unavailable":
    case "upstream_timeout":
      return true;
    case "ABORTED":
    case "APPEND_CONDITION_FAILED":
    case "FRAME_SIZE":
    case "INTERNAL_ERROR":
    case "INVALID_ARGUMENT":
    case "PROTOCOL_ERROR":
    case "RANGE_NOT_SATISFIABLE":
    case "SESSION_CLOSED":
    case "UNSAFE_INTEGER":
    case "access_token_not_found":
    case "authn":
    case "bad_frame":
    case "bad_header":
    case "bad_json":
    case "bad_path":
    case "bad_proto":
    case "bad_query":
    case "basin_deletion_pending":
    case "basin_not_found":
    case "client_hangup":
    case "decryption_failed":
    case "invalid":
    case "method_not_allowed":
    case "not_found":
    case "not_implemented":
    case "permission_denied":
    case "quota_exhausted":
    case "resource_already_exists":
    case "stream_deletion_pending":
    case "stream_not_found":
    case "unsupported_media_type":
      return false;
    default:
      return unreachable(code);
  }
}

/** True when the failure guarantees that nothing happened: even an append may be retried. */
export function hasNoSideEffects(code: ErrorCode): boolean {
  switch (code) {
    case "ABORTED":
    case "BAD_GATEWAY":
    case "INTERNAL_ERROR":
    case "NETWORK_ERROR":
    case "PROTOCOL_ERROR":
    case "SESSION_CLOSED":
    case "STREAM_CLOSED_PREMATURELY":
    case "TIMEOUT":
    case "UNSAFE_INTEGER":
    case "client_hangup":
    case "other":
    case "request_timeout":
    case "storage":
    case "unavailable":
    case "upstream_timeout":
      return false;
    case "APPEND_CONDITION_FAILED":
    case "CONNECTION_FAILED":
    case "CONNECTION_TIMEOUT":
    case "FRAME_SIZE":
    case "INVALID_ARGUMENT":
    case "RANGE_NOT_SATISFIABLE":
    case "access_token_not_found":
    case "authn":
    case "bad_frame":
    case "bad_header":
    case "bad_json":
    case "bad_path":
    case "bad_proto":
    case "bad_query":
    case "basin_deletion_pending":
    case "basin_not_found":
    case "decryption_failed":
    case "hot_server":
    case "invalid":
    case "method_not_allowed":
    case "not_found":
    case "not_implemented":
    case "permission_denied":
    case "quota_exhausted":
    case "rate_limited":
    case "resource_already_exists":
    case "server_draining":
    case "stream_deletion_pending":
    case "stream_not_found":
    case "transaction_conflict":
    case "unsupported_media_type":
      return true;
    default:
      return unreachable(code);
  }
}

/**
 * Statuses that are retryable when the code is unknown or missing. Spec: sdk#what-may-be-retried.
 */
export function isRetryableStatus(status: number): boolean {
  switch (status) {
    case 408:
    case 429:
    case 500:
    case 502:
    case 503:
    case 504:
      return true;
    default:
      return false;
  }
}
