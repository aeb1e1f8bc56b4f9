// Histories that the simulator writes for the public model: ours judges them as its own checker does, and
// refuses each that is doctored.

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { judgeHistory } from "../src/history/history-lines.js";
import { simulate } from "./simulation.js";

const SEEDS = [1, 2, 3];

async function histories(): Promise<string[]> {
  const directory = await mkdtemp(join(tmpdir(), "s2kit-sim-"));
  const texts = await Promise.all(
    SEEDS.map(async (seed) => {
      const file = join(directory, `${seed}.jsonl`);
      await simulate("--seed", `${seed}`, "--profile", "plain", "--history", file);
      return readFile(file, "utf8");
    }),
  );
  await rm(directory, { recursive: true });
  return texts;
}

/** Changes the n-th number behind a word by one. */
function doctored(text: string, word: string, at: number): string | undefined {
  const places = [...text.matchAll(new RegExp(`"${word}":\\{"tail":(\\d+)`, "g"))];
  const place = places[at];
  if (place === undefined) return undefined;
  const from = place.index + place[0].length - (place[1] as string).length;
  const changed = String(Number(place[1]) + 1);
  return text.slice(0, from) + changed + text.slice(from + (place[1] as string).length);
}

it("histories of the simulator are linearizable, and doctored ones are not", async () => {
  const texts = await histories();
  let refused = 0;
  for (const text of texts) {
    expect(judgeHistory(text).kind).toBe("linearizable");
    for (const word of ["AppendSuccess", "CheckTailSuccess", "ReadSuccess"]) {
      const changed = doctored(text, word, 1);
      if (changed === undefined) continue;
      expect(judgeHistory(changed).kind, word).toBe("refuted");
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(SEEDS.length);
});
