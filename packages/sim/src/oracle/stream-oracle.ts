// Everything that is known about one stream, from all that clients did and saw. Records tell by
// their text which append they belong to, so what is wrong is seen at once: two records in one
// place, a record of a refused append, a batch in parts, a time that goes back, deleted records
// that come again.

import {
  type AppendAck,
  FencingTokenMismatchError,
  S2Error,
  SeqNumMismatchError,
} from "@s2kit/core";
import type { Expiry } from "./expiry.js";
import type { AppendOperation, Command, Operation, TailOperation } from "./operations.js";
import { countOf } from "./operations.js";
import { Violation } from "./violation.js";

/** A record as a reader gets it. */
export interface SeenRecord {
  readonly seqNum: number;
  readonly timestamp: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

export interface AppendPlan {
  readonly actor: string;
  readonly bodies?: readonly string[];
  readonly command?: Command | undefined;
  readonly match?: number | undefined;
  readonly token?: string | undefined;
  readonly session?: number | undefined;
}

/** Places of questions and answers, over all streams of a world. */
export interface Ticks {
  next(): number;
}

const BODY = /^(\d+)\.(\d+)\./;

export class StreamOracle {
  readonly name: string;
  readonly operations: Operation[] = [];
  readonly records: Map<number, SeenRecord> = new Map();
  /** One writer only: nobody else moves the tail. */
  isExclusive = false;
  /** Its writer sends again what has no answer: batches may be there twice. */
  allowsRepeats = false;
  readonly #ticks: Ticks;
  readonly #appends = new Map<number, AppendOperation>();
  /** What the server may take by itself. */
  expiry: Expiry | undefined;
  /** The highest trim that was acknowledged, or seen. */
  trimAcked = 0;
  /** The highest trim that was asked for by a command. */
  #trimCommanded = 0;
  /** The highest end that anybody was told of. */
  shownTail = 0;

  constructor(name: string, ticks: Ticks) {
    this.name = name;
    this.#ticks = ticks;
  }

  get lastAckedTail(): number {
    return this.shownTail;
  }

