import { describe, expect, it } from "vitest";
import { simulate, sumsOf } from "./simulation.js";

describe("a seed", () => {
  it("gives the same trace twice in one process, and in another one", async () => {
    const args = ["--seeds", "4", "--json"];
    const [twice, once] = [await simulate(...args, "--twice"), await simulate(...args)];
    expect(twice.code).toBe(0);
    expect(sumsOf(once).hash).toBe(sumsOf(twice).hash);
  });

  it("gives another trace than its neighbour", async () => {
    const [first, other] = [
      await simulate("--seed", "1", "--json"),
      await simulate("--seed", "2", "--json"),
    ];
    expect(sumsOf(first).hash).not.toBe(sumsOf(other).hash);
  });

  it("gives the same trace when its engine is named", async () => {
    const { output } = await simulate("--seed", "3");
    const engine = / on (\w+)/.exec(output)?.[1] ?? "";
    const named = await simulate("--seed", "3", "--engine", engine);
    expect(named.output.split("\n")[0]).toBe(output.split("\n")[0]);
  });
});
