// The one place that maps a failure to its exit code. Spec: cli#streams-and-exit-codes.
// Failures of this program carry theirs; those of a server go by code and status.

import { type ErrorCode, S2Error } from "@s2kit/core";
import { EXIT, type ExitCode } from "../values/exit-codes.js";
import { CliError } from "../values/failure.js";

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
