import { describe, expect, it } from "vitest";
import { type HistoryOptions, runHistory } from "./crash-history.js";
import { RARE_CRASH_POINTS } from "./crash-points.js";
import {
  ACKS_EARLY,
  IGNORES_GENERATIONS,
  SKIPS_CHECKSUMS,
  SKIPS_FORMAT_MARK,
  SPLITS_UPGRADE_SLICES,
  SWITCHES_FORMAT_FIRST,
} from "./weak-rules.js";

const UPGRADE = "upgrade transaction";

/** A weakness, and the number of seeds within which the histories must find it. */
const PLANTED: readonly [string, Pick<HistoryOptions, "planted" | "rules">, number, string?][] = [
  ["writes are not synced", { planted: { skipSync: true } }, 5],
  ["directories are not synced", { planted: { skipDirectorySync: true } }, 5],
  ["acks come before the write", { rules: ACKS_EARLY }, 25],
  ["generations are ignored", { rules: IGNORES_GENERATIONS }, 10],
  // Only a group torn in its middle shows it.
  ["checksums are not looked at", { rules: SKIPS_CHECKSUMS }, 120, "writing log"],
  ["an upgrade stores its cursor after the slice", { rules: SPLITS_UPGRADE_SLICES }, 15, UPGRADE],
  ["an upgrade switches FORMAT first", { rules: SWITCHES_FORMAT_FIRST }, 10, UPGRADE],
  ["an upgrade does not mark FORMAT", { rules: SKIPS_FORMAT_MARK }, 10, UPGRADE],
];

describe("planted bugs", () => {
  for (const [what, weakness, seeds, crashAt] of PLANTED)
    it(`are found within ${seeds} seeds: ${what}`, { timeout: 200_000 }, async () => {
      let foundAt = 0;
      for (let seed = 1; seed <= seeds && foundAt === 0; seed++)
        await runHistory({
          seed,
          ...weakness,
          ...(crashAt === undefined ? {} : { crashAt }),
        }).catch(() => {
          foundAt = seed;
        });
      expect(foundAt).toBeGreaterThan(0);
    });
});

describe("crash histories", () => {
  it("come to the rare calls too, and keep every promise there", { timeout: 200_000 }, async () => {
    for (const crashAt of RARE_CRASH_POINTS) {
      let crashes = 0;
      for (let seed = 1; seed <= 150 && crashes < 3; seed++) {
        const { crashedAt } = await runHistory({ seed, crashAt });
        crashes += crashedAt.get(crashAt) ?? 0;
      }
      expect(crashes, crashAt).toBeGreaterThanOrEqual(3);
    }
  });

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
