// Failures that the command line itself finds. A usage error is found before any connection is
// made and ends with exit code 2; the hint is the next step to take. Never put a secret in either.

import type { ExitCode } from "./exit-codes.js";

export interface CliErrorOptions {
  readonly exitCode?: ExitCode;
  /** What the user can do now; one line or more. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

export class CliError extends Error {
  readonly exitCode: ExitCode;
  readonly hint: string | undefined;

  constructor(message: string, options: CliErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "CliError";
    this.exitCode = options.exitCode ?? 1;
    this.hint = options.hint;
  }
}

/** A mistake in the arguments: exit code 2. */
export function usageError(message: string, hint?: string): CliError {
  return new CliError(message, { exitCode: 2, hint });
}
