// Times for people: short where they are listed, exact on hover. Local or UTC, as the person chose.
// Pure but for now: the clock of core, less what it is ahead of the server's.

import { systemClock } from "@s2kit/core";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Below this, clocks count as one: a server tells its time in whole seconds. */
const MIN_SKEW = 5 * SECOND;
let aheadMs = 0;

/**
 * Notes how far the clock of this browser is ahead of the server's.
 *
 * @returns what counts: 0 for a difference that nobody notices
 */
export function noteAhead(ms: number): number {
  const isNear = Math.abs(ms - aheadMs) < MIN_SKEW && aheadMs !== 0;
  if (!isNear) aheadMs = Math.abs(ms) < MIN_SKEW ? 0 : ms;
  return aheadMs;
}

/** Now by the server's clock: what it wrote is told against that. */
export function now(): number {
  return systemClock.now() - aheadMs;
}

/** Clients may write any number as a timestamp. */
function isDate(ms: number): boolean {
  return Math.abs(ms) <= 8.64e15;
}

/** `14:03:07.123`, `11-27 14:03:07` on another day, `2025-11-28 14:03` in another year. */
export function clockTime(ms: number, isUtc: boolean, nowMs = now()): string {
  if (!isDate(ms)) return String(ms);
  const text = isoLike(ms, isUtc);
  const today = isoLike(nowMs, isUtc);
  if (text.startsWith(today.slice(0, 10))) return text.slice(11);
  return text.startsWith(today.slice(0, 5)) ? text.slice(5, 19) : text.slice(0, 16);
}

/** `2026-11-28 14:03:07.123`. */
export function isoLike(ms: number, isUtc: boolean): string {
  if (!isDate(ms)) return String(ms);
  const shift = isUtc ? 0 : new Date(ms).getTimezoneOffset() * MINUTE;
  const shifted = ms - shift;
  return isDate(shifted)
    ? new Date(shifted).toISOString().replace("T", " ").slice(0, -1)
    : String(ms);
}

/** For a title: UTC, local and the number itself. */
export function exactTime(ms: number): string {
  if (!isDate(ms)) return `${ms} (not a time)`;
  return `${new Date(ms).toISOString()} (UTC)\n${isoLike(ms, false)} (local)\n${ms} ms`;
}

/** `3 s`, `12 min`, `5 h`, `2 d`. */
export function span(ms: number): string {
  const abs = Math.abs(ms);
  if (abs < MINUTE) return `${Math.floor(abs / SECOND)} s`;
  if (abs < HOUR) return `${Math.floor(abs / MINUTE)} min`;
  if (abs < 2 * DAY) return `${Math.floor(abs / HOUR)} h`;
  return `${Math.floor(abs / DAY)} d`;
}

/** `3 s ago`; clocks differ, so it may also lie ahead. */
export function ago(ms: number, nowMs = now()): string {
  const past = nowMs - ms;
  if (past < -5 * SECOND) return `${span(past)} ahead`;
  return past < 5 * SECOND ? "just now" : `${span(past)} ago`;
}

/** `in 3 d`; `3 d ago, over` behind it. */
export function until(ms: number, nowMs = now()): string {
  return ms < nowMs ? `${ago(ms, nowMs)}, over` : `in ${span(ms - nowMs)}`;
}

/** `7 days`, exact: for configurations. */
export function duration(secs: number): string {
  const units: readonly (readonly [number, string])[] = [
    [86_400, "day"],
    [3600, "hour"],
    [60, "minute"],
    [1, "second"],
  ];
  for (const [size, name] of units)
    if (secs >= size && secs % size === 0)
      return `${secs / size} ${name}${secs === size ? "" : "s"}`;
  return `${secs} seconds`;
}

/**
 * Reads `10m`, `10 min ago`, `2h`, a number of ms, or a date; undefined when it is none of these.
 */
export function parseTime(text: string, nowMs = now()): number | undefined {
  const trimmed = text.trim();
  const relative = /^(\d+)\s*(s|sec|m|min|h|d)[a-z]*(\s+ago)?$/i.exec(trimmed);
  if (relative !== null) {
    const unit = { s: SECOND, m: MINUTE, h: HOUR, d: DAY }[
      (relative[2] ?? "s")[0]?.toLowerCase() as "s"
    ];
    return nowMs - Number(relative[1]) * unit;
  }
  if (/^\d{10,16}$/.test(trimmed)) return Number(trimmed);
  const parsed = Date.parse(trimmed);
  return Number.isNaN(parsed) ? undefined : parsed;
}

export function parseDurationSecs(text: string): number | undefined {
  const match = /^(\d+)\s*(s|m|h|d|w)?[a-z]*$/i.exec(text.trim());
  if (match === null) return undefined;
  const unit = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }[
    (match[2] ?? "s").toLowerCase() as "s"
  ];
  return Number(match[1]) * unit;
}
