// A report as tables of Markdown: operations by formats and carriers with the statuses and codes
// that came, error codes with who provoked them or why nobody can, headings of the specification
// with their cases.

import { CODES, ROUTE_CODES } from "../codes.js";
import { ROUTES } from "../operations.js";
import type { Cell } from "../run/recorder.js";
import type { ConformanceReport } from "../run/report.js";

/** Markdown: the operations, error codes and headings of the specification seen in a run. */
export function formatTable(report: ConformanceReport): string {
  return [
    "### Operations",
    "",
    ...operations(report.coverage),
    "",
    "### Error codes",
    "",
    ...codes(report.coverage),
    "",
    "### Headings of the specification",
    "",
    ...headings(report),
    "",
  ].join("\n");
}

const join = (values: Iterable<string>): string => [...new Set(values)].sort().join(" ");

function operations(cells: readonly Cell[]): string[] {
  const rows = ROUTES.map(({ name }) => {
    const mine = cells.filter(({ operation }) => operation === name);
    const formats = join(mine.map(({ format }) => format));
    const carriers = join(mine.map(({ carrier }) => carrier));
    const good = join(
      mine.filter(({ status }) => status < 300).map(({ status }) => String(status)),
    );
    const bad = join(
      mine.filter(({ status }) => status >= 300).map(({ status, code }) => code || String(status)),
    );
    return `| \`${name}\` | ${formats} | ${carriers} | ${good} | ${bad} |`;
  });
  return [
    "| operation | formats | over | answers | refusals |",
    "| --- | --- | --- | --- | --- |",
    ...rows,
  ];
}

function codes(cells: readonly Cell[]): string[] {
  const rows = Object.entries(CODES).map(([code, { status, unreachable }]) => {
    const by = cells.filter((cell) => cell.code === code);
    const where =
      by.length === 0
        ? `— ${unreachable ?? "not seen in this run"}`
        : `${new Set(by.map(({ operation }) => operation)).size} operations, in ${join(by.map(({ format }) => format))}`;
    return `| \`${code}\` | ${status} | ${where} |`;
  });
  const routes = Object.entries(ROUTE_CODES).map(([code, status]) => {
    const isSeen = cells.some((cell) => cell.code === code);
    return `| \`${code}\` | ${status} | ${isSeen ? "seen" : "— not seen in this run"} |`;
  });
  return ["| code | status | provoked |", "| --- | --- | --- |", ...rows, ...routes];
}

function headings({ results }: ConformanceReport): string[] {
  const byHeading = new Map<string, Record<string, number>>();
  for (const { spec, outcome } of results)
    for (const heading of spec) {
      const counts = byHeading.get(heading) ?? {};
      counts[outcome] = (counts[outcome] ?? 0) + 1;
      byHeading.set(heading, counts);
    }
  const rows = [...byHeading.keys()].sort().map((heading) => {
    const counts = byHeading.get(heading) ?? {};
    const [page, anchor] = heading.split("#");
    const columns = ["passed", "failed", "known", "skipped"].map((outcome) => counts[outcome] ?? 0);
    return `| ${page} | ${anchor} | ${columns.join(" | ")} |`;
  });
  return [
    "| page | heading | passed | failed | known | skipped |",
    "| --- | --- | --- | --- | --- | --- |",
    ...rows,
  ];
}
