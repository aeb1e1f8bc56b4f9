// Rules of retrying and of classifying, without sockets. Numbers in comments are recorded defects of SDK
// section 13.

import { S2Error, seededRandom } from "@s2kit/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { connectError, networkError } from "../../src/errors.js";
import { backoffMillis, mayRetryAppend } from "../../src/retry/policy.js";

const SETTINGS = { minBaseDelayMillis: 100, maxBaseDelayMillis: 1000 };

describe("the backoff", () => {
  it("grows from 100-200 to 1000-2000 ms, whatever the number of failures", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.integer(), (failures, seed) => {
        const base = Math.min(100 * 2 ** (failures - 1), 1000);
        const delay = backoffMillis(failures, SETTINGS, seededRandom(seed));
        expect(delay).toBeGreaterThanOrEqual(base);
        expect(delay).toBeLessThan(2 * base);
      }),
    );
  });

  it("is never shorter than the server asks, up to a minute (H-21)", () => {
    const random = seededRandom(1);
    expect(backoffMillis(1, SETTINGS, random, 5000)).toBe(5000);
    expect(backoffMillis(1, SETTINGS, random, 10 ** 9)).toBe(60_000);
  });
});

describe("an append", () => {
  const unclear = new S2Error({ code: "NETWORK_ERROR", message: "" });
  const clear = new S2Error({ code: "CONNECTION_FAILED", message: "" });
  const final = new S2Error({ code: "invalid", message: "" });

  it.each([
    [unclear, "all", true, true],
    [unclear, "noSideEffects", true, false],
    [unclear, "noSideEffects", false, true],
    [clear, "noSideEffects", true, true],
    [final, "all", false, false],
  ] as const)("after %s under %s with effects %s: retry %s", (error, policy, effects, expected) => {
    expect(mayRetryAppend(error, policy, effects)).toBe(expected);
  });
});

function coded(code: string): Error {
  return Object.assign(new Error("boom"), { code });
}

describe("a network failure", () => {
  it.each([
    ["ECONNREFUSED", "CONNECTION_FAILED", true, true],
    ["EAI_AGAIN", "CONNECTION_FAILED", true, true],
    ["UND_ERR_CONNECT_TIMEOUT", "CONNECTION_TIMEOUT", true, true],
    ["CERT_HAS_EXPIRED", "CONNECTION_FAILED", true, true],
    ["ENOTFOUND", "CONNECTION_FAILED", false, true],
    ["ECONNRESET", "NETWORK_ERROR", true, false],
    ["EPIPE", "NETWORK_ERROR", true, false],
    ["UND_ERR_SOCKET", "NETWORK_ERROR", true, false],
    ["UND_ERR_HEADERS_TIMEOUT", "NETWORK_ERROR", true, false],
  ])("of code %s is %s (60, 61)", (code, expected, isRetryable, hasNoSideEffects) => {
    const wrapped = new TypeError("fetch failed", { cause: coded(code) }); // 78
    for (const caught of [coded(code), wrapped, new AggregateError([coded(code)])])
      expect(networkError(caught)).toMatchObject({ code: expected, isRetryable, hasNoSideEffects });
  });

  it.each([
    "fetch failed",
    "Failed to fetch",
    "NetworkError when attempting to fetch resource.",
    "Load failed",
  ])("that fetch reports as %j is retryable", (message) => {
    expect(networkError(new TypeError(message))).toMatchObject({ code: "NETWORK_ERROR" });
  });

  it.each([
    new Error("fetch failed"),
    new TypeError("we could not fetch failed jobs: terminated by user"),
    new TypeError("undefined is not a function"),
    "a string",
  ])("is not seen in what only sounds like one: %s (22)", (caught) => {
    expect(networkError(caught)).toMatchObject({ code: "INTERNAL_ERROR", isRetryable: false });
  });

  it("is found behind causes, even when they form a ring (78)", () => {
    const ring = new Error("a");
    ring.cause = new Error("b", { cause: ring });
    expect(networkError(ring).code).toBe("INTERNAL_ERROR");
    expect(connectError(ring)).toMatchObject({ code: "CONNECTION_FAILED", hasNoSideEffects: true });
  });
});
