// The history of one stream in the JSON lines of the public linearizability model of S2, and back:
// for its checker, and so that ours can judge what others wrote. A client of the model does one
// thing at a time, and one whose append has no answer does nothing afterwards: each gets the lowest
// number that is free.

import { createHash } from "node:crypto";
import type { LinearOperation } from "../oracle/linear-operation.js";
import {
  checkLinearizable,
  type LinearVerdict,
  type SearchOptions,
} from "../oracle/linearizable.js";
import { type AppendOperation, countOf, type Operation } from "../oracle/operations.js";
import type { StreamOracle } from "../oracle/stream-oracle.js";
import { xxh3OfWord } from "./xxh3.js";

/** Any hash of 64 bits will do: the model sees no bodies. */
export function hashOfBody(body: string): bigint {
  return createHash("sha256").update(body).digest().readBigUInt64LE(0);
}

export function foldHash(digest: bigint, recordHash: bigint): bigint {
  return xxh3OfWord(recordHash, digest);
}

interface Line {
  readonly at: number;
  readonly event: string;
  readonly operation: Operation;
  readonly isStart: boolean;
}

/**
 * @throws nothing; reads that did not see the whole stream are left out, as the model has no word
 *   for them
 */
export function historyOf(stream: StreamOracle): string {
  const lines: Line[] = [];
  for (const operation of stream.operations) {
    const start = startEvent(operation);
    if (start === undefined) continue;
    lines.push({ at: operation.asked, event: `{"Start":${start}}`, operation, isStart: true });
    lines.push({
      at: operation.answered,
      event: `{"Finish":${finishEvent(operation)}}`,
      operation,
      isStart: false,
    });
  }
  return numbered(lines.sort((a, b) => a.at - b.at)).join("");
}

function numbered(lines: readonly Line[]): string[] {
  const busy = new Map<Operation, number>();
  const taken = new Set<number>();
  return lines.map(({ event, operation, isStart }) => {
    let client = busy.get(operation) ?? 0;
    if (isStart) {
      while (taken.has(client)) client++;
      taken.add(client);
      busy.set(operation, client);
    } else taken.delete(client);
    return `{"event":${event},"client_id":${client},"op_id":${operation.asked}}\n`;
  });
}

function startEvent(operation: Operation): string | undefined {
  if (operation.kind !== "append") {
    if (operation.kind === "tail") return '"CheckTail"';
    return operation.bodies === undefined ? undefined : '"Read"';
  }
  const { command, token, match } = operation;
  const hashes = bodiesOf(operation).map((body) => String(hashOfBody(body)));
  const set = command?.kind === "fence" ? JSON.stringify(command.token) : "null";
  return `{"Append":{"num_records":${countOf(operation)},"record_hashes":[${hashes.join(",")}],"set_fencing_token":${set},"fencing_token":${token === undefined ? "null" : JSON.stringify(token)},"match_seq_num":${match ?? "null"}}}`;
}

function finishEvent(operation: Operation): string {
  if (operation.kind !== "append") {
    const { tail } = operation;
    if (operation.kind === "tail") return `{"CheckTailSuccess":{"tail":${tail}}}`;
    const digest = (operation.bodies ?? []).map(hashOfBody).reduce(foldHash, 0n);
    return `{"ReadSuccess":{"tail":${tail},"stream_hash":${digest}}}`;
  }
  const { outcome } = operation;
  if (outcome.kind === "acked") return `{"AppendSuccess":{"tail":${outcome.end}}}`;
  return outcome.kind === "unknown" ? '"AppendIndefiniteFailure"' : '"AppendDefiniteFailure"';
}

function bodiesOf({ command, bodies }: AppendOperation): readonly string[] {
  return command?.kind === "fence" ? [command.token] : bodies;
}

export interface JudgeOptions extends SearchOptions {
  /**
   * Where the appends without an answer were seen, by the ids of their operations: the lines do
   * not say it. What is tried first, and no more: a wrong place changes no verdict.
   */
  readonly beliefs?: ReadonlyMap<number, number> | undefined;
}

