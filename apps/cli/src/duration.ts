// The duration grammar of the command line: integers with units, run together or with spaces
// (`1h 30m`, `5ms`, `7days`). Parses to milliseconds and prints in two ways. Pure.
// Spec: CLI section 1.1 (a month is 30.44 days, a year 365.25 days).

import { usageError } from "./failure.js";

const DAY_MS = 86_400_000;

const UNITS_MS: ReadonlyMap<string, number> = new Map([
  ...named(["ns", "nsec", "nanos"], 1e-6),
  ...named(["us", "usec", "micros"], 1e-3),
  ...named(["ms", "msec", "millis"], 1),
  ...named(["s", "sec", "secs", "second", "seconds"], 1000),
  ...named(["m", "min", "mins", "minute", "minutes"], 60_000),
  ...named(["h", "hr", "hrs", "hour", "hours"], 3_600_000),
  ...named(["d", "day", "days"], DAY_MS),
  ...named(["w", "wk", "wks", "week", "weeks"], 7 * DAY_MS),
  ...named(["M", "month", "months"], 30.44 * DAY_MS),
  ...named(["y", "yr", "yrs", "year", "years"], 365.25 * DAY_MS),
]);

const COMPACT: readonly (readonly [string, number])[] = [
  ["d", 86_400],
  ["h", 3600],
  ["m", 60],
  ["s", 1],
];

/** @throws {CliError} exit code 2, naming the units */
export function parseDurationMs(text: string): number {
  let totalMs = 0;
  let rest = text.trim();
  if (rest === "") throw badDuration(text);
  while (rest !== "") {
    const part = /^([0-9]+)\s*([A-Za-z]+)\s*/.exec(rest);
    const unitMs = part?.[2] === undefined ? undefined : UNITS_MS.get(part[2]);
    if (part?.[1] === undefined || unitMs === undefined) {
      if (rest === text.trim() && /^0+$/.test(rest)) return 0;
      throw badDuration(text);
    }
    totalMs += Number(part[1]) * unitMs;
    rest = rest.slice(part[0].length);
  }
  if (!Number.isFinite(totalMs) || totalMs > Number.MAX_SAFE_INTEGER) throw badDuration(text);
  return totalMs;
}

/** Whole seconds, for what the API counts in seconds. @throws {CliError} exit code 2 */
export function parseDurationSecs(text: string): number {
  const secs = parseDurationMs(text) / 1000;
  return Math.floor(secs);
}

/** Exact and short: `7d`, `1h 30m`, `0s`. */
export function compactDuration(secs: number): string {
  return inUnits(secs, COMPACT) || "0s";
}

/** As configuration tables print it: `7days`, `1h 30m`, `0s`. */
export function longDuration(secs: number): string {
  const days = Math.floor(secs / 86_400);
  const head = days === 0 ? "" : `${days}${days === 1 ? "day" : "days"}`;
  const tail = inUnits(secs % 86_400, COMPACT);
  return [head, tail].filter((part) => part !== "").join(" ") || "0s";
}

/** For people: `812us`, `4.21ms`, `1.50s`, `2m 5s`. */
export function humanMs(ms: number): string {
  if (ms < 0.001) return `${Math.round(ms * 1e6)}ns`;
  if (ms < 1) return `${(ms * 1000).toFixed(1)}us`;
  if (ms < 1000) return `${ms.toFixed(2)}ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(2)}s`;
  return compactDuration(Math.round(ms / 1000));
}

function inUnits(secs: number, units: typeof COMPACT): string {
  let rest = secs;
  const parts: string[] = [];
  for (const [unit, size] of units) {
    const count = Math.floor(rest / size);
    if (count > 0) parts.push(`${count}${unit}`);
    rest -= count * size;
  }
  return parts.join(" ");
}

function named(names: readonly string[], ms: number): (readonly [string, number])[] {
  return names.map((name) => [name, ms] as const);
}

function badDuration(text: string): Error {
  return usageError(
    `invalid duration value=${JSON.stringify(text)}`,
    "write an integer with a unit, e.g. 5ms, 20s, 1h 30m, 7days, 1w, 1y",
  );
}
