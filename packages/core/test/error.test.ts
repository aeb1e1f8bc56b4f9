// The one error base: what it promises, and that instanceof holds across copies of the package.

import { describe, expect, it } from "vitest";
import { InvariantError, unreachable } from "../src/assert.js";
import {
  FencingTokenMismatchError,
  RangeNotSatisfiableError,
  S2Error,
  SeqNumMismatchError,
} from "../src/error.js";
import {
  type ErrorCode,
  hasNoSideEffects,
  isRetryable,
  isRetryableStatus,
  isServerErrorCode,
  SERVER_ERROR_CODES,
  statusOf,
} from "../src/error-code.js";
import { errorFromWire, errorToWire } from "../src/json/error.js";
import { err, ok } from "../src/result.js";

const LOCAL_CODES = [
  "ABORTED",
  "BAD_GATEWAY",
  "CONNECTION_FAILED",
  "CONNECTION_TIMEOUT",
  "FRAME_SIZE",
  "INTERNAL_ERROR",
  "INVALID_ARGUMENT",
  "NETWORK_ERROR",
  "PROTOCOL_ERROR",
  "SESSION_CLOSED",
  "STREAM_CLOSED_PREMATURELY",
  "TIMEOUT",
  "UNSAFE_INTEGER",
] as const satisfies readonly ErrorCode[];

describe("an error", () => {
  it("puts its code in front of the message, and keeps the message for the wire", () => {
    const cause = new Error("root");
    const error = new S2Error({ code: "storage", message: "disk is full", cause });

    expect(error).toMatchObject({
      message: "[storage] disk is full",
      rawMessage: "disk is full",
      name: "S2Error",
      code: "storage",
      status: 500,
      origin: "local",
      isRetryable: true,
      hasNoSideEffects: false,
      cause,
    });
    expect(error.retryAfterMs).toBeUndefined();
  });

  it("takes what it is told over what the table says", () => {
    const error = new S2Error({
      code: "rate_limited",
      message: "slow down",
      status: 503,
      origin: "server",
      retryAfterMs: 250,
      retryable: false,
      hasNoSideEffects: false,
    });

    expect(error).toMatchObject({
      status: 503,
      origin: "server",
      retryAfterMs: 250,
      isRetryable: false,
      hasNoSideEffects: false,
    });
  });

  it("is found in whatever was caught", () => {
    const error = new SeqNumMismatchError(3);

    expect(S2Error.from(error)).toBe(error);
    expect(S2Error.from(new TypeError("x"))).toMatchObject({
      code: "INTERNAL_ERROR",
      rawMessage: "x",
      cause: expect.any(TypeError) as unknown,
    });
    expect(S2Error.from("text", "NETWORK_ERROR")).toMatchObject({
      code: "NETWORK_ERROR",
      rawMessage: "text",
    });
  });

  it("keeps the names of its classes", () => {
    expect(new SeqNumMismatchError(1).name).toBe("SeqNumMismatchError");
    expect(new FencingTokenMismatchError("").name).toBe("FencingTokenMismatchError");
    expect(new RangeNotSatisfiableError({ seqNum: 0, timestamp: 0 }).name).toBe(
      "RangeNotSatisfiableError",
    );
  });
});

describe("instanceof", () => {
  it("holds for another copy of the package, in both module systems", async () => {
    const esm = (await import("../dist/index.js")) as unknown as typeof import("../src/index.js");
    const { createRequire } = await import("node:module");
    const cjs = createRequire(import.meta.url)("../dist/index.cjs") as typeof esm;

    for (const copy of [esm, cjs]) {
      const error = new copy.SeqNumMismatchError(1);
      expect(error).toBeInstanceOf(S2Error);
      expect(error).toBeInstanceOf(SeqNumMismatchError);
      expect(error).not.toBeInstanceOf(FencingTokenMismatchError);
      expect(new S2Error({ code: "other", message: "x" })).toBeInstanceOf(copy.S2Error);
    }
  });

  it("does not mistake strangers", () => {
    class Own extends S2Error {}
    const base = new S2Error({ code: "other", message: "x" });

    expect(base).not.toBeInstanceOf(SeqNumMismatchError);
    expect(base).not.toBeInstanceOf(Own);
    expect(new Own({ code: "other", message: "x" })).toBeInstanceOf(Own);
    expect(new Own({ code: "other", message: "x" })).toBeInstanceOf(S2Error);
    for (const value of [null, undefined, "x", {}, new Error("x")])
      expect(value instanceof S2Error).toBe(false);
  });
});

describe("the code table", () => {
  it("gives local failures no status and lets none of their words out", () => {
    for (const code of LOCAL_CODES) {
      expect(statusOf(code)).toBe(0);
      expect(isServerErrorCode(code)).toBe(false);
      expect(errorToWire(new S2Error({ code, message: "secret" }))).toEqual({
        status: 500,
        body: { code: "other", message: "internal server error" },
      });
    }
    expect(LOCAL_CODES.filter(isRetryable)).toEqual([
      "BAD_GATEWAY",
      "CONNECTION_FAILED",
      "CONNECTION_TIMEOUT",
      "NETWORK_ERROR",
      "STREAM_CLOSED_PREMATURELY",
      "TIMEOUT",
    ]);
    expect(LOCAL_CODES.filter(hasNoSideEffects)).toEqual([
      "CONNECTION_FAILED",
      "CONNECTION_TIMEOUT",
      "FRAME_SIZE",
      "INVALID_ARGUMENT",
    ]);
  });

  it("knows the codes of the API and of unknown routes", () => {
    expect(SERVER_ERROR_CODES).toHaveLength(28);
    expect(statusOf("method_not_allowed")).toBe(405);
    expect(statusOf("unsupported_media_type")).toBe(415);
    expect(statusOf("not_found")).toBe(404);
    for (const status of [408, 429, 500, 502, 503, 504])
      expect(isRetryableStatus(status)).toBe(true);
    for (const status of [200, 400, 404, 409, 412, 501])
      expect(isRetryableStatus(status)).toBe(false);
  });

  it("has no answer for a code outside of it", () => {
    const stranger = "made_up" as ErrorCode;
    for (const ask of [statusOf, isRetryable, hasNoSideEffects])
      expect(() => ask(stranger)).toThrow(InvariantError);
    expect(() => unreachable(1 as never)).toThrow("unhandled case value=1");
  });
});

describe("errors from the wire", () => {
  it("carry the hint when to come back, and quote strange bodies shortly", () => {
    expect(errorFromWire(429, '{"code":"rate_limited","message":"x"}', 120).retryAfterMs).toBe(120);
    expect(errorFromWire(502, "x".repeat(1000)).rawMessage).toHaveLength(200);
    expect(errorFromWire(502, "  ").rawMessage).toBe("empty error response status=502");
  });

  it("saturate a sequence number that no number holds, and refuse a negative one", () => {
    expect(errorFromWire(412, '{"seq_num_mismatch":18446744073709551615}')).toMatchObject({
      expectedSeqNum: 2 ** 53,
    });
    expect(errorFromWire(412, '{"seq_num_mismatch":-1}').code).toBe("other");
    expect(errorFromWire(416, '{"tail":{"seq_num":-1,"timestamp":0}}').code).toBe("other");
  });
});

it("a result is a value or an error", () => {
  expect(ok(1)).toEqual({ ok: true, value: 1 });
  expect(err("no")).toEqual({ ok: false, error: "no" });
});
