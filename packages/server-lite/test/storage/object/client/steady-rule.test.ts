import { type Random, seededRandom } from "@s2kit/core";
import { describe, expect, it } from "vitest";
import type { ObjectFailure } from "../../../../src/storage/object/client/object-store.js";
import { LatencyWindow } from "../../../../src/storage/object/client/steady/latency-window.js";
import {
  decide,
  hedgeAfterMs,
  mayHaveEffect,
} from "../../../../src/storage/object/client/steady/steady-rule.js";

/** Chance at one end. */
const always = (value: number): Random => ({ ...seededRandom(1), next: () => value });
const MOST = always(1);
const DEADLINE = { deadlineMs: 60_000 };

describe("what follows a failed attempt", () => {
  it.each<[ObjectFailure, number, number, number | "final" | "deadline"]>([
    // failure, attempt, elapsed, wait at most
    ["unknown", 1, 0, 50],
    ["unknown", 2, 100, 100],
    ["unknown", 6, 100, 1600],
    ["unknown", 7, 100, 2000],
    ["unknown", 5000, 100, 2000],
    ["busy", 1, 0, 200],
    ["busy", 3, 0, 800],
    ["busy", 9, 0, 2000],
    ["denied", 1, 0, 200],
    ["denied", 30, 50_000, 2000],
    ["clock", 1, 0, 200],
    ["clock", 8, 0, 2000],
    ["noBucket", 1, 0, "final"],
    ["rejected", 1, 0, "final"],
    ["unknown", 1, 59_950, "deadline"],
    ["unknown", 1, 59_949, 50],
    ["busy", 40, 58_500, "deadline"],
    ["denied", 40, 60_001, "deadline"],
  ])("after %s, attempt %i, %i ms: %s", (failure, attempt, elapsedMs, expected) => {
    const decision = decide({ failure, attempt, elapsedMs, ...DEADLINE }, MOST);
    expect(decision).toEqual(
      typeof expected === "number"
        ? { kind: "again", afterMs: expected }
        : { kind: "giveUp", reason: expected },
    );
  });

  it("is a wait of which half is chance", () => {
    const failed = { failure: "unknown", attempt: 3, elapsedMs: 0, ...DEADLINE } as const;
    expect(decide(failed, always(0))).toEqual({ kind: "again", afterMs: 100 });
    expect(decide(failed, always(0.5))).toEqual({ kind: "again", afterMs: 150 });
  });

  it("takes into account which failures may have had an effect", () => {
    const all: ObjectFailure[] = ["unknown", "busy", "denied", "clock", "noBucket", "rejected"];
    expect(all.filter(mayHaveEffect)).toEqual(["unknown", "busy"]);
  });
});

describe("a hedge", () => {
  it("comes after twice the p99, and not before half a second", () => {
    expect(hedgeAfterMs(undefined)).toBe(2000);
    expect(hedgeAfterMs(20)).toBe(500);
    expect(hedgeAfterMs(400)).toBe(800);
  });

  it("goes by the latest latencies, once there are enough", () => {
    const window = new LatencyWindow();
    for (let i = 0; i < 63; i++) window.note(10);
    expect(window.p99Ms).toBeUndefined();
    window.note(10);
    expect(window.p99Ms).toBe(10);
    for (let i = 0; i < 512; i++) window.note(i < 500 ? 20 : 900);
    expect(window.p99Ms).toBe(900);
    for (let i = 0; i < 512; i++) window.note(i < 508 ? 30 : 900);
    expect(window.p99Ms).toBe(30);
  });
});
