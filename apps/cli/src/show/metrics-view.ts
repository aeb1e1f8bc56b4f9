// Metrics for people: tables, and a chart of blocks on a terminal; for scripts the API's JSON.
// Spec: cli#metrics-commands.

import type { MetricSample, MetricSeries, MetricsArgs } from "@s2kit/client";
import type { MetricInterval, MetricSet } from "@s2kit/core/control";
import type { Input } from "../frame/input.js";
import type { Output } from "../frame/output.js";
import { usageError } from "../values/failure.js";
import { given } from "../values/given.js";
import { textTable } from "./text-table.js";

type Range = Pick<MetricsArgs<MetricSet>, "start" | "end" | "interval">;

/** @throws {CliError} exit code 2 when one end of the range is missing */
export function metricsRange(input: Input, now: number): Range {
  const last = input.get<number>("last");
  const start = last === undefined ? instantOf(input, "start", now) : now - last;
  const end = last === undefined ? instantOf(input, "end", now) : now;
  if (start === undefined) throw usageError("--start-timestamp or --start-ago is missing", HINT);
  if (end === undefined) throw usageError("--end-timestamp or --end-ago is missing", HINT);
  return { start, end, ...given("interval", intervalOf(input)) };
}

const HINT = "or say --last 1h";

function instantOf(input: Input, end: "start" | "end", now: number): number | undefined {
  const secs = input.get<number>(`${end}-timestamp`);
  if (secs !== undefined) return secs * 1000;
  const agoMs = input.get<number>(`${end}-ago`);
  return agoMs === undefined ? undefined : now - agoMs;
}

/** Streams have no choice of interval, and no flag for it. */
function intervalOf(input: Input): MetricInterval | undefined {
  return input.declares("interval") ? input.get<MetricInterval>("interval") : undefined;
}

export async function showMetrics(
  out: Output,
  values: readonly MetricSeries[],
  wantsChart: boolean,
): Promise<void> {
  for (const series of values) {
    if (out.isJson) await out.json(seriesJson(series));
    else await out.line(seriesText(out, series, wantsChart || out.stdout.isTTY === true));
  }
}

function seriesText(out: Output, series: MetricSeries, hasChart: boolean): string {
  switch (series.kind) {
    case "scalar":
      return `${series.name}: ${series.value} ${series.unit}`;
    case "label":
      return [`${series.name}:`, ...series.values.map((value) => `  ${value}`)].join("\n");
    case "accumulation":
      return [
        series.name,
        ...chart(out, series.values, hasChart),
        table("interval start time", series),
      ].join("\n");
    case "gauge":
      return [series.name, "", ...chart(out, series.values, hasChart), table("time", series)].join(
        "\n",
      );
  }
}

function table(
  timeTitle: string,
  { unit, values }: Extract<MetricSeries, { kind: "accumulation" | "gauge" }>,
): string {
  return textTable(
    [timeTitle, unit],
    values.map(([at, value]) => [timeText(at), String(value)]),
  );
}

/** One block for each value, as high as its share of the largest. */
function chart(out: Output, values: readonly MetricSample[], isWanted: boolean): string[] {
  const max = Math.max(0, ...values.map(([, value]) => value));
  if (!isWanted || max === 0) return [];
  const { bars } = out.data.glyph;
  const width = out.stdout.columns || 80;
  const blocks = values
    .slice(-width)
    .map(
      ([, value]) =>
        bars[Math.min(bars.length - 1, Math.floor((value / max) * bars.length))] ?? " ",
    );
  return [out.paintData(blocks.join(""), "cyan")];
}

function seriesJson(series: MetricSeries): unknown {
  const { kind, ...rest } = series;
  if (kind === "scalar" || kind === "label") return { [kind]: rest };
  const values = series.values.map(([at, value]) => [Math.floor(at.getTime() / 1000), value]);
  return { [kind]: { ...rest, values } };
}

function timeText(at: Date): string {
  return `${at.toISOString().slice(0, 19)}Z`;
}
