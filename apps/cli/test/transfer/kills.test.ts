// Whenever export, import or cp is killed, the next run ends with what the source holds. Few points
// here, drawn from a fixed seed; `pnpm bench:kills --points 500` draws many, `--every-step` takes
// every step on files.

import { expect, it } from "vitest";
import { runKillPoints } from "../../bench/kills/kill-points.js";

it.each([
  ["memory", 3],
  ["disk", 2],
] as const)(
  "goes on after kills at drawn points, server %s",
  { timeout: 300_000 },
  async (engine, points) => {
    const { failures, points: judged } = await runKillPoints({
      engine,
      points,
      seed: 12,
      mib: 0.5,
    });
    expect(failures).toEqual([]);
    expect(judged).toBe(points);
  },
);
