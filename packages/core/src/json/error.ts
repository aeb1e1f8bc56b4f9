// Errors on the wire: `{"code","message"}`, and the two structured bodies without a code. Reading
// trusts nothing: proxies answer HTML, empty bodies, or JSON of their own.
// Spec: control-plane#error-codes, data-plane#failed-conditions, data-plane#where-a-read-starts,
// control-plane#errors.

import {
  FencingTokenMismatchError,
  RangeNotSatisfiableError,
  S2Error,
  SeqNumMismatchError,
} from "../error.js";
import {
  hasNoSideEffects,
  isRetryable,
  isRetryableStatus,
  isServerErrorCode,
  statusOf,
} from "../error-code.js";
import { U64_BEYOND } from "../text/uint64.js";
import { positionFromJson, tailToJson } from "./records.js";

/** What goes on the wire for a failure: an HTTP response or a terminal frame. */
export interface WireError {
  readonly status: number;
  readonly body: unknown;
}

/** Longest part of a strange body that an error message quotes. */
const MAX_QUOTED_CHARS = 200;

/** Local failures must not leak their words: they leave as `other`. */
export function errorToWire(error: S2Error): WireError {
  if (error instanceof SeqNumMismatchError)
    return { status: 412, body: { seq_num_mismatch: error.expectedSeqNum } };
  if (error instanceof FencingTokenMismatchError)
    return { status: 412, body: { fencing_token_mismatch: error.expectedFencingToken } };
  if (error instanceof RangeNotSatisfiableError)
    return { status: 416, body: tailToJson(error.tail) };
  const status = statusOf(error.code);
  if (status === 0)
    return { status: 500, body: { code: "other", message: "internal server error" } };
  return { status, body: { code: error.code, message: error.rawMessage } };
}

/**
 * The error of a failed response or terminal frame.
 *
 * @param text - the body as it came
 */
export function errorFromWire(status: number, text: string, retryAfterMs?: number): S2Error {
  const body = parsedObject(text);
  return structuredError(status, body) ?? codedError(status, body, text, retryAfterMs);
}

function structuredError(
  status: number,
  body: Readonly<Record<string, unknown>>,
): S2Error | undefined {
  const { seq_num_mismatch: seqNum, fencing_token_mismatch: token, tail } = body;
  if (status === 412 && typeof seqNum === "number" && seqNum >= 0)
    return new SeqNumMismatchError(Math.min(seqNum, U64_BEYOND), "server");
  if (status === 412 && typeof token === "string")
    return new FencingTokenMismatchError(token, "server");
  if (status !== 416) return undefined;
  try {
    return new RangeNotSatisfiableError(positionFromJson(tail, "tail"), "server");
  } catch {
    return undefined;
  }
}

function codedError(
  status: number,
  body: Readonly<Record<string, unknown>>,
  text: string,
  retryAfterMs: number | undefined,
): S2Error {
  const message = typeof body.message === "string" ? body.message : quoted(text, status);
  const common = { message, status, origin: "server" as const, ...hint(retryAfterMs) };
  const { code } = body;
  if (typeof code !== "string" || !isServerErrorCode(code))
    return new S2Error({
      ...common,
      code: fallbackCode(status),
      retryable: isRetryableStatus(status),
      hasNoSideEffects: false,
    });
  // A known code under a foreign status is not what the table promises: do not retry.
  const isAsPromised = statusOf(code) === status;
  return new S2Error({
    ...common,
    code,
    retryable: isAsPromised && isRetryable(code),
    hasNoSideEffects: isAsPromised && hasNoSideEffects(code),
  });
}

type FallbackCode = "other" | "not_found" | "method_not_allowed" | "unsupported_media_type";

function fallbackCode(status: number): FallbackCode {
  switch (status) {
    case 404:
      return "not_found";
    case 405:
      return "method_not_allowed";
    case 415:
      return "unsupported_media_type";
    default:
      return "other";
  }
}

function hint(retryAfterMs: number | undefined): { retryAfterMs?: number } {
  return retryAfterMs === undefined ? {} : { retryAfterMs };
}

function quoted(text: string, status: number): string {
  const excerpt = text.slice(0, MAX_QUOTED_CHARS).trim();
  return excerpt === "" ? `empty error response status=${status}` : excerpt;
}

function parsedObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null
      ? (value as Readonly<Record<string, unknown>>)
      : {};
  } catch {
    return {};
  }
}
