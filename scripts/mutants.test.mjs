// The kept list of planted faults must stay plantable: texts move, tests are renamed.

import { expect, it } from "vitest";
import { defectOf, loadMutants, mutate } from "./mutants.mjs";

it("has a place and a test for every mutant", async () => {
  const mutants = await loadMutants();
  expect(mutants.map((mutant) => defectOf(mutant)).filter(Boolean)).toEqual([]);
});

it("names every mutant once", async () => {
  const ids = (await loadMutants()).map(({ id }) => id);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
});

it("refuses a text that is missing, or that occurs twice", () => {
  const mutant = { id: "X", file: "x.ts", change: [["a", "b"]] };
  expect(mutate(mutant, "xax")).toBe("xbx");
  expect(() => mutate(mutant, "xxx")).toThrow("occurs 0 times");
  expect(() => mutate(mutant, "aa")).toThrow("occurs 2 times");
});
