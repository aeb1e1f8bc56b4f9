// What follows a failed try, without sockets or clocks: a table of histories, and a model that counts in the
// plainest way.

import { S2Error, seededRandom } from "@s2kit/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AdviceGate } from "../../src/retry/advice-gate.js";
import { DEFAULT_RETRY, type RetrySettings } from "../../src/retry/policy.js";
import { type Failure, Recovery, type Verdict } from "../../src/retry/recovery.js";

type Step =
  | "unclear"
  | "clear"
  | "restart"
  | "token"
  | "badToken"
  | "final"
  | "success"
  | "settled";

const ERRORS = {
  unclear: ["NETWORK_ERROR", 500],
  clear: ["CONNECTION_FAILED", 500],
  restart: ["server_draining", 503],
  token: ["authn", 401],
  badToken: ["authn", 401],
  final: ["invalid", 422],
} as const;

function errorOf(step: keyof typeof ERRORS): S2Error {
  const [code, status] = ERRORS[step];
  return new S2Error({ code, status, message: step });
}

/** Replaces tokens where the step says so. */
function fail(
  recovery: Recovery,
  step: keyof typeof ERRORS,
  rest: Partial<Failure> = {},
): Verdict & { readonly error: S2Error } {
  const error = errorOf(step);
  const failure = { error, mayRetry: error.isRetryable, mayHaveEffects: true, ...rest };
  const components = { random: seededRandom(1), isMended: () => step === "token" };
  return { ...recovery.decide(failure, components), error };
}

/** One word a failure: `mend`, `wait N` with the attempt told, `giveUp N` with the attempts noted. */
function told(steps: readonly Step[], settings: Partial<RetrySettings> = {}): string[] {
  const recovery = new Recovery({ ...DEFAULT_RETRY, ...settings });
  return steps.flatMap((step) => {
    if (step === "success") recovery.succeeded();
    if (step === "settled") recovery.settled();
    if (step === "success" || step === "settled") return [];
    const verdict = fail(recovery, step);
    if (verdict.kind === "mend") return ["mend"];
    return verdict.kind === "wait"
      ? [`wait ${verdict.attempt}`]
      : [`giveUp ${verdict.error.attempts}`];
  });
}

