// The one error of a benchmark that read something else than it wrote: exit code 9.
// Spec: cli#verification.

import { CliError } from "../values/failure.js";

export function mismatch(what: string): CliError {
  return new CliError(`Benchmark verification failed: ${what}`, {
    exitCode: 9,
    hint: "is something else writing to this stream?",
  });
}
