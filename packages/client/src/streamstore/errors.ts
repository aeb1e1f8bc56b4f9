// Errors as the official client has them: a status of its own for local failures, `data`, a method
// for side effects, no code in the message. Made from ours where a call leaves this face, one for
// one: all who wait for a session get the same instance. Spec: sdk#the-official-face.

import * as ours from "@s2kit/client";
import { positionOf, type StreamPosition } from "./positions.js";

/** What a local failure is called and which status it has there; ours keep 0 for those. */
const LOCAL: Readonly<Record<string, { readonly code?: string; readonly status: number }>> = {
  ABORTED: { status: 499 },
  BAD_GATEWAY: { status: 502 },
  CONNECTION_FAILED: { code: "connection_failed", status: 502 },
  CONNECTION_TIMEOUT: { status: 408 },
  INVALID_ARGUMENT: { status: 400 },
  NETWORK_ERROR: { status: 502 },
  STREAM_CLOSED_PREMATURELY: { status: 502 },
  TIMEOUT: { status: 408 },
};

/** Base of everything that this face throws or rejects with. */
export class S2Error extends Error {
  /** Of the service, or of a local failure. */
  readonly code?: string;
  /** Of the answer; 0 for a failure that has none. */
  readonly status: number;
  /** Details of the service, when there are any. */
  readonly data?: unknown;
  /** Who found the failure. */
  readonly origin: "sdk" | "server";
  readonly #isHarmless: boolean;

  constructor(fields: {
    message: string;
    code?: string;
    status?: number;
    data?: unknown;
    origin?: "sdk" | "server";
    cause?: unknown;
    isHarmless?: boolean;
  }) {
    super(fields.message, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.name = "S2Error";
    if (fields.code !== undefined) this.code = fields.code;
    this.status = fields.status ?? 0;
    this.data = fields.data;
    this.origin = fields.origin ?? "sdk";
    this.#isHarmless = fields.isHarmless ?? false;
  }

  /** True when it is certain that the failed request changed nothing. */
  hasNoSideEffects(): boolean {
    return this.#isHarmless;
  }
}

/** 412: `matchSeqNum` was not the next seqNum to be assigned. */
export class SeqNumMismatchError extends S2Error {
  /** The seqNum that would have been assigned. */
  readonly expectedSeqNum: number;

  constructor(fields: {
    message: string;
    code?: string;
    status?: number;
    expectedSeqNum: number;
    cause?: unknown;
  }) {
    super({ ...REFUSED, ...fields });
    this.name = "SeqNumMismatchError";
    this.expectedSeqNum = fields.expectedSeqNum;
  }
}

/** 412: the given fencing token is not the one in force. */
export class FencingTokenMismatchError extends S2Error {
  /** The token in force. */
  readonly expectedFencingToken: string;

  constructor(fields: {
    message: string;
    code?: string;
    status?: number;
    expectedFencingToken: string;
    cause?: unknown;
  }) {
    super({ ...REFUSED, ...fields });
    this.name = "FencingTokenMismatchError";
    this.expectedFencingToken = fields.expectedFencingToken;
  }
}

const REFUSED = {
  code: "APPEND_CONDITION_FAILED",
  status: 412,
  origin: "server",
  isHarmless: true,
} as const;

/** 416: the read starts where no record has been written yet. */
export class RangeNotSatisfiableError extends S2Error {
  /** Where the stream ends. */
  readonly tail?: StreamPosition;

  constructor(
    fields: { code?: string; status?: number; tail?: StreamPosition; cause?: unknown } = {},
  ) {
    const { tail } = fields;
    const where = tail === undefined ? "" : `: the tail is at ${tail.seqNum}`;
    const message = `the read starts where nothing is written yet${where}`;
    super({ status: 416, origin: "server", isHarmless: true, message, ...fields });
    this.name = "RangeNotSatisfiableError";
    if (tail !== undefined) this.tail = tail;
  }
}

/** A key that is empty or too long. */
export class EncryptionKeyLengthError extends S2Error {
  /** Of the key, in characters of base64 or in bytes, as it was given. */
  readonly length: number;

  constructor(length: number) {
    super({ message: `encryption key has a length out of range length=${length}` });
    this.name = "EncryptionKeyLengthError";
    this.length = length;
  }
}

const translated = new WeakMap<object, S2Error>();

/** The same failure in this face's terms; what is already in them stays what it is. */
export function translateError(caught: unknown): S2Error {
  if (caught instanceof S2Error) return caught;
  const error = ours.S2Error.from(caught);
  const known = translated.get(error);
  if (known !== undefined) return known;
  const made = translationOf(error);
  translated.set(error, made);
  return made;
}

function translationOf(error: ours.S2Error): S2Error {
  const { rawMessage: message, cause } = error;
  if (error instanceof ours.SeqNumMismatchError)
    return new SeqNumMismatchError({ message, expectedSeqNum: error.expectedSeqNum, cause });
  if (error instanceof ours.FencingTokenMismatchError) {
    const { expectedFencingToken } = error;
    return new FencingTokenMismatchError({ message, expectedFencingToken, cause });
  }
  if (error instanceof ours.RangeNotSatisfiableError)
    return new RangeNotSatisfiableError({ tail: positionOf(error.tail), cause });
  const local = error.origin === "server" ? undefined : LOCAL[error.code];
  return new S2Error({
    message,
    code: local?.code ?? error.code,
    status: error.status === 0 ? (local?.status ?? 0) : error.status,
    origin: error.origin === "server" ? "server" : "sdk",
    isHarmless: error.hasNoSideEffects,
    cause: error,
  });
}

/** Runs a call of ours; what it throws or rejects with is translated. */
export async function translating<T>(call: () => T | Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (caught) {
    throw translateError(caught);
  }
}

/** As {@link translating}, for what answers at once. */
export function translatingNow<T>(call: () => T): T {
  try {
    return call();
  } catch (caught) {
    throw translateError(caught);
  }
}
