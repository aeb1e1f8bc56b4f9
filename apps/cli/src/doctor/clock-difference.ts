// How far the clock of a server is from the one here, by the `Date` of an answer. Pure.
// Spec: cli#doctor.

import type { Finding } from "./finding.js";

/** More than this is told: timestamps of clients, token ends and signed requests suffer. */
const TOLERATED_SECS = 5;
/** `Date` has whole seconds: on average it is half of one behind. */
const HALF_OF_DATE_MS = 500;

/** One request and its answer: milliseconds since the epoch, by the clock here. */
export interface DatedAnswer {
  readonly sentAt: number;
  readonly answeredAt: number;
  /** The `Date` header as it came. */
  readonly date: string | null;
}

export function clockFinding({ sentAt, answeredAt, date }: DatedAnswer): Finding {
  const there = date === null ? Number.NaN : Date.parse(date);
  if (Number.isNaN(there)) return { check: "clock", state: "ok", text: "the server does not tell" };
  const between = (sentAt + answeredAt) / 2;
  const seconds = Math.round((there + HALF_OF_DATE_MS - between) / 1000);
  if (Math.abs(seconds) <= TOLERATED_SECS)
    return { check: "clock", state: "ok", text: `as the server's, within ${TOLERATED_SECS} s` };
  const side = seconds > 0 ? "behind" : "ahead of";
  return {
    check: "clock",
    state: "warn",
    text: `this machine is ${Math.abs(seconds)} s ${side} the server`,
    next: "set the clock that is wrong: timestamps and the ends of tokens go by it",
  };
}
