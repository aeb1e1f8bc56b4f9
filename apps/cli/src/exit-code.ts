// The exit codes that scripts may rely on, and the one place that maps a failure to its code.
// Documented in README.md; a test compares both. Spec: CLI section 1.3.

import { type ErrorCode, S2Error } from "@s2kit/core";
import { CliError } from "./failure.js";

export const EXIT: {
  readonly ok: 0;
  readonly failed: 1;
  readonly usage: 2;
  readonly auth: 3;
  readonly notFound: 4;
  readonly conflict: 5;
  readonly range: 6;
  readonly rate: 7;
  readonly unavailable: 8;
  readonly verification: 9;
  readonly interrupted: 130;
} = {
  ok: 0,
  failed: 1,
  usage: 2,
  auth: 3,
  notFound: 4,
  conflict: 5,
  range: 6,
  rate: 7,
  unavailable: 8,
  verification: 9,
  interrupted: 130,
};

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What each code means, in the words of the README. */
export const EXIT_MEANINGS: readonly (readonly [ExitCode, string])[] = [
  [EXIT.ok, "success"],
  [EXIT.failed, "any other failure; differences found by `diff --exit-code`"],
  [EXIT.usage, "wrong arguments, or a connection that is only half configured"],
  [EXIT.auth, "not authenticated, or not permitted"],
  [EXIT.notFound, "no such basin, stream or access token"],
  [EXIT.conflict, "already exists, being deleted, or an append condition failed"],
  [EXIT.range, "the read starts beyond the tail"],
  [EXIT.rate, "rate limit or quota"],
  [EXIT.unavailable, "server unreachable, unavailable or too slow"],
  [EXIT.verification, "verification failed: bytes differ"],
  [EXIT.interrupted, "interrupted by Ctrl-C or SIGTERM, after draining"],
];

export function exitCodeOf(failure: unknown): ExitCode {
  if (failure instanceof CliError) return failure.exitCode;
  if (failure instanceof S2Error) return exitCodeOfS2Error(failure);
  return EXIT.failed;
}

/** Codes that their status does not place, or that have none. */
const BY_CODE: Partial<Record<ErrorCode, ExitCode>> = {
  ABORTED: EXIT.interrupted,
  BAD_GATEWAY: EXIT.unavailable,
  CONNECTION_FAILED: EXIT.unavailable,
  CONNECTION_TIMEOUT: EXIT.unavailable,
  INVALID_ARGUMENT: EXIT.usage,
  NETWORK_ERROR: EXIT.unavailable,
  STREAM_CLOSED_PREMATURELY: EXIT.unavailable,
  TIMEOUT: EXIT.unavailable,
  quota_exhausted: EXIT.rate,
};

function exitCodeOfS2Error({ code, status }: S2Error): ExitCode {
  return BY_CODE[code] ?? exitCodeOfStatus(status);
}

function exitCodeOfStatus(status: number): ExitCode {
  switch (status) {
    case 401:
    case 403:
      return EXIT.auth;
    case 404:
      return EXIT.notFound;
    case 409:
    case 412:
      return EXIT.conflict;
    case 416:
      return EXIT.range;
    case 429:
      return EXIT.rate;
    case 408:
    case 502:
    case 503:
    case 504:
      return EXIT.unavailable;
    default:
      return EXIT.failed;
  }
}