describe("a recovery", () => {
  const histories: readonly (readonly [string, Step[], string[]])[] = [
    [
      "gives up with the last attempt",
      ["unclear", "clear", "unclear"],
      ["wait 1", "wait 2", "giveUp 3"],
    ],
    [
      "counts anew after a success",
      ["unclear", "unclear", "success", "unclear"],
      ["wait 1", "wait 2", "wait 1"],
    ],
    ["gives up at once when the error is final", ["final"], ["giveUp 1"]],
    ["counts what came before a final error", ["unclear", "final"], ["wait 1", "giveUp 2"]],
    [
      "takes no attempt for announced restarts",
      ["restart", "restart", "restart", "restart", "unclear"],
      ["wait 0", "wait 0", "wait 0", "wait 0", "wait 1"],
    ],
    [
      "does not count restarts between failures",
      ["unclear", "restart", "unclear", "unclear"],
      ["wait 1", "wait 1", "wait 2", "giveUp 3"],
    ],
    [
      "mends a token once, at no charge",
      ["token", "unclear", "unclear"],
      ["mend", "wait 1", "wait 2"],
    ],
    ["mends no second token in a row", ["token", "token"], ["mend", "giveUp 1"]],
    ["mends again after a success", ["token", "success", "token"], ["mend", "mend"]],
    ["gives up when the token cannot be replaced", ["badToken"], ["giveUp 1"]],
    ["may mend after a token that could not be replaced", ["unclear", "token"], ["wait 1", "mend"]],
  ];

  it.each(histories)("%s", (_, steps, expected) => {
    expect(told(steps)).toEqual(expected);
  });

  it("tries once when one attempt is allowed, though not for restarts", () => {
    expect(told(["restart", "unclear"], { maxAttempts: 1 })).toEqual(["wait 0", "giveUp 1"]);
  });

  it("never runs out of attempts when they are infinite, but ends with a final error", () => {
    const steps: Step[] = [...new Array<Step>(50).fill("unclear"), "final"];
    const verdicts = told(steps, { maxAttempts: Number.POSITIVE_INFINITY });
    expect(verdicts.slice(-2)).toEqual(["wait 50", "giveUp 51"]);
  });

  it("obeys an owner who forbids repeating", () => {
    const recovery = new Recovery(DEFAULT_RETRY);
    expect(fail(recovery, "unclear", { mayRetry: false })).toMatchObject({ kind: "giveUp" });
  });

  it("numbers the next try by what failed before it", () => {
    const recovery = new Recovery(DEFAULT_RETRY);
    expect(recovery.attempt).toBe(1);
    fail(recovery, "token");
    fail(recovery, "restart");
    expect(recovery.attempt).toBe(1);
    fail(recovery, "clear");
    expect(recovery.attempt).toBe(2);
  });

  it("waits longer with every failure and every restart", () => {
    const recovery = new Recovery(DEFAULT_RETRY);
    const delays = (["clear", "restart", "clear"] as const).map((step) => {
      const verdict = fail(recovery, step);
      return verdict.kind === "wait" ? verdict.delayMillis : -1;
    });
    expect(delays[0]).toBeGreaterThanOrEqual(100);
    expect(delays[1]).toBeGreaterThanOrEqual(200);
    expect(delays[2]).toBeGreaterThanOrEqual(400);
  });

  it("remembers the first failure that may have changed something", () => {
    const recovery = new Recovery({ ...DEFAULT_RETRY, maxAttempts: 4 });
    fail(recovery, "clear");
    const { error: first } = fail(recovery, "unclear");
    fail(recovery, "unclear");
    const last = fail(recovery, "unclear");
    expect(last.kind).toBe("giveUp");
    expect(last.error).toMatchObject({ attempts: 4, priorIndeterminate: first });
  });

  it.each([
    ["was settled", {}, true],
    ["could have had no effects", { mayHaveEffects: false }, false],
  ] as const)("remembers no failure that %s", (_, rest, isSettled) => {
    const recovery = new Recovery(DEFAULT_RETRY);
    fail(recovery, "unclear", rest);
    if (isSettled) recovery.settled();
    const { kind, error: last } = fail(recovery, "final");
    expect(kind).toBe("giveUp");
    expect(last.priorIndeterminate).toBe(undefined);
  });

  it("keeps its doubts over a success that does not settle them", () => {
    const recovery = new Recovery(DEFAULT_RETRY);
    const { error } = fail(recovery, "unclear");
    recovery.succeeded();
    const { kind, error: last } = fail(recovery, "final");
    expect(kind).toBe("giveUp");
    expect(last.priorIndeterminate).toBe(error);
  });

  it("decides as one that writes the whole history down", () => {
    const step = fc.constantFrom<Step>(
      "unclear",
      "clear",
      "restart",
      "token",
      "badToken",
      "final",
      "success",
    );
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 30 }),
        fc.integer({ min: 1, max: 5 }),
        (steps, max) => {
          expect(told(steps, { maxAttempts: max })).toEqual(fromHistory(steps, max));
        },
      ),
    );
  });
});

/** The rules again, without a counter: each failure looks back to the last success. */
function fromHistory(steps: readonly Step[], maxAttempts: number): string[] {
  return steps.flatMap((step, at) => {
    if (step === "success") return [];
    const since = steps.slice(steps.lastIndexOf("success", at) + 1, at);
    const before = since.filter((each, i) => each !== "restart" && !isMend(since, i)).length;
    if (step === "token" && !since.includes("token")) return ["mend"];
    if (step === "restart") return [`wait ${before}`];
    const isFinal = step === "final" || step === "token" || step === "badToken";
    return isFinal || before + 1 >= maxAttempts ? [`giveUp ${before + 1}`] : [`wait ${before + 1}`];
  });
}

function isMend(steps: readonly Step[], at: number): boolean {
  return steps[at] === "token" && steps.indexOf("token") === at;
}

describe("an advice gate", () => {
  it("lets advice through at most once a minute", () => {
    const gate = new AdviceGate();
    const times = [0, 1, 59_999, 60_000, 60_001, 119_999, 120_000];
    expect(times.filter((now) => gate.admits(now))).toEqual([0, 60_000, 120_000]);
  });

  it("is not kept shut by advice that comes without end", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 30_000 }), { maxLength: 100 }), (gaps) => {
        const gate = new AdviceGate();
        let now = 0;
        let lastAt = Number.NEGATIVE_INFINITY;
        for (const gap of gaps) {
          now += gap;
          expect(gate.admits(now)).toBe(now - lastAt >= 60_000);
          if (now - lastAt >= 60_000) lastAt = now;
        }
      }),
    );
  });
});
