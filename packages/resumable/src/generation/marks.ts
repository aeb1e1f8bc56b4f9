// The marks of a generation in its stream: fencing tokens that say who writes and how it ended.
// The names are those of the official package, so that each reads what the other has written: a
// fence to `session-…` begins, one to `end-…` or `error-…` ends. Pure.

import type { ReadRecord } from "@s2kit/client";
import { decodeUtf8Lossy, type Random } from "@s2kit/core";

/** What a fencing token says; `other` is set by somebody who is none of us. */
export type MarkKind = "end" | "error" | "gone" | "other" | "session";

/** 16 characters: with the longest kind and any place, the 36 bytes of a fencing token. */
const CHANCE_BYTES = 8;

/** An end for whoever does not know of deletions. */
const GONE = "end-gone-";

/** A token that nobody else has. */
export function newMark(kind: "end" | "error" | "gone" | "probe", random: Random): string {
  return `${kind === "gone" ? GONE : `${kind}-`}${chanceOf(random)}`;
}

/** The token of a generation that begins at this place, which whoever knows the token reads off. */
export function newSession(seqNum: number, random: Random): string {
  return `session-${seqNum.toString(36)}-${chanceOf(random)}`;
}

/** Where the generation of a token begins; 0, all there is, when somebody else has named it. */
export function beginningOf(token: string): number {
  const [, place] = /^session-([0-9a-z]{1,11})-[0-9a-f]{16}$/.exec(token) ?? [];
  return place === undefined ? 0 : Number.parseInt(place, 36);
}

function chanceOf(random: Random): string {
  return [...random.bytes(CHANCE_BYTES)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function kindOf(token: string): MarkKind {
  if (token.startsWith(GONE)) return "gone";
  for (const kind of ["session", "end", "error"] as const)
    if (token.startsWith(`${kind}-`)) return kind;
  return "other";
}

export function isCommand({ headers }: ReadRecord<"bytes">): boolean {
  return headers.length === 1 && headers[0]?.[0].length === 0;
}

/** The token that a record sets; undefined for any other record. */
export function fenceOf(record: ReadRecord<"bytes">): string | undefined {
  if (!isCommand(record) || record.headers[0] === undefined) return undefined;
  return decodeUtf8Lossy(record.headers[0][1]) === "fence"
    ? decodeUtf8Lossy(record.body)
    : undefined;
}