/** What is known of places beyond what the lines of {@link historyOf} say. */
export function beliefsOf(stream: StreamOracle): ReadonlyMap<number, number> {
  const beliefs = new Map<number, number>();
  for (const operation of stream.operations)
    if (operation.kind === "append" && operation.seenAt !== undefined)
      beliefs.set(operation.asked, operation.seenAt);
  return beliefs;
}

/** Judges the lines of a history. @throws {SyntaxError} for what is no history */
export function judgeHistory(text: string, options: JudgeOptions = {}): LinearVerdict {
  const started = new Map<number, { at: number; event: unknown }>();
  const operations: LinearOperation[] = [];
  text.split("\n").forEach((line, at) => {
    if (line === "") return;
    const { event, op_id: id } = JSON.parse(exact(line)) as {
      readonly event: { readonly Start?: unknown; readonly Finish?: unknown };
      readonly op_id: number;
    };
    if (event.Start !== undefined) started.set(id, { at, event: event.Start });
    else {
      const start = started.get(id);
      if (start === undefined)
        throw new SyntaxError(`line ${at + 1}: nothing was started id=${id}`);
      const belief = options.beliefs?.get(id);
      operations.push(judged({ id, belief, start, finish: { at, event: event.Finish } }));
    }
  });
  return checkLinearizable(operations, options);
}

/** Hashes are beyond what a number holds: they become texts before they are read. */
function exact(line: string): string {
  return line
    .replace(/"stream_hash":(\d+)/g, '"stream_hash":"$1"')
    .replace(/"record_hashes":\[([\d,]*)\]/g, (_, list: string) => {
      const texts = list.split(",").filter(Boolean);
      return `"record_hashes":[${texts.map((hash) => `"${hash}"`).join(",")}]`;
    });
}

interface At {
  readonly at: number;
  readonly event: unknown;
}

interface AppendStart {
  readonly num_records: number;
  readonly record_hashes: readonly string[];
  readonly set_fencing_token: string | null;
  readonly fencing_token: string | null;
  readonly match_seq_num: number | null;
}

interface Lines {
  readonly id: number;
  readonly belief: number | undefined;
  readonly start: At;
  readonly finish: At;
}

function judged(lines: Lines): LinearOperation {
  const { id, start, finish } = lines;
  const base = { label: `operation ${id}`, asked: start.at };
  const end = finish.event as Record<string, { tail: number; stream_hash?: string }> | string;
  const append = (start.event as { readonly Append?: AppendStart }).Append;
  if (append !== undefined) return judgedAppend(lines, append, end);
  const observation = { ...base, kind: "observation" as const, answered: finish.at };
  if (typeof end === "string") return { ...observation, saw: {} };
  const { tail, stream_hash: hash } = Object.values(end)[0] as {
    tail: number;
    stream_hash?: string;
  };
  const digest = hash === undefined ? undefined : BigInt(hash);
  return { ...observation, saw: { tail, digest } };
}

function judgedAppend(
  { id, belief, start: { at: asked }, finish: { at: answered } }: Lines,
  append: AppendStart,
  end: string | Readonly<Record<string, { readonly tail: number }>>,
): LinearOperation {
  const base = { label: `operation ${id}`, asked };
  if (end === "AppendDefiniteFailure") return { ...base, kind: "observation", answered, saw: {} };
  const hashes = append.record_hashes.map(BigInt);
  const start =
    typeof end === "string" ? undefined : (end.AppendSuccess?.tail ?? 0) - append.num_records;
  return {
    ...base,
    kind: "append",
    answered: start === undefined ? Number.POSITIVE_INFINITY : answered,
    count: append.num_records,
    start,
    belief,
    match: append.match_seq_num ?? undefined,
    token: append.fencing_token ?? undefined,
    fence: append.set_fencing_token ?? undefined,
    fold: (digest) => hashes.reduce(foldHash, digest),
  };
}
