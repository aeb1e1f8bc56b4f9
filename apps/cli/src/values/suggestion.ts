// The nearest of the known names, for whoever mistyped one. Pure.

/** `: did you mean "count"?`, or the names that there are. */
export function suggestion(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  if (near !== undefined) return `: did you mean ${JSON.stringify(near)}?`;
  return known.length === 0 ? ": there are none" : `: known are ${known.join(", ")}`;
}

/** The known name that takes the fewest edits, if that is less than half of it. */
export function nearest(name: string, known: readonly string[]): string | undefined {
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

/** Insertions, deletions, replacements of one letter, and two letters that changed places. */
function editsBetween(from: string, to: string): number {
  let before: readonly number[] = [];
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let i = 0; i < from.length; i++) {
    const next = [i + 1];
    for (let at = 0; at < to.length; at++) {
      const isSwap = i > 0 && at > 0 && from[i] === to[at - 1] && from[i - 1] === to[at];
      next.push(
        Math.min(
          (row[at] ?? 0) + (from[i] === to[at] ? 0 : 1),
          (row[at + 1] ?? 0) + 1,
          (next[at] ?? 0) + 1,
          isSwap ? (before[at - 1] ?? 0) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    before = row;
    row = next;
  }
  return row.at(-1) ?? 0;
}
