// JSON-RPC 2.0 over two byte streams, one message a line: requests are answered in the order in
// which they come, one at a time, so a peer that asks fast waits. Knows nothing of the methods. A
// line is bounded; what is no message gets the error that the standard names.

import { decodeUtf8 } from "@s2kit/core";
import { splitLines } from "../record-format/lines.js";
import { CliError } from "../values/failure.js";

/** An append of 1 MiB in JSON escapes fits. */
const MAX_LINE_BYTES: number = 8 * 1024 * 1024;

const CODES = {
  parse: -32_700,
  invalidRequest: -32_600,
  methodNotFound: -32_601,
  invalidParams: -32_602,
  internal: -32_603,
} as const;

export type Params = Readonly<Record<string, unknown>>;

/** Answers the result of a call. Notifications are called too; their result is dropped. */
export type Methods = Readonly<Record<string, (params: Params) => unknown>>;

/** A call whose parameters are wrong. */
export class InvalidParams extends Error {}

type Id = string | number | null;

/** Runs until the input ends; `write` answers a promise when the reader is slow. */
export async function serveJsonRpc(
  input: AsyncIterable<Uint8Array>,
  write: (line: string) => Promise<void> | undefined,
  methods: Methods,
): Promise<void> {
  const lines = splitLines(input, MAX_LINE_BYTES);
  try {
    for await (const some of lines)
      for (const line of some) {
        const answer = await answerTo(line, methods);
        if (answer !== undefined) await write(`${JSON.stringify(answer)}\n`);
      }
  } catch (error) {
    // A line without end: nothing behind it can be understood.
    if (!(error instanceof CliError)) throw error;
    await write(`${JSON.stringify(failure(null, CODES.invalidRequest, error.message))}\n`);
  }
}

async function answerTo(line: Uint8Array, methods: Methods): Promise<unknown> {
  if (line.length === 0) return undefined;
  let message: unknown;
  try {
    message = JSON.parse(decodeUtf8(line) ?? "");
  } catch {
    return failure(null, CODES.parse, "not valid JSON");
  }
  if (typeof message !== "object" || message === null || Array.isArray(message))
    return failure(null, CODES.invalidRequest, "expected one request object");
  const { id, method, params = {} } = message as Record<string, unknown>;
  const isNotification = id === undefined;
  if (typeof method !== "string")
    return isNotification ? undefined : failure(idOf(id), CODES.invalidRequest, "no method");
  const answer = await call(idOf(id), method, params, methods);
  return isNotification ? undefined : answer;
}

async function call(id: Id, method: string, params: unknown, methods: Methods): Promise<unknown> {
  if (!Object.hasOwn(methods, method))
    return failure(id, CODES.methodNotFound, `no such method method=${method}`);
  if (typeof params !== "object" || params === null || Array.isArray(params))
    return failure(id, CODES.invalidParams, "params must be an object");
  try {
    const result = await methods[method]?.(params as Params);
    return { jsonrpc: "2.0", id, result: result ?? {} };
  } catch (error) {
    const code = error instanceof InvalidParams ? CODES.invalidParams : CODES.internal;
    return failure(id, code, error instanceof Error ? error.message : String(error));
  }
}

function idOf(id: unknown): Id {
  return typeof id === "string" || typeof id === "number" ? id : null;
}

function failure(id: Id, code: number, message: string): unknown {
  return { jsonrpc: "2.0", id, error: { code, message } };
}
