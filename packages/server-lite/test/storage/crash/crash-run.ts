// Runs a range of crash histories as a test and shows what they covered. S2KIT_DEPTH multiplies their
// number for long runs; S2KIT_CRASH_SEED runs one history instead, and prints its story.

import { expect, it } from "vitest";
import { type HistoryResult, runHistory } from "./crash-history.js";
import { ALL_CRASH_POINTS, RARE_CRASH_POINTS } from "./crash-points.js";

const SEED = process.env["S2KIT_CRASH_SEED"];
const FACTOR = Number(process.env["S2KIT_DEPTH"] ?? 1);

/** Declares the test: every history of the range passes the oracle, crash points are hit. */
export function crashRange(firstSeed: number, histories: number): void {
  if (SEED !== undefined) {
    it(`keeps every promise in the crash history of seed ${SEED}`, async () => {
      const { trace, crashes } = await history(Number(SEED));
      process.stdout.write(`\nseed ${SEED}, ${crashes} crashes:\n${trace}\n`);
    });
    return;
  }
  const count = histories * FACTOR;
  it(`keeps every promise in ${count} crash histories from seed ${firstSeed}`, {
    timeout: 300_000 * FACTOR,
  }, async () => {
    const reached = new Map<string, number>();
    const crashedAt = new Map<string, number>();
    let crashes = 0;
    let reads = 0;
    for (let seed = firstSeed; seed < firstSeed + count; seed++) {
      const result = await history(seed);
      crashes += result.crashes;
      reads += result.reads;
      add(reached, result.reached);
      add(crashedAt, result.crashedAt);
    }
    const rows = [...new Set(ALL_CRASH_POINTS)].map(
      (label) =>
        `${label.padEnd(30)} ${String(reached.get(label) ?? 0).padStart(9)} ${String(crashedAt.get(label) ?? 0).padStart(7)}`,
    );
    process.stdout.write(
      `\n${count} histories, ${crashes} crashes, ${reads} reads beside the work\n${"crash point".padEnd(30)}   reached crashes\n${rows.join("\n")}\n`,
    );
    expect(crashes).toBeGreaterThan(count);
    expect(reads).toBeGreaterThan(10 * count);
    const missed = ALL_CRASH_POINTS.filter(
      (label) => !RARE_CRASH_POINTS.includes(label) && (crashedAt.get(label) ?? 0) === 0,
    );
    expect(missed).toEqual([]);
  });
}

/** @throws an error that names the seed and tells the story up to the violation, which is its cause */
async function history(seed: number): Promise<HistoryResult> {
  const trace: string[] = [];
  return await runHistory({ seed, trace }).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    const replay = `S2KIT_CRASH_SEED=${seed} pnpm vitest run test/storage/crash/histories.test.ts`;
    throw new Error(
      `crash history failed seed=${seed}: ${why}\nstory: ${trace.join(" ")}\nreplay: ${replay}`,
      { cause },
    );
  });
}

function add(sum: Map<string, number>, part: ReadonlyMap<string, number>): void {
  for (const [label, count] of part) sum.set(label, (sum.get(label) ?? 0) + count);
}
