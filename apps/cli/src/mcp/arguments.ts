// Reads the arguments of a tool call: the names that its schema knows, of the types it says. What
// is not known is refused with the nearest known name, because a misspelt condition that is ignored
// would append unconditionally. Pure.

import { InvalidParams, type Params } from "./json-rpc.js";

/** @throws {InvalidParams} for a name that is not among the known ones */
export function requireKnown(args: Params, known: readonly string[], where: string): void {
  const unknown = Object.keys(args).find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new InvalidParams(`unknown ${where} name=${shown(unknown)}${suggestion(unknown, known)}`);
}

/** `: did you mean "count"?`, or the names that there are. */
export function suggestion(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  if (near !== undefined) return `: did you mean ${JSON.stringify(near)}?`;
  return known.length === 0 ? ": there are none" : `: known are ${known.join(", ")}`;
}

/** The known name that takes the fewest edits, if that is less than half of it. */
function nearest(name: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const edits = editsBetween(plain(name), plain(candidate));
    if (edits >= fewest || edits * 2 >= candidate.length) continue;
    best = candidate;
    fewest = edits;
  }
  return best;
}

/** Names differ in style first of all: `seqNum`, `seq-num`, `seq_num`. */
function plain(name: string): string {
  return name
    .slice(0, 64)
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "");
}

/** Insertions, deletions and replacements of one letter. */
function editsBetween(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (const [index, letter] of from.split("").entries()) {
    const next = [index + 1];
    for (const [at, other] of to.split("").entries())
      next.push(
        Math.min(
          (row[at] ?? 0) + (letter === other ? 0 : 1),
          (row[at + 1] ?? 0) + 1,
          (next[at] ?? 0) + 1,
        ),
      );
    row = next;
  }
  return row.at(-1) ?? 0;
}

function shown(name: string): string {
  return JSON.stringify(name.slice(0, 64));
}

export function textOf(args: Params, name: string): string | undefined {
  const value = args[name];
  if (value === undefined || typeof value === "string") return value;
  throw new InvalidParams(`${name} must be a string`);
}

export function needText(args: Params, name: string): string {
  const value = textOf(args, name);
  if (value === undefined) throw new InvalidParams(`${name} is missing`);
  return value;
}

export function wholeOf(args: Params, name: string): number | undefined {
  const value = args[name];
  if (value === undefined) return undefined;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new InvalidParams(`${name} must be an integer from 0 to 2^53 - 1`);
}

export function needWhole(args: Params, name: string): number {
  const value = wholeOf(args, name);
  if (value === undefined) throw new InvalidParams(`${name} is missing`);
  return value;
}
