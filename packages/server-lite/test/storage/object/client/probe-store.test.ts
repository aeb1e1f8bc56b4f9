import { seededRandom, systemClock } from "@s2kit/core";
import { describe, expect, it } from "vitest";
import { type ProbeReport, probeStore } from "../../../../src/storage/object/client/probe-store.js";
import { SteadyStore } from "../../../../src/storage/object/client/steady/steady-store.js";
import type { FaultPlan } from "../../../support/bucket-double/faults.js";
import { type BucketHarness, type HarnessOptions, openHarness } from "./bucket-harness.js";

function probe({ store }: BucketHarness): Promise<ProbeReport> {
  const components = { clock: systemClock, random: seededRandom(7) };
  const steady = SteadyStore.over(store, { deadlineMs: 20_000 }, components);
  return probeStore(steady, { ...components, skewMs: () => store.bucketClock.skewMs });
}

/** Probes a double of this kind, and says what is left in it. */
async function refusal(
  double: HarnessOptions["double"],
  plan?: FaultPlan,
): Promise<{ reason: string; left: number }> {
  await using harness = await openHarness({ double: double ?? {} });
  if (plan !== undefined) harness.double.plan = plan;
  const reason = await probe(harness).then(
    () => "",
    (error: Error) => error.message,
  );
  return { reason, left: harness.double.objects.size };
}

describe("the probe of a bucket", () => {
  it("lets one pass that keeps its word, and leaves nothing behind", async () => {
    await using harness = await openHarness();
    const report = await probe(harness);
    expect(report.tookMs).toBeGreaterThan(0);
    expect(report.skewMs).toBe(0);
    expect(harness.double.objects.size).toBe(0);
  });

  it("lets one pass that is slow, busy and loses answers", async () => {
    await using harness = await openHarness();
    harness.double.plan = ({ number }) => {
      if (number % 17 === 0) return { kind: "cut", hasEffect: true };
      if (number % 13 === 0) return { kind: "refused", status: 503, code: "SlowDown" };
      return number % 3 === 0 ? { kind: "slow", effectMs: 5, answerMs: 5 } : undefined;
    };
    await probe(harness);
    expect(harness.double.objects.size).toBe(0);
  });

  it("refuses one that does not look at conditions", async () => {
    const { reason, left } = await refusal({ conditions: "ignored" });
    expect(reason).toContain(
      "this bucket cannot hold a store: a second conditional PUT of the same key was granted",
    );
    expect(left).toBe(0);
  });

  it("refuses one that looks first and writes then", async () => {
    const { reason, left } = await refusal({ conditions: "racy" });
    expect(reason).toMatch(/of 16 racers for one key \d+ were told that they won/);
    expect(left).toBe(0);
  });

  it("refuses one whose listing lags", async () => {
    const { reason, left } = await refusal({}, ({ query }) =>
      query.has("list-type")
        ? {
            kind: "stranger",
            status: 200,
            body: "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>",
          }
        : undefined,
    );
    expect(reason).toContain("a LIST lacks 5 of 5 objects that were just written");
    expect(left).toBe(0);
  });

  it("refuses one that removes nothing", async () => {
    const { reason } = await refusal({}, ({ query }) =>
      query.has("delete") ? { kind: "stranger", status: 200, body: "<DeleteResult/>" } : undefined,
    );
    expect(reason).toContain("an object was still there after it was removed");
  });

  it("refuses one whose clock is far away, with how far", async () => {
    expect((await refusal({ skewMs: 5 * 60_000 })).reason).toMatch(
      /this machine's clock is (299|300|301) s behind the store's/,
    );
    expect((await refusal({ skewMs: -5 * 60_000 })).reason).toMatch(
      /this machine's clock is (299|300|301) s ahead of the store's/,
    );
  });

  it("says what the store says when it may not write", async () => {
    await using harness = await openHarness({
      keys: { accessKeyId: "AKNOBODY", secretAccessKey: "x" },
    });
    const components = { clock: systemClock, random: seededRandom(7) };
    const steady = SteadyStore.over(harness.store, { deadlineMs: 500 }, components);
    await expect(probeStore(steady, components)).rejects.toMatchObject({
      failure: "denied",
      message: expect.stringContaining("InvalidAccessKeyId"),
    });
  });
});
