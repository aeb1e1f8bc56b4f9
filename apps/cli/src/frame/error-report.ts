// Turns whatever was thrown into what a person reads: a headline, its causes and the next step.
// Hints are chosen by code, never by English text, and never contain a token.
// Spec: cli#failures, cli#conventions.

import {
  type ErrorCode,
  FencingTokenMismatchError,
  RangeNotSatisfiableError,
  S2Error,
  SeqNumMismatchError,
} from "@s2kit/core";
import { CliError } from "../values/failure.js";
import type { Connection } from "./connection.js";
import type { Output } from "./output.js";

export interface ReportSettings {
  readonly connection?: Connection | undefined;
  readonly isDebug: boolean;
}

/** Writes the report to stderr, also when quiet. */
export function reportFailure(out: Output, failure: unknown, settings: ReportSettings): void {
  const { talk } = out;
  const lines = [`${talk.paint("Error:", "red", "bold")} ${messageOf(failure)}`];
  for (const cause of causesOf(failure)) lines.push(`  ${talk.paint("cause:", "dim")} ${cause}`);
  const hint = hintFor(failure, settings.connection);
  for (const line of hint?.split("\n") ?? [])
    lines.push(`  ${talk.paint("help:", "cyan")} ${line}`);
  if (settings.isDebug && failure instanceof Error && failure.stack !== undefined)
    lines.push(talk.paint(failure.stack, "dim"));
  out.stderr.write(`${lines.join("\n")}\n`);
}

/** The failure as one JSON object, for `--json`. */
export function failureToJson(failure: unknown, settings: ReportSettings): unknown {
  const hint = hintFor(failure, settings.connection);
  return {
    error: {
      code: failure instanceof S2Error ? failure.code : "CLI",
      message: messageOf(failure),
      ...(failure instanceof SeqNumMismatchError
        ? { seq_num_mismatch: failure.expectedSeqNum }
        : {}),
      ...(failure instanceof FencingTokenMismatchError
        ? { fencing_token_mismatch: failure.expectedFencingToken }
        : {}),
      ...(failure instanceof RangeNotSatisfiableError
        ? { tail: { seq_num: failure.tail.seqNum, timestamp: failure.tail.timestamp } }
        : {}),
      ...(hint === undefined ? {} : { hint }),
    },
  };
}

function messageOf(failure: unknown): string {
  if (failure instanceof RangeNotSatisfiableError)
    return `read from an unwritten position. current tail: ${failure.tail.seqNum} @ ${failure.tail.timestamp}`;
  if (failure instanceof S2Error) return `${failure.rawMessage} (${failure.code})`;
  return failure instanceof Error ? failure.message : String(failure);
}

/** Each cause once, without what the message above it says already. */
function causesOf(failure: unknown): string[] {
  const causes: string[] = [];
  let shown = messageOf(failure);
  let cause = failure instanceof Error ? failure.cause : undefined;
  while (cause instanceof Error && causes.length < 5) {
    const text = messageOf(cause) || ((cause as NodeJS.ErrnoException).code ?? cause.name);
    if (!shown.includes(text)) causes.push(text);
    shown += text;
    cause = cause.cause;
  }
  return causes;
}

/** The next step, when there is one to name. */
export function hintFor(failure: unknown, connection: Connection | undefined): string | undefined {
  if (failure instanceof CliError && failure.hint !== undefined) return failure.hint;
  const cause = failure instanceof CliError ? failure.cause : failure;
  if (!(cause instanceof S2Error)) return systemHint(cause);
  if (cause instanceof SeqNumMismatchError)
    return `the next sequence number is ${cause.expectedSeqNum}; pass it with --match-seq-num`;
  if (cause instanceof FencingTokenMismatchError)
    return cause.expectedFencingToken === ""
      ? "the stream has no fencing token; leave --fencing-token out, or set one: s2kit fence"
      : `the token in force is ${JSON.stringify(cause.expectedFencingToken)}`;
  return hintOfCode(cause, connection);
}

const HINTS: Partial<Record<ErrorCode, string>> = {
  RANGE_NOT_SATISFIABLE: "start at the tail instead with --clamp",
  access_token_not_found: "see which exist: s2kit list-access-tokens",
  basin_deletion_pending: "it is being deleted; try again with this name later",
  basin_not_found: "see which exist: s2kit ls; create it: s2kit create-basin <BASIN>",
  not_implemented: "this server does not support that",
  quota_exhausted: "a quota of the account is used up",
  rate_limited: "slow down, then try again",
  resource_already_exists:
    "choose another name; create-basin and create-stream take --if-not-exists",
  stream_deletion_pending: "it is being deleted; try again with this name later",
  stream_not_found: "see which exist: s2kit ls <BASIN>; create it: s2kit create-stream <URI>",
};

const UNREACHABLE: ReadonlySet<ErrorCode> = new Set([
  "CONNECTION_FAILED",
  "CONNECTION_TIMEOUT",
  "NETWORK_ERROR",
  "TIMEOUT",
]);

const SYSTEM_HINTS: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT:
    "the certificate is self-signed; pass --insecure if you trust this server",
  EACCES: "no permission; ports below 1024 and foreign directories need more rights",
  EADDRINUSE: "another program uses the port; choose one with --port, or --port 0 for any",
  ENOSPC: "the disk is full",
  ERR_MODULE_NOT_FOUND:
    "the server is not installed beside this command: npm install --global @s2kit/server-lite",
  SELF_SIGNED_CERT_IN_CHAIN:
    "the certificate is self-signed; pass --insecure if you trust this server",
};

function hintOfCode(error: S2Error, connection: Connection | undefined): string | undefined {
  if (error.code === "authn" || error.code === "permission_denied")
    return `the token came from: ${connection?.tokenSource ?? "unknown"}\nreplace it with S2_ACCESS_TOKEN or: s2kit auth access-token set`;
  const system = systemHint(error);
  if (system !== undefined) return system;
  if (!UNREACHABLE.has(error.code) || connection === undefined) return HINTS[error.code];
  const { account } = connection.endpoints;
  return connection.isLoopback
    ? `nothing answered at ${account}; start a server: s2kit lite`
    : `no answer from ${account}; check the endpoint and the network`;
}

function systemHint(error: unknown): string | undefined {
  let cause: unknown = error;
  for (let depth = 0; cause instanceof Error && depth < 5; depth++) {
    const hint = SYSTEM_HINTS[(cause as NodeJS.ErrnoException).code ?? ""];
    if (hint !== undefined) return hint;
    cause = cause.cause;
  }
  return undefined;
}
