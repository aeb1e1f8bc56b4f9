// Histories of several processes on one bucket: see `history/`. S2KIT_DEPTH multiplies their
// number; the long run with all faults is `pnpm --filter @s2kit/server-lite model:claims`.

import { describe, expect, it } from "vitest";
import { type Mode, runHistory, type Stats } from "./history/history.js";
import { PLANTED, STUCK, type Weakness } from "./history/weak-rules.js";

const FACTOR = Number(process.env["S2KIT_DEPTH"] ?? 1);

async function range(mode: Mode, count: number, weak: Weakness = {}): Promise<Stats> {
  const sums: Record<string, number> = {};
  for (let seed = 1; seed <= count; seed++) {
    const { stats, violation } = await runHistory({ seed, mode, weak });
    expect(violation, `model:claims trace ${mode} ${seed}`).toBeUndefined();
    for (const [name, value] of Object.entries(stats)) sums[name] = (sums[name] ?? 0) + value;
  }
  return sums as unknown as Stats;
}

describe("claims, logs and manifests of several processes", { timeout: 120_000 * FACTOR }, () => {
  it("lose nothing that was acknowledged, whoever claims at any time", async () => {
    const count = 80 * FACTOR;
    const { acks, opens, collections } = await range("free", count);
    expect(opens).toBeGreaterThan(1.3 * count);
    expect(acks).toBeGreaterThan(20 * count);
    expect(collections).toBeGreaterThan(count / 2);
  });

  it("answer no stale read, with leases on clocks of different rates", async () => {
    const count = 50 * FACTOR;
    const { acks, opens, reads, proofs, releases } = await range("lease", count);
    expect(opens).toBeGreaterThan(1.3 * count);
    expect(acks).toBeGreaterThan(20 * count);
    expect(reads).toBeGreaterThan(50 * count);
    expect(proofs).toBeGreaterThan(10 * count);
    expect(releases).toBeGreaterThan(count / 4);
  });

  it("serve nobody from a claim that others ended because it stood still", async () => {
    const count = 25 * FACTOR;
    const { acks, opens, ended } = await range("lease", count, { habits: STUCK });
    expect(opens).toBeGreaterThan(count);
    expect(acks).toBeGreaterThan(10 * count);
    expect(ended).toBeGreaterThan(count / 4);
  });

  it("are told apart by their claims when a copied machine has the incarnation of another", async () => {
    const weak = { incarnation: "ab".repeat(16) };
    for (let seed = 1; seed <= 16 * FACTOR; seed++)
      expect(
        (await runHistory({ seed, mode: "free", weak })).violation,
        `seed ${seed}`,
      ).toBeUndefined();
  });

  it("are the same for the same seed, request by request", async () => {
    const tell = async (seed: number): Promise<string> => {
      const lines: string[] = [];
      await runHistory({ seed, mode: "lease", log: (line) => lines.push(line) });
      return lines.join("\n");
    };
    const first = await tell(42);
    expect(await tell(42)).toBe(first);
    expect(await tell(43)).not.toBe(first);
  });
});

describe("planted faults of the protocol", { timeout: 60_000 }, () => {
  it.each(PLANTED)("are found: $what", async ({ mode, weak, from = 1, seeds }) => {
    let found: string | undefined;
    for (let seed = from; seed < from + seeds && found === undefined; seed++)
      found = (await runHistory({ seed, mode, weak })).violation;
    expect(found).toBeDefined();
  });
});
