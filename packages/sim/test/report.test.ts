// What a person gets when a promise is broken, with a fault that breaks one soon: a batch is stored
// without its last record.

import { beforeAll, describe, expect, it } from "vitest";
import { type Run, simulate } from "./simulation.js";

const PLANTED = ["--plant", "14.4-batch-split"];

describe("a failing history", () => {
  let found: Run;
  beforeAll(async () => {
    found = await simulate("--seeds", "60", ...PLANTED);
  });

  it("is shrunken, shown, and comes again by the command that it prints", async () => {
    const { code, output } = found;
    expect(code).toBe(1);
    expect(output).toMatch(/^seed \d+ \((memory|disk), small\) breaks a promise: atomic: /m);
    const command = /^again: pnpm sim (.*)$/m.exec(output)?.[1] ?? "";
    expect(command).toContain("--drop");
    const again = await simulate(...command.split(" "), ...PLANTED);
    expect(again.code).toBe(1);
    expect(again.output).toMatch(/^trace \w+ on \w+, atomic: /m);
    const [shown, traced] = [output, again.output].map((text) => /trace +(\w{16})/.exec(text)?.[1]);
    expect(traced).toBe(shown);
  });

  it("does not come without the fault", async () => {
    const seed = /^seed (\d+) /m.exec(found.output)?.[1] ?? "";
    const whole = await simulate("--seed", seed, ...PLANTED, "--no-shrink");
    expect([whole.code, whole.output]).toEqual([1, expect.not.stringContaining("--drop")]);
    expect((await simulate("--seed", seed)).code).toBe(0);
  });
});

describe("the command", () => {
  it("refuses what it does not know, and says what there is", async () => {
    const { code, output } = await simulate("--profile", "none");
    expect(code).toBe(2);
    expect(output.trim().split("\n")).toHaveLength(1);
    expect(output).toContain("--profile takes small, busy, idle, calm, plain, not none");
    expect((await simulate("--help")).output).toContain("--regressions");
  });

  it("refuses a planted fault that nobody kept", async () => {
    expect((await simulate("--plant", "none")).output).toContain("scripts/mutants has no none");
  });
});
