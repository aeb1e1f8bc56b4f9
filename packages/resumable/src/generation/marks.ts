// The marks of a generation in its stream: fencing tokens that say who writes and how it ended.
// The names are those of the official package, so that each reads what the other has written: a
// fence to `session-…` begins, one to `end-…` or `error-…` ends. Pure.

import type { ReadRecord } from "@s2kit/client";
import type { Random } from "@s2kit/core";

/** What a fencing token says; `other` is set by somebody who is none of us. */
export type MarkKind = "end" | "error" | "other" | "session";

/** With the longest kind 28 of the 36 bytes that a fencing token may have. */
const CHANCE_BYTES = 10;

/** A token that nobody else has. */
export function newMark(kind: "end" | "error" | "probe" | "session", random: Random): string {
  const hex = [...random.bytes(CHANCE_BYTES)].map((byte) => byte.toString(16).padStart(2, "0"));
  return `${kind}-${hex.join("")}`;
}

export function kindOf(token: string): MarkKind {
  for (const kind of ["session", "end", "error"] as const)
    if (token.startsWith(`${kind}-`)) return kind;
  return "other";
}

export function isCommand({ headers }: ReadRecord): boolean {
  return headers.length === 1 && headers[0]?.[0] === "";
}

/** The token that a record sets; undefined for any other record. */
export function fenceOf(record: ReadRecord): string | undefined {
  return isCommand(record) && record.headers[0]?.[1] === "fence" ? record.body : undefined;
}
