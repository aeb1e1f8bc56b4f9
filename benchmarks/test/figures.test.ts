import { expect, it } from "vitest";
import { changeLine, changesSince, isWorse } from "../src/compare.ts";
import { compared, isBehind } from "../src/figure.ts";
import { pageOf } from "../src/page/page.ts";
import { machine, type Result, resultLines } from "../src/report.ts";

const ours = { name: "appends", unit: "/s", ours: [100, 110, 90] } as const;
const reference = { name: "frames", rounds: [200, 220, 180] };
const settings = { storage: "disk", rounds: 3, roundMs: 600 } as const;

function resultOf(...figures: Result["figures"]): Result {
  return { benchmark: "small", title: "Small appends", figures };
}

it("a peer is ahead only beyond noise, and in the direction in which more or less is better", () => {
  const peers = (value: number) => [{ name: "s2 lite 1", rounds: [value, value, value] }];
  const behind = (better: "more" | "less", value: number): boolean | undefined => {
    const figure = compared({ ...ours, better, peers: peers(value) });
    return figure.peers?.map((peer) => isBehind(figure, peer))[0];
  };
  expect(behind("more", 130)).toBe(true);
  expect(behind("more", 105)).toBe(false);
  expect(behind("less", 80)).toBe(true);
  expect(behind("less", 120)).toBe(false);
});

it("peers without rounds are left out, and nothing stands in their place", () => {
  const figure = compared({ ...ours, better: "more", peers: [{ name: "s2 lite", rounds: [] }] });
  expect(figure.peers).toBeUndefined();
});

it("runs are compared by the ratio to the reference where there is one", () => {
  const before = resultOf(compared({ ...ours, better: "more", reference }));
  const slowMachine = { ...reference, rounds: [100, 110, 90] };
  const half = compared({ ...ours, ours: [50, 55, 45], better: "more", reference: slowMachine });
  const [same] = changesSince([before], [resultOf(half)]);
  expect(same).toMatchObject({ before: 0.5, after: 0.5, gain: 1 });
  const slower = compared({ ...ours, ours: [70, 77, 63], better: "more", reference });
  const [worse] = changesSince([before], [resultOf(slower)]);
  expect(worse && isWorse(worse)).toBe(true);
  expect(worse && changeLine(worse)).toContain("WORSE");
});

it("the page tells every loss, and draws what the official server was measured at", () => {
  const figure = compared({
    ...ours,
    better: "more",
    reference,
    peers: [
      { name: "s2 lite 1", rounds: [200, 220, 180] },
      { name: "Redis", rounds: [10, 11, 9] },
    ],
    goal: { of: "ratio", relation: ">=", bound: 0.65 },
  });
  const run = { machine: machine(), settings, results: [resultOf(figure)] };
  const { markdown, pictures } = pageOf([run], "2026-01-01");
  expect(markdown).toContain("- small, appends (disk): 100 /s, s2 lite 1 200");
  expect(markdown).toContain("- small, appends (disk): 0.5 of frames, the goal is at least 0.65");
  expect(markdown).not.toContain("Redis 10\n");
  expect(pictures.get("benchmarks-disk.svg")).toContain(">1/2<");
  expect(resultLines(resultOf(figure)).join("\n")).toContain("(s2 lite 1)   BEHIND");
});
