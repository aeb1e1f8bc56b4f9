// Every kept input and every seed, fed to its entry once more; and a few thousand mutations of them. More of
// it: `pnpm fuzz`.

import { readdirSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { Campaign } from "../../src/engine/campaign.js";
import { CORPUS, inputsOf } from "../../src/engine/corpus.js";
import { tryInput } from "../../src/engine/try-input.js";
import { ENTRIES } from "../../src/entries/table.js";

const SEED = Number(process.env.FUZZ_SEED ?? 14);
const INPUTS = Number(process.env.FUZZ_INPUTS ?? 250 * Number(process.env.S2KIT_DEPTH ?? 1));
const MAX_SECONDS = 60;

afterAll(async () => {
  for (const entry of ENTRIES) await entry.close?.();
});

describe.each(ENTRIES.map((entry) => [entry.name, entry] as const))("the entry %s", (_, entry) => {
  it("reads every kept input, or refuses it with a code", async () => {
    const inputs = await inputsOf(entry);
    expect(inputs.length).toBeGreaterThan(2);
    for (const { name, bytes } of inputs) {
      const verdict = await tryInput(entry, bytes);
      expect(verdict.kind === "found" ? verdict.find : "fine", name).toBe("fine");
    }
  });

  it("reads what they become by mutation, or refuses it with a code", async () => {
    const kept = (await inputsOf(entry)).map(({ bytes }) => bytes);
    const inputs = kept.length + INPUTS;
    const options = { seed: SEED, seconds: MAX_SECONDS, inputs, now: () => performance.now() };
    const { found, words } = await new Campaign(entry, options).run(kept);
    expect(found).toEqual([]);
    expect(words).toBeGreaterThan(1);
  });
});

describe("the corpus", () => {
  it("has a folder for entries only", () => {
    const names = ENTRIES.map(({ name }) => name);
    const folders = readdirSync(CORPUS, { withFileTypes: true })
      .filter((each) => each.isDirectory())
      .map(({ name }) => name);
    expect(folders.filter((name) => !names.includes(name))).toEqual([]);
  });
});
