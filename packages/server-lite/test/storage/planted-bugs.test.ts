import { describe, expect, it } from "vitest";
import { type HistoryOptions, runHistory } from "./crash-history.js";

/** A weakness, and the number of seeds within which the histories must find it. */
const PLANTED: readonly [string, NonNullable<HistoryOptions["planted"]>, number][] = [
  ["writes are not synced", { skipSync: true }, 5],
  ["directories are not synced", { skipDirectorySync: true }, 5],
  ["acks come before the write", { acksEarly: true }, 25],
  ["generations are ignored", { ignoreGeneration: true }, 10],
  ["checksums are not looked at", { skipChecksum: true }, 250],
];

describe("planted bugs", () => {
  for (const [what, planted, seeds] of PLANTED)
    it(`are found within ${seeds} seeds: ${what}`, { timeout: 60_000 }, async () => {
      let foundAt = 0;
      for (let seed = 1; seed <= seeds && foundAt === 0; seed++)
        await runHistory({ seed, planted }).catch(() => {
          foundAt = seed;
        });
      expect(foundAt).toBeGreaterThan(0);
    });
});

describe("crash histories", () => {
  it("are the same for the same seed, and differ between seeds", async () => {
    const [first, again, other] = [
      await runHistory({ seed: 42 }),
      await runHistory({ seed: 42 }),
      await runHistory({ seed: 43 }),
    ];
    expect(again.trace).toBe(first.trace);
    expect(other.trace).not.toBe(first.trace);
  });
});