  /** Records below may be gone. */
  get trimAsked(): number {
    return Math.max(this.#trimCommanded, this.expiry?.end ?? 0);
  }

  tick(): number {
    return this.#ticks.next();
  }

  /** An append is about to be sent; its bodies come with their identity. */
  begin(plan: AppendPlan): AppendOperation {
    const asked = this.#ticks.next();
    const operation: AppendOperation = {
      kind: "append",
      id: asked,
      actor: plan.actor,
      asked,
      answered: Number.POSITIVE_INFINITY,
      bodies: (plan.bodies ?? []).map((body, index) => `${asked}.${index}.${body}`),
      command: plan.command,
      match: plan.match,
      token: plan.token,
      session: plan.session,
      outcome: { kind: "unknown" },
      seenAt: undefined,
    };
    if (plan.command?.kind === "trim")
      this.#trimCommanded = Math.max(this.#trimCommanded, plan.command.seqNum);
    this.expiry?.wrote(operation);
    this.operations.push(operation);
    this.#appends.set(asked, operation);
    return operation;
  }

  acked(operation: AppendOperation, { start, end, tail }: AppendAck): void {
    const { command } = operation;
    if (end.seqNum - start.seqNum !== countOf(operation))
      this.#fail("atomic", operation, `acked ${start.seqNum} to ${end.seqNum}`);
    if (tail.seqNum < end.seqNum) this.#fail("ordered", operation, `a tail before its end`);
    if (start.timestamp > end.timestamp) this.#fail("ordered", operation, "times go back");
    operation.answered = this.#ticks.next();
    operation.outcome = { kind: "acked", start: start.seqNum, end: end.seqNum };
    if (!this.allowsRepeats && operation.seenAt !== undefined && operation.seenAt !== start.seqNum)
      this.#fail("ordered", operation, `acked at ${start.seqNum}, seen at ${operation.seenAt}`);
    this.shownTail = Math.max(this.shownTail, tail.seqNum);
    if (command?.kind === "trim") this.trimAcked = Math.max(this.trimAcked, command.seqNum);
  }

  failed(operation: AppendOperation, caught: unknown): void {
    const error = S2Error.from(caught);
    const isCertain = error.priorIndeterminate === undefined;
    if (!isCertain) return;
    if (error instanceof SeqNumMismatchError) {
      if (error.expectedSeqNum === operation.match)
        this.#fail("linearizable", operation, "a mismatch with what it matches");
      if (this.isExclusive && this.#isSettledBefore(operation))
        this.#fail("linearizable", operation, `refused at ${error.expectedSeqNum}, alone`);
      operation.outcome = { kind: "mismatch", tail: error.expectedSeqNum };
    } else if (error instanceof FencingTokenMismatchError) {
      if (error.expectedFencingToken === operation.token)
        this.#fail("linearizable", operation, "fenced by its own token");
      operation.outcome = { kind: "fenced", token: error.expectedFencingToken };
    } else if (error.hasNoSideEffects) operation.outcome = { kind: "refused" };
    else return;
    operation.answered = this.#ticks.next();
    if (operation.seenAt !== undefined)
      this.#fail("refused", operation, `refused (${error.code}), seen at ${operation.seenAt}`);
  }

  sawTail(seen: Omit<TailOperation, "answered">): void {
    this.operations.push({ ...seen, answered: this.#ticks.next() });
    this.shownTail = Math.max(this.shownTail, seen.tail);
  }

  /** Somebody was told where the stream begins: what is gone may be, and stays away. */
  sawFirst(seqNum: number): void {
    if (seqNum > this.trimAsked)
      throw new Violation("durable", `${this.name} begins at ${seqNum}, trim ${this.trimAsked}`);
    if (seqNum < Math.min(this.trimAcked, this.shownTail))
      throw new Violation("trimmed", `${this.name} begins at ${seqNum} below ${this.trimAcked}`);
    this.trimAcked = Math.max(this.trimAcked, seqNum);
  }

  /** @param trimFloor - what had been trimmed when the read was asked for */
  sawRecord(record: SeenRecord, trimFloor: number): void {
    const { seqNum } = record;
    if (seqNum < trimFloor)
      throw new Violation("trimmed", `${this.name} shows ${seqNum} below ${trimFloor}`);
    const known = this.records.get(seqNum);
    if (known !== undefined) {
      if (known.body !== record.body || known.timestamp !== record.timestamp)
        throw new Violation(
          "durable",
          `${this.name} has two records at ${seqNum}: ${line(known)} and ${line(record)}`,
        );
      return;
    }
    this.records.set(seqNum, record);
    const [before, after] = [this.records.get(seqNum - 1), this.records.get(seqNum + 1)];
    if (
      (before?.timestamp ?? 0) > record.timestamp ||
      record.timestamp > (after?.timestamp ?? Infinity)
    )
      throw new Violation("ordered", `${this.name} has times that go back at ${seqNum}`);
    if (record.headers[0]?.[0] !== "") this.#place(record);
    this.shownTail = Math.max(this.shownTail, seqNum + 1);
  }

  /** Every append before this one was answered. */
  #isSettledBefore({ id }: AppendOperation): boolean {
    for (const other of this.#appends.values())
      if (other.id < id && other.outcome.kind === "unknown") return false;
    return true;
  }

  #place({ seqNum, body }: SeenRecord): void {
    const [, id, index] = BODY.exec(body) ?? [];
    const operation = this.#appends.get(Number(id));
    if (operation === undefined)
      throw new Violation(
        "deleted",
        `${this.name} shows what was never written here: ${body.slice(0, 40)}`,
      );
    if (operation.bodies[Number(index)] !== body)
      this.#fail("durable", operation, `other bytes at ${seqNum}`);
    const start = seqNum - Number(index);
    const { outcome } = operation;
    if (this.allowsRepeats) {
      operation.seenAt = Math.min(start, operation.seenAt ?? start);
      return;
    }
    if (operation.seenAt !== undefined && operation.seenAt !== start)
      this.#fail("atomic", operation, `seen from ${operation.seenAt} and from ${start}`);
    if (outcome.kind === "acked" && outcome.start !== start)
      this.#fail("ordered", operation, `acked at ${outcome.start}, seen at ${start}`);
    if (outcome.kind !== "acked" && outcome.kind !== "unknown")
      this.#fail("refused", operation, `${outcome.kind}, seen at ${start}`);
    operation.seenAt = start;
  }

  #fail(promise: Violation["promise"], operation: AppendOperation, what: string): never {
    throw new Violation(
      promise,
      `${this.name}, append ${operation.id} of ${operation.actor}: ${what}`,
    );
  }
}

function line(record: SeenRecord): string {
  return `${record.timestamp}:${record.body.slice(0, 24)}`;
}
