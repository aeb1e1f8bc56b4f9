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
import { storing } from "../files/contexts.js";
import { CliError } from "../values/failure.js";
import { systemErrorText } from "../values/system-error.js";
import type { Connection } from "./connection.js";
import type { Output } from "./output.js";

/** So deep are causes looked at. */
const MAX_CAUSES = 5;

/** What a hint may speak of; never the token. */
export type HintConnection = Pick<
  Connection,
  "endpoints" | "isLoopback" | "hasNoToken" | "tokenSource" | "context"
>;

export interface ReportSettings {
  readonly connection?: HintConnection | undefined;
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
  return failure instanceof Error
    ? (systemErrorText(failure) ?? withoutOpenSslPlace(failure.message))
    : String(failure);
}

/** `40DD…:error:0A00010B:SSL routines:f:wrong version number:file.c:77:` says one thing. */
function withoutOpenSslPlace(message: string): string {
  return (
    /^[0-9A-F]+:error:[^:]*:([^:]*):[^:]*:([^:]*):/.exec(message)?.slice(1).join(": ") ?? message
  );
}

/** What `fetch` puts around every cause says nothing. */
const EMPTY_CAUSES: ReadonlySet<string> = new Set(["fetch failed"]);

/** Each cause once, without what the message above it says already. */
function causesOf(failure: unknown): string[] {
  const causes: string[] = [];
  let shown = messageOf(failure);
  let cause = failure instanceof Error ? failure.cause : undefined;
  while (cause instanceof Error && causes.length < MAX_CAUSES) {
    const text = messageOf(cause) || ((cause as NodeJS.ErrnoException).code ?? cause.name);
    const said = cause instanceof S2Error ? cause.rawMessage : text;
    if (!shown.includes(said) && !EMPTY_CAUSES.has(text)) causes.push(text);
    shown += text;
    cause = cause.cause;
  }
  return causes;
}

/** The next step, when there is one to name. */
export function hintFor(
  failure: unknown,
  connection: HintConnection | undefined,
): string | undefined {
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
  EADDRNOTAVAIL: "--host takes an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all",
  EDQUOT: "free some space, or write elsewhere",
  EEXIST: "choose another name, or move away what is there",
  EISDIR: "name a file in it",
  ENOENT: "check the path; a directory on its way may be missing",
  ENOSPC: "the disk is full: free some space, or write elsewhere",
  ENOTDIR: "name a directory, or move the file away",
  ERR_MODULE_NOT_FOUND:
    "the server is not installed beside this command: npm install --global @s2kit/server-lite",
  SELF_SIGNED_CERT_IN_CHAIN:
    "the certificate is self-signed; pass --insecure if you trust this server",
};

function hintOfCode(error: S2Error, connection: HintConnection | undefined): string | undefined {
  if (error.code === "authn" || error.code === "permission_denied") return tokenHint(connection);
  const system = systemHint(error);
  if (system !== undefined) return system;
  if (!UNREACHABLE.has(error.code) || connection === undefined) return HINTS[error.code];
  return reachHint(error, connection);
}

function tokenHint(connection: HintConnection | undefined): string {
  const store = storing(connection?.context);
  if (connection?.hasNoToken === true)
    return `no access token was given, and this server asks for one\nset S2_ACCESS_TOKEN, or store one: ${store}`;
  return `the token came from: ${connection?.tokenSource ?? "unknown"}\nreplace it with S2_ACCESS_TOKEN or: ${store}`;
}

/** The port speaks something else than TLS: every reader of TLS says so in its own way. */
const NOT_TLS =
  /^(ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|RECORD_LAYER_FAILURE|UNEXPECTED_MESSAGE)|EPROTO)$/;

/** Only a refused connection says that nothing is there; all else is said as far as it is known. */
function reachHint(error: S2Error, { endpoints, isLoopback }: HintConnection): string {
  const { account } = endpoints;
  const codes = codesOf(error);
  if (codes.some((code) => NOT_TLS.test(code)))
    return `what answers at ${account} does not speak TLS; with http:// it may be reached`;
  if (codes.includes("ENOTFOUND") || codes.includes("EAI_AGAIN"))
    return `check the name in ${account}, and that this machine is online`;
  const isRefused = codes.some((code) => /^(ECONNREFUSED|EADDRNOTAVAIL)$/.test(code));
  if (isRefused && isLoopback) return `nothing answered at ${account}; start a server: s2kit lite`;
  // What the platform's fetch says of the ports on its list, compared for equality.
  if (
    error.cause instanceof Error &&
    (error.cause.cause as Error | undefined)?.message === "bad port"
  )
    return `fetch never connects to this port, as browsers do not; a server on another one: s2kit lite`;
  const isBroken = codes.includes("UND_ERR_SOCKET") || codes.includes("ECONNRESET");
  if (isBroken && account.startsWith("http://"))
    return `something at ${account} broke the connection off; if it speaks TLS, write https://`;
  return `no answer from ${account}; check the endpoint and the network`;
}

function codesOf(error: Error): string[] {
  const codes: string[] = [];
  let cause: unknown = error;
  for (let depth = 0; cause instanceof Error && depth < MAX_CAUSES; depth++) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== undefined) codes.push(code);
    // Of several addresses that were tried, the first one tells.
    cause = cause instanceof AggregateError ? cause.errors[0] : cause.cause;
  }
  return codes;
}

function systemHint(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return codesOf(error)
    .map((code) => SYSTEM_HINTS[code])
    .find((hint) => hint !== undefined);
}
