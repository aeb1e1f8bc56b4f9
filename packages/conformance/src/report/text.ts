// A report as text for people: what failed and why, what was skipped and why, the counts.
// Pure: what prints it is the command.

import type { CaseResult, ConformanceReport } from "../run/report.js";

const MARK = {
  passed: "ok",
  failed: "FAILED",
  known: "known",
  skipped: "skipped",
  "unexpected-pass": "PASSES",
} as const;

/** One line of progress for a case. */
export function formatResult({ id, outcome, detail, ms }: CaseResult): string {
  const head = `${MARK[outcome].padEnd(7)} ${id}`;
  return outcome === "passed" ? `${head} (${ms} ms)` : `${head}: ${detail ?? ""}`;
}

/** Lines for a terminal: what failed and why, what was skipped for want of what, and the totals. */
export function formatText(report: ConformanceReport): string {
  const { totals, results, seconds, seed, leftBehind } = report;
  const bad = results.filter(
    ({ outcome }) => outcome === "failed" || outcome === "unexpected-pass",
  );
  const lines = bad.flatMap(({ id, says, spec, outcome, detail }) => [
    `${MARK[outcome]} ${id}`,
    `  says: ${says} (${spec.join(", ")})`,
    `  ${outcome === "failed" ? "but" : "yet"}:  ${detail ?? ""}`,
  ]);
  const skipped = reasons(results);
  if (skipped.size > 0) lines.push("skipped:");
  for (const [why, ids] of skipped)
    lines.push(`  ${ids.length} ${ids.length === 1 ? "case" : "cases"}: ${why}`);
  const known = results.filter(({ outcome }) => outcome === "known");
  if (known.length > 0) lines.push("known failures:");
  for (const { id, detail } of known) lines.push(`  ${id}: ${detail ?? ""}`);
  for (const path of leftBehind) lines.push(`left behind: ${path}`);
  if (report.denied.length > 0) lines.push(`the token may not: ${report.denied.join(", ")}`);
  lines.push(
    `${report.endpoint}: ${totals.passed} passed, ${totals.failed} failed, ${totals.known} known, ` +
      `${totals["unexpected-pass"]} unexpected passes, ${totals.skipped} skipped; ` +
      `${seconds} s, seed ${seed}${report.isInterrupted ? ", interrupted" : ""}`,
  );
  return `${lines.join("\n")}\n`;
}

function reasons(results: readonly CaseResult[]): ReadonlyMap<string, readonly string[]> {
  const byReason = new Map<string, string[]>();
  for (const { id, outcome, detail = "" } of results)
    if (outcome === "skipped") byReason.set(detail, [...(byReason.get(detail) ?? []), id]);
  return byReason;
}
