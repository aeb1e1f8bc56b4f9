// Checks a stream at the end of a history: everything that was acknowledged is there, whole and in
// place, up to what was trimmed; and one order explains what all clients were told, each within its
// time.

import { decodeUtf8Lossy, fenceRecord, trimRecord } from "@s2kit/core";
import type { LinearOperation, Sight } from "./linear-operation.js";
import { checkLinearizable } from "./linearizable.js";
import { type AppendOperation, type Command, countOf, type TailOperation } from "./operations.js";
import type { StreamOracle } from "./stream-oracle.js";
import { Violation } from "./violation.js";

/** What is left of a stream at the end, as read by a client of its own. */
export interface FinalState {
  readonly tail: number;
  /** First record that is kept; the tail when there is none. */
  readonly first: number;
}

/** Whether one order explains it all, or none was found and none was ruled out. */
export type StreamVerdict = "kept" | "undecided";

/** @throws {Violation} */
export function checkStream(stream: StreamOracle, { tail, first }: FinalState): StreamVerdict {
  const appends = stream.operations.filter((operation) => operation.kind === "append");
  if (tail < stream.shownTail)
    throw new Violation("durable", `${stream.name} ends at ${tail}, shown was ${stream.shownTail}`);
  if (first > stream.trimAsked)
    throw new Violation("durable", `${stream.name} begins at ${first}, trim ${stream.trimAsked}`);
  if (first < Math.min(stream.trimAcked, tail))
    throw new Violation("trimmed", `${stream.name} begins at ${first}, trim ${stream.trimAcked}`);
  if (stream.allowsRepeats) {
    for (const append of appends) requireWhole(stream, append, first);
    requireSessionOrder(stream, appends);
    return "kept";
  }
  const ambiguous = placeCommands(stream, appends);
  for (const append of appends) requireWhole(stream, append, first);
  requireApart(stream, appends);
  requireNothingBehindRefusals(stream, appends);
  const verdict = checkLinearizable(linearOf(stream, appends, ambiguous, { tail, first }));
  if (verdict.kind === "linearizable") return "kept";
  if (verdict.kind === "undecided") return "undecided";
  const { culprit, state } = verdict;
  throw new Violation(
    "linearizable",
    `${stream.name}: no moment for ${culprit.label} (asked ${culprit.asked}, answered ${culprit.answered}); tail=${state.tail} token=${JSON.stringify(state.token)}`,
  );
}

/**
 * Commands do not say which append they are of. One that can only be of one unanswered append is
 * placed; where several could be meant, the search decides.
 *
 * @returns appends that may be there, although nobody saw which of them is
 */
function placeCommands(
  stream: StreamOracle,
  appends: readonly AppendOperation[],
): ReadonlySet<AppendOperation> {
  const taken = new Set<number>();
  for (const { outcome } of appends) if (outcome.kind === "acked") taken.add(outcome.start);
  const ambiguous = new Set<AppendOperation>();
  for (const [seqNum, { headers, body }] of [...stream.records].sort(([a], [b]) => a - b)) {
    const [name, value] = headers[0] ?? [];
    if (name !== "" || taken.has(seqNum)) continue;
    const candidates = appends.filter(
      ({ command, outcome }) =>
        outcome.kind === "unknown" && command?.kind === value && textOf(command) === body,
    );
    const [only] = candidates;
    if (only === undefined)
      throw new Violation("refused", `${stream.name} has a command of nobody at ${seqNum}`);
    if (candidates.length === 1) only.seenAt ??= seqNum;
    else for (const candidate of candidates) ambiguous.add(candidate);
  }
  return ambiguous;
}

/** The body of a command as a reader of text gets it. */
function textOf(command: Command | undefined): string | undefined {
  if (command === undefined) return undefined;
  const { body } =
    command.kind === "fence" ? fenceRecord(command.token) : trimRecord(command.seqNum);
  return decodeUtf8Lossy(body);
}

function requireWhole(stream: StreamOracle, append: AppendOperation, first: number): void {
  const start = append.outcome.kind === "acked" ? append.outcome.start : append.seenAt;
  if (start === undefined || append.command !== undefined) return;
  append.bodies.forEach((body, index) => {
    const seqNum = start + index;
    const found = stream.records.get(seqNum)?.body;
    if (found === body || (found === undefined && seqNum < first)) return;
    throw new Violation(
      found === undefined ? "durable" : "atomic",
      `${stream.name}, append ${append.id} of ${append.actor}: at ${seqNum} is ${found?.slice(0, 20) ?? "nothing"}`,
    );
  });
}

