// What runs on every change: histories from the first seeds on, and all seeds that ever found something.

import { describe, expect, it } from "vitest";
import { simulate, sumsOf } from "./simulation.js";

describe("histories", () => {
  it("keep every promise in 50 small ones", async () => {
    const run = await simulate("--seeds", "50");
    expect(run.output).toContain("50 histories, 0 broken, 0 undecided");
    expect(run.code).toBe(0);
  });

  it("keep every promise of a store of several shards", async () => {
    const run = await simulate("--seeds", "5", "--engine", "shards");
    expect(run.output).toContain("5 histories, 0 broken, 0 undecided");
    expect(run.code).toBe(0);
  });

  it("keep every promise over hours of idling", async () => {
    const sums = sumsOf(await simulate("--seeds", "3", "--profile", "idle", "--json"));
    expect(sums).toMatchObject({ histories: 3, failed: 0, undecided: 0 });
    expect(sums.simulatedMs).toBeGreaterThan(200 * Number(sums.cpuMs));
  });

  it("keep every promise when many act", async () => {
    const sums = sumsOf(await simulate("--seeds", "3", "--profile", "busy", "--json"));
    expect(sums).toMatchObject({ histories: 3, failed: 0, undecided: 0 });
  });

  it("keep what seeds of the past have broken", async () => {
    const run = await simulate("--regressions", "--keep-going");
    expect(run.output).toContain(" 0 broken, 0 undecided");
  });
});
