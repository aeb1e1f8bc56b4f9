// The closed table of error codes. Three questions, one row for each code: a new code does not
// compile until each is answered.
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

/** Codes that servers answer with. */
export type ServerErrorCode = (typeof SERVER_ERROR_CODES)[number];

/**
 * Codes for what lies outside the API: an unknown route or method, too long a body of OTLP, a node
 * that has not got what it is asked for. They
 * are not in the public table on purpose: a public code under a foreign status confuses clients.
 */
export type RouteErrorCode =
  | "content_too_large"
  | "method_not_allowed"
  | "misdirected"
  | "not_found"
  | "unsupported_media_type";

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

/** Every code that an error can have. Codes are stable; messages are not. */
export type ErrorCode = ServerErrorCode | RouteErrorCode | StructuredErrorCode | LocalErrorCode;

const SERVER_ERROR_CODE_SET: ReadonlySet<string> = /* @__PURE__ */ new Set(SERVER_ERROR_CODES);

/** True for a code that servers answer with. */
export function isServerErrorCode(code: string): code is ServerErrorCode {
  return SERVER_ERROR_CODE_SET.has(code);
}

/** What a code means. */
type Meaning = readonly [status: number, isRetryable: boolean, hasNoSideEffects: boolean];

/** The status is 0 for failures that never were a response. */
const MEANINGS: Readonly<Record<ErrorCode, Meaning>> = {
  ABORTED: [0, false, false],
  APPEND_CONDITION_FAILED: [412, false, true],
  BAD_GATEWAY: [0, true, false],
  CONNECTION_FAILED: [0, true, true],
  CONNECTION_TIMEOUT: [0, true, true],
  FRAME_SIZE: [0, false, true],
  INTERNAL_ERROR: [0, false, false],
  INVALID_ARGUMENT: [0, false, true],
  NETWORK_ERROR: [0, true, false],
  PROTOCOL_ERROR: [0, false, false],
  RANGE_NOT_SATISFIABLE: [416, false, true],
  SESSION_CLOSED: [0, false, false],
  STREAM_CLOSED_PREMATURELY: [0, true, false],
  TIMEOUT: [0, true, false],
  UNSAFE_INTEGER: [0, false, false],
  access_token_not_found: [404, false, true],
  authn: [401, false, true],
  bad_frame: [400, false, true],
  bad_header: [400, false, true],
  bad_json: [400, false, true],
  bad_path: [400, false, true],
  bad_proto: [400, false, true],
  bad_query: [400, false, true],
  basin_deletion_pending: [409, false, true],
  basin_not_found: [404, false, true],
  content_too_large: [413, false, true],
  client_hangup: [499, false, false],
  decryption_failed: [400, false, true],
  hot_server: [502, true, true],
  invalid: [422, false, true],
  method_not_allowed: [405, false, true],
  misdirected: [421, true, true],
  not_found: [404, false, true],
  not_implemented: [501, false, true],
  other: [500, true, false],
  permission_denied: [403, false, true],
  quota_exhausted: [403, false, true],
  rate_limited: [429, true, true],
  request_timeout: [408, true, false],
  resource_already_exists: [409, false, true],
  server_draining: [503, true, true],
  storage: [500, true, false],
  stream_deletion_pending: [409, false, true],
  stream_not_found: [404, false, true],
  transaction_conflict: [409, true, true],
  unavailable: [503, true, false],
  unsupported_media_type: [415, false, true],
  upstream_timeout: [504, true, false],
};

function meaningOf(code: ErrorCode): Meaning {
  return MEANINGS[code] ?? unreachable(code as never);
}

/** The HTTP status of a code; 0 for failures that never were a response. */
export function statusOf(code: ErrorCode): number {
  return meaningOf(code)[0];
}

/** True when the same request may succeed later without a change. */
export function isRetryable(code: ErrorCode): boolean {
  return meaningOf(code)[1];
}

/** True when the failure guarantees that nothing happened: even an append may be retried. */
export function hasNoSideEffects(code: ErrorCode): boolean {
  return meaningOf(code)[2];
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
