// How results are told: lines for people, one JSON document for machines. Both name the machine,
// because a figure without it is a rumour.

import { cpus, totalmem } from "node:os";
import { type Figure, isBehind, isReached } from "./figure.ts";

export interface Result {
  readonly benchmark: string;
  readonly title: string;
  readonly figures: readonly Figure[];
}

export interface Machine {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryBytes: number;
  readonly node: string;
  readonly platform: string;
}

export function machine(): Machine {
  const all = cpus();
  return {
    cores: all.length,
    cpu: all[0]?.model ?? "unknown",
    memoryBytes: totalmem(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
  };
}

export function machineLine({ cores, cpu, memoryBytes, node, platform }: Machine): string {
  return `${cores} cores (${cpu}), ${(memoryBytes / 2 ** 30).toFixed(0)} GiB, ${platform}, Node ${node}`;
}

export function resultLines({ benchmark, title, figures }: Result): string[] {
  return [`${benchmark}: ${title}`, ...figures.flatMap(figureLines), ""];
}

export function toJson(settings: object, results: readonly Result[]): string {
  const told = results.map((result) => ({
    ...result,
    figures: result.figures.map((figure) => ({ ...figure, isReached: isReached(figure) })),
  }));
  return JSON.stringify({ machine: machine(), settings, results: told }, undefined, 2);
}

function figureLines(figure: Figure): string[] {
  const { name, unit, value, reference, peers = [], note } = figure;
  const beside =
    reference === undefined
      ? ""
      : `   ${digits(reference.ratio)} of ${digits(reference.value)} ${unit} (${reference.name})`;
  const lines = [`  ${name}   ${digits(value)} ${unit}${beside}${goalText(figure)}`];
  for (const peer of peers)
    lines.push(
      `      ${digits(peer.ratio)} of ${digits(peer.value)} ${unit} (${peer.name})${isBehind(figure, peer) ? "   BEHIND" : ""}`,
    );
  if (note !== undefined) lines.push(`      ${note}`);
  return lines;
}

function goalText(figure: Figure): string {
  const { goal } = figure;
  if (goal === undefined) return "";
  const bound = `${goal.relation} ${digits(goal.bound)}`;
  return `   goal ${bound}${goal.of === "ratio" ? " of it" : ""}: ${isReached(figure) === true ? "reached" : "MISSED"}`;
}

/** Three significant digits, and whole numbers in full. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return "?";
  return Math.abs(value) >= 100
    ? Math.round(value).toLocaleString("en")
    : String(Number(value.toPrecision(3)));
}
