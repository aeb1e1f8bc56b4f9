// The page of figures: what was measured, where, by which commands, beside what, and first of all where
// others are ahead. Written from the files of runs, so that no number in it was typed.

import type { Beside, Figure } from "../figure.ts";
import { isBehind, isReached } from "../figure.ts";
import { digits, machineLine } from "../report.ts";
import type { Run } from "../run-file.ts";
import { type Bar, barsSvg } from "./bars.ts";

export interface Page {
  readonly markdown: string;
  /** One picture for each run, by file name. */
  readonly pictures: ReadonlyMap<string, string>;
}

export function pageOf(runs: readonly Run[], date: string): Page {
  const pictures = new Map(
    runs.map(({ settings, results }) => [
      `benchmarks-${settings.storage}.svg`,
      barsSvg(`Beside the official open server, ${settings.storage} storage`, barsOf(results)),
    ]),
  );
  const [first] = runs;
  if (first === undefined) throw new Error("a page needs the file of a run");
  const commands = runs.map(
    ({ settings: { storage, rounds, roundMs } }) =>
      `pnpm --filter @s2kit/benchmarks bench --storage ${storage} --rounds ${rounds} --round-ms ${roundMs} --json > ${storage}.json`,
  );
  const markdown = [
    "# Figures",
    "",
    `Measured ${date} on ${machineLine(first.machine)}; server, load and reference in processes of their own, on this machine together.`,
    "Values are medians of rounds in which the sides take turns; ratios are medians of the rounds' ratios. Absolute numbers do",
    "not travel between machines: ratios do, roughly. What is within 15 % is the same.",
    "",
    "```sh",
    ...commands,
    `pnpm --filter @s2kit/benchmarks bench --page ../docs ${runs.map(({ settings }) => `--from ${settings.storage}.json`).join(" ")}`,
    "```",
    "",
    "What each benchmark does, and how peers are found: [benchmarks](../benchmarks/README.md).",
    "",
    "## Where we lose",
    "",
    ...losses(runs),
    "",
    ...runs.flatMap(({ settings }) => [
      `![Beside the official open server, ${settings.storage} storage](images/benchmarks-${settings.storage}.svg)`,
      "",
    ]),
    ...runs.flatMap(tablesOf),
  ].join("\n");
  return { markdown: `${markdown.trimEnd()}\n`, pictures };
}

function losses(runs: readonly Run[]): string[] {
  const lines = runs.flatMap(({ settings: { storage }, results }) =>
    results.flatMap(({ benchmark, figures }) =>
      figures.flatMap((figure) => {
        const name = `${benchmark}, ${figure.name} (${storage})`;
        const behind = (figure.peers ?? []).filter((peer) => isBehind(figure, peer));
        const lost = behind.map(
          (peer) =>
            `- ${name}: ${digits(figure.value)} ${figure.unit}, ${peer.name} ${digits(peer.value)}`,
        );
        if (isReached(figure) === false) lost.push(`- ${name}: ${goalTold(figure)}`);
        return lost;
      }),
    ),
  );
  return lines.length === 0 ? ["Nowhere in this run."] : lines;
}

function goalTold({ goal, value, unit, reference }: Figure): string {
  const measured = goal?.of === "ratio" ? reference?.ratio : value;
  const relation = goal?.relation === ">=" ? "at least" : "at most";
  const of = goal?.of === "ratio" ? ` of ${reference?.name}` : ` ${unit}`;
  return `${digits(measured ?? Number.NaN)}${of}, the goal is ${relation} ${digits(goal?.bound ?? Number.NaN)}`;
}

function tablesOf({ settings, results }: Run): string[] {
  return [
    `## ${settings.storage === "disk" ? "Disk" : "Memory"} storage`,
    "",
    ...results.flatMap(({ benchmark, title, figures }) => [
      `### ${benchmark}`,
      "",
      `${title}.`,
      "",
      "| figure | ours | reference, same run | peers, same run |",
      "| --- | --- | --- | --- |",
      ...figures.map(
        (figure) =>
          `| ${figure.name} | ${digits(figure.value)} ${figure.unit} | ${told(figure.reference, figure)} | ${(figure.peers ?? []).map((peer) => told(peer, figure)).join("; ") || "–"} |`,
      ),
      "",
    ]),
  ];
}

function told(beside: Beside | undefined, { unit }: Figure): string {
  if (beside === undefined) return "–";
  return `${digits(beside.ratio)} of ${digits(beside.value)} ${unit} (${beside.name})`;
}

/** The first peer is the official server: the only one that does the same. */
function barsOf(results: Run["results"]): Bar[] {
  return results.flatMap(({ benchmark, figures }) =>
    figures.flatMap(({ name, better, peers }) => {
      const official = peers?.find((peer) => peer.name.startsWith("s2 lite"));
      if (official === undefined || !(official.ratio > 0)) return [];
      const times = better === "more" ? official.ratio : 1 / official.ratio;
      return [{ name: `${benchmark}: ${name}`, times }];
    }),
  );
}
