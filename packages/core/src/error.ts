// The one error base of the project. Subclasses exist only where the caller acts differently.
// `instanceof` holds across package copies and across ESM and CJS, by a brand in the global
// symbol registry. Messages are for people: lowercase, variable part last as key=value.

import { type ErrorCode, hasNoSideEffects, isRetryable, statusOf } from "./error-code.js";
import type { StreamPosition } from "./record/position.js";

const BRANDS = /* @__PURE__ */ Symbol.for("s2kit.error.brands");

/** Who found the failure: a server's answer, this process, or the network between. */
export type ErrorOrigin = "server" | "local" | "network";

/** What an error is made of; most of it follows from the code. */
export interface S2ErrorOptions {
  readonly code: ErrorCode;
  /** Without the code; the error puts it in front, since many tools show only the message. */
  readonly message: string;
  /** Default: the status of the code; 0 when there never was a response. */
  readonly status?: number;
  readonly origin?: ErrorOrigin;
  readonly cause?: unknown;
  /** A server's hint: wait at least this long before the next try. */
  readonly retryAfterMs?: number;
  /** Default: the answer of the code table. */
  readonly retryable?: boolean;
  /** Default: the answer of the code table. */
  readonly hasNoSideEffects?: boolean;
}

/** Base of everything that s2kit throws or rejects with. */
export class S2Error extends Error {
  /** Names the class in the brand: survives minifying, unlike `Function.name`. */
  protected static readonly brand: string = "S2Error";

  readonly code: ErrorCode;
  readonly status: number;
  readonly origin: ErrorOrigin;
  /** The message without the code in front: what a server puts on the wire. */
  readonly rawMessage: string;
  readonly retryAfterMs: number | undefined;
  /** True when the same request may succeed later without a change. */
  readonly isRetryable: boolean;
  /** True when it is certain that the failed request changed nothing. */
  readonly hasNoSideEffects: boolean;
  /** Tries that were made before this failure was final; noted by whoever retried. */
  attempts: number | undefined;
  /**
   * An earlier failure of the same operation that may have taken effect. After a retry that ends
   * in a mismatch it tells "probably my own lost ack" from "someone else wrote".
   */
  priorIndeterminate: S2Error | undefined;

  constructor(options: S2ErrorOptions) {
    super(
      `[${options.code}] ${options.message}`,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.name = new.target.brand;
    this.code = options.code;
    this.rawMessage = options.message;
    this.status = options.status ?? statusOf(options.code);
    this.origin = options.origin ?? "local";
    this.retryAfterMs = options.retryAfterMs;
    this.isRetryable = options.retryable ?? isRetryable(options.code);
    this.hasNoSideEffects = options.hasNoSideEffects ?? hasNoSideEffects(options.code);
    Object.defineProperty(this, BRANDS, { value: brandsOf(new.target) });
  }

  /** `instanceof` by brand: true also for an error of another copy of this package. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    // A subclass outside this file has no brand of its own: the prototype chain decides.
    if (!Object.hasOwn(this, "brand"))
      return Function.prototype[Symbol.hasInstance].call(this, value);
    if (typeof value !== "object" || value === null) return false;
    const brands: unknown = Reflect.get(value, BRANDS);
    return Array.isArray(brands) && brands.includes(this.brand);
  }

  /** Finds the S2Error in anything that was caught; a stranger becomes the cause of a new one. */
  static from(caught: unknown, code: ErrorCode = "INTERNAL_ERROR"): S2Error {
    if (caught instanceof S2Error) return caught;
    const message = caught instanceof Error ? caught.message : String(caught);
    return new S2Error({ code, message, cause: caught });
  }
}

/** 422: what was asked can be read, and breaks a rule. */
export function invalid(message: string): S2Error {
  return new S2Error({ code: "invalid", message });
}

/** 412: `matchSeqNum` was not the next seqNum to be assigned. */
export class SeqNumMismatchError extends S2Error {
  protected static override readonly brand: string = "SeqNumMismatchError";
  /** The seqNum that would have been assigned. */
  readonly expectedSeqNum: number;

  constructor(expectedSeqNum: number, origin: ErrorOrigin = "local") {
    super({
      code: "APPEND_CONDITION_FAILED",
      message: `sequence number does not match expectedSeqNum=${expectedSeqNum}`,
      origin,
    });
    this.expectedSeqNum = expectedSeqNum;
  }
}

/** 412: the given fencing token is not the one in force. */
export class FencingTokenMismatchError extends S2Error {
  protected static override readonly brand: string = "FencingTokenMismatchError";
  /** The token in force; empty when the stream has none. */
  readonly expectedFencingToken: string;

  constructor(expectedFencingToken: string, origin: ErrorOrigin = "local") {
    super({
      code: "APPEND_CONDITION_FAILED",
      message: `fencing token does not match expectedFencingToken=${JSON.stringify(expectedFencingToken)}`,
      origin,
    });
    this.expectedFencingToken = expectedFencingToken;
  }
}

/** 416: the read starts where no record has been written yet. */
export class RangeNotSatisfiableError extends S2Error {
  protected static override readonly brand: string = "RangeNotSatisfiableError";
  readonly tail: StreamPosition;

  constructor(tail: StreamPosition, origin: ErrorOrigin = "local") {
    super({
      code: "RANGE_NOT_SATISFIABLE",
      message: `read from an unwritten position tail.seqNum=${tail.seqNum} tail.timestamp=${tail.timestamp}`,
      origin,
    });
    this.tail = tail;
  }
}

function brandsOf(target: object): string[] {
  const brands: string[] = [];
  for (let at: object | null = target; at !== null; at = Reflect.getPrototypeOf(at))
    if (Object.hasOwn(at, "brand")) brands.push(String(Reflect.get(at, "brand")));
  return brands;
}