/**
 * Of batches that may be there twice the first copies are in order, and none is missing before
 * another.
 */
function requireSessionOrder(stream: StreamOracle, appends: readonly AppendOperation[]): void {
  let before: AppendOperation | undefined;
  for (const append of appends) {
    const isNext = before?.session === append.session;
    if (isNext && append.seenAt !== undefined && (before?.seenAt ?? Infinity) > append.seenAt)
      throw new Violation(
        "ordered",
        `${stream.name}: append ${append.id} is at ${append.seenAt}, ${before?.id} before it at ${before?.seenAt ?? "no place"}`,
      );
    before = append;
  }
}

/** Within a session, nothing takes effect behind a batch that was refused. */
function requireNothingBehindRefusals(
  stream: StreamOracle,
  appends: readonly AppendOperation[],
): void {
  const refused = new Map<number, AppendOperation>();
  for (const append of appends) {
    const { session, outcome } = append;
    if (session === undefined) continue;
    const before = refused.get(session);
    if (before !== undefined && startOf(append) !== undefined)
      throw new Violation(
        "atomic",
        `${stream.name}: append ${append.id} took effect behind ${before.id} (${before.outcome.kind})`,
      );
    if (outcome.kind === "mismatch" || outcome.kind === "fenced") refused.set(session, append);
  }
}

function startOf({ outcome, seenAt }: AppendOperation): number | undefined {
  return outcome.kind === "acked" ? outcome.start : seenAt;
}

function requireApart(stream: StreamOracle, appends: readonly AppendOperation[]): void {
  const placed = appends
    .flatMap((append) => {
      const start = startOf(append);
      return start === undefined ? [] : [{ start, end: start + countOf(append), append }];
    })
    .sort((a, b) => a.start - b.start);
  placed.forEach(({ start, append }, index) => {
    const before = placed[index - 1];
    if (before === undefined || before.end <= start) return;
    throw new Violation(
      "ordered",
      `${stream.name}: appends ${before.append.id} and ${append.id} share ${start}`,
    );
  });
}

function linearOf(
  stream: StreamOracle,
  appends: readonly AppendOperation[],
  ambiguous: ReadonlySet<AppendOperation>,
  { tail, first }: FinalState,
): LinearOperation[] {
  // Where every place is known, what was not seen did not happen.
  let known = 0;
  for (const append of appends) known += startOf(append) === undefined ? 0 : countOf(append);
  const isComplete = known === tail || first === 0;
  const operations: LinearOperation[] = [];
  for (const append of appends) {
    const isUnseen = startOf(append) === undefined && append.outcome.kind === "unknown";
    if (isUnseen && isComplete && !ambiguous.has(append)) continue;
    operations.push(linearAppend(append));
  }
  for (const operation of stream.operations)
    if (operation.kind !== "append") operations.push(linearTail(operation));
  return operations;
}

function linearAppend(append: AppendOperation): LinearOperation {
  const { id, actor, asked, answered, outcome, match, token, command } = append;
  const label = `append ${id} of ${actor} (${outcome.kind})`;
  switch (outcome.kind) {
    case "mismatch":
      return observation(append, label, { tail: outcome.tail });
    case "fenced":
      return observation(append, label, { token: outcome.token });
    case "refused":
      return observation(append, label, {});
    case "acked":
    case "unknown": {
      const fence = command?.kind === "fence" ? command.token : undefined;
      const start = startOf(append);
      const count = countOf(append);
      return { kind: "append", label, asked, answered, count, start, match, token, fence };
    }
  }
}

function linearTail(seen: TailOperation): LinearOperation {
  const label = `${seen.kind} ${seen.tail} of ${seen.actor}`;
  const { tail } = seen;
  return observation(seen, label, seen.kind === "tail" ? { tail } : { leastTail: tail });
}

function observation(
  { asked, answered }: { readonly asked: number; readonly answered: number },
  label: string,
  saw: Sight,
): LinearOperation {
  return { kind: "observation", label, asked, answered, saw };
}
