import { S2Error } from "@s2kit/core";
import { createSimulatedClock } from "@s2kit/core/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkQuotas, type QuotaSettings, Quotas } from "../../../src/backend/access/quotas.js";
import { TokenBucket } from "../../../src/backend/access/token-bucket.js";

describe("a token bucket", () => {
  it("keeps its rate over time, whatever is taken whenever it allows", () => {
    const steps = fc.array(
      fc.record({ amount: fc.integer({ min: 1, max: 5000 }), waitMs: fc.nat(500) }),
      { minLength: 1, maxLength: 200 },
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), steps, (perSec, attempts) => {
        let now = 0;
        const bucket = new TokenBucket(perSec, now);
        let taken = 0;
        let last = 0;
        for (const { amount, waitMs } of attempts) {
          now += waitMs;
          if (bucket.delayMs(now) > 0) continue;
          bucket.take(amount, now);
          taken += amount;
          last = amount;
          // All but the last one fit what a full bucket and the time since then gave.
          expect(taken - last).toBeLessThanOrEqual(perSec * (1 + now / 1000) + 1e-6);
        }
      }),
    );
  });

  it("is open again after the time that it said, and not before", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.integer({ min: 1, max: 100_000 }),
        (perSec, amount) => {
          const bucket = new TokenBucket(perSec, 0);
          bucket.take(amount, 0);
          const delayMs = bucket.delayMs(0);
          if (delayMs === 0) return;
          if (delayMs > 2) expect(bucket.delayMs(delayMs - 2)).toBeGreaterThan(0);
          expect(bucket.delayMs(delayMs + 1)).toBe(0);
        },
      ),
    );
  });

  it("does not fill backwards when the clock stands still", () => {
    const bucket = new TokenBucket(10, 1000);
    bucket.take(20, 1000);
    expect(bucket.delayMs(1000)).toBe(1100);
    expect(bucket.delayMs(1000)).toBe(1100);
    expect(bucket.isFull(1000)).toBe(false);
    expect(bucket.isFull(3000)).toBe(true);
  });
});

describe("quotas", () => {
  function open(settings: QuotaSettings): {
    quotas: Quotas;
    clock: ReturnType<typeof createSimulatedClock>;
  } {
    const clock = createSimulatedClock();
    return { quotas: new Quotas(settings, clock), clock };
  }

  it("cost nothing where none are set", () => {
    const { quotas } = open({});
    expect(quotas.appendPace(1, "t", true)).toBeUndefined();
    expect(quotas.enterReader(1, "t")).toBeUndefined();
    const readersOnly = open({ perStream: { concurrentReaders: 1 } });
    expect(readersOnly.quotas.appendPace(1, "t", true)).toBeUndefined();
    expect(quotas.size).toBe(0);
  });

  it("hold each stream to its own rate", () => {
    const { quotas, clock } = open({ perStream: { appendBatchesPerSec: 2 } });
    const [one, two] = [1, 2].map((id) => quotas.appendPace(id, undefined, false));
    expect([one?.admit(1), one?.admit(1)]).toEqual([0, 0]);
    expect(one?.admit(1)).toBeGreaterThan(0);
    expect(two?.admit(1)).toBe(0);
    clock.advance(500);
    expect(one?.admit(1)).toBe(0);
    expect(one?.admit(1)).toBeGreaterThan(0);
  });

  it("let a batch above the whole rate pass, and make the next one wait for it", () => {
    const { quotas, clock } = open({ perStream: { appendBytesPerSec: 1000 } });
    const pace = quotas.appendPace(1, undefined, false);
    expect(pace?.admit(5000)).toBe(0);
    expect(pace?.admit(1)).toBe(4001);
    clock.advance(4001);
    expect(pace?.admit(1)).toBe(0);
  });

  it("add up over all streams of a token, and never limit the root token by it", () => {
    const { quotas } = open({ perToken: { appendBytesPerSec: 100 } });
    expect(quotas.appendPace(1, "t", false)?.admit(200)).toBe(0);
    expect(quotas.appendPace(2, "t", false)?.admit(1)).toBeGreaterThan(0);
    expect(quotas.appendPace(2, "other", false)?.admit(1)).toBe(0);
    expect(quotas.appendPace(2, undefined, false)).toBeUndefined();
  });

  it("take nothing for a batch that one of several limits holds back", () => {
    const { quotas, clock } = open({
      perStream: { appendBatchesPerSec: 1 },
      perToken: { appendBytesPerSec: 1000 },
    });
    expect(quotas.appendPace(1, "t", false)?.admit(10)).toBe(0);
    for (let attempt = 0; attempt < 10; attempt++)
      expect(quotas.appendPace(1, "t", false)?.admit(900)).toBeGreaterThan(0);
    clock.advance(1001);
    expect(quotas.appendPace(1, "t", false)?.admit(900)).toBe(0);
  });

  it("count readers in and out, each once", () => {
    const { quotas } = open({
      perStream: { concurrentReaders: 2 },
      perToken: { concurrentReaders: 3 },
    });
    const leaveFirst = quotas.enterReader(1, "t");
    quotas.enterReader(1, "t");
    expect(codeOf(() => quotas.enterReader(1, "t"))).toBe("rate_limited");
    leaveFirst?.();
    leaveFirst?.();
    quotas.enterReader(1, "t");
    expect(codeOf(() => quotas.enterReader(1, "t"))).toBe("rate_limited");
    quotas.enterReader(2, "t");
    expect(codeOf(() => quotas.enterReader(3, "t"))).toBe("rate_limited");
    expect(codeOf(() => quotas.enterReader(3, "u"))).toBe("none");
  });

  it("forget streams and tokens that are idle, and no others", async () => {
    const { quotas, clock } = open({ perStream: { appendBatchesPerSec: 1, concurrentReaders: 1 } });
    quotas.appendPace(1, undefined, false)?.admit(1);
    const leave = quotas.enterReader(2, undefined);
    await quotas.sweep();
    expect(quotas.size).toBe(2);
    clock.advance(1000);
    await quotas.sweep();
    expect(quotas.size).toBe(1);
    leave?.();
    await quotas.sweep();
    expect(quotas.size).toBe(0);
  });

  it.each([
    [{ perStream: { appendBytesPerSec: 0 } }, "INVALID_ARGUMENT"],
    [{ perToken: { appendBatchesPerSec: -1 } }, "INVALID_ARGUMENT"],
    [{ perToken: { concurrentReaders: 1.5 } }, "INVALID_ARGUMENT"],
    [{ perStream: { appendBytesPerSec: Number.NaN } }, "INVALID_ARGUMENT"],
    [{ perStream: { appendBytesPerSec: 0.5 }, perToken: {} }, "none"],
  ])("of %j are checked: %s", (settings, code) => {
    expect(codeOf(() => checkQuotas(settings))).toBe(code);
  });
});

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return S2Error.from(error).code;
  }
  return "none";
}
