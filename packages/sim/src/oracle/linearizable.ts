// Whether a history of one stream is linearizable: whether each operation can be given one moment
// between its question and its answer, so that all of them together are what one writer would do.
// Positions decide nearly everything; only appends of unknown fate and place are searched.
//
// Eager choices lose nothing: an observation that fits now may be taken now, as it changes no
// state, and an append with a known place can be taken in no other state. Nor do three cuts: a way
// ends as soon as an operation can no longer come; appends that nothing tells apart are tried once;
// a state that was left without success, with the same operations done, is not entered again.

import {
  applied,
  EMPTY,
  fits,
  isAllowed,
  isOptional,
  isTooLate,
  type LinearAppend,
  type LinearOperation,
  type LinearState,
} from "./linear-operation.js";

export type LinearVerdict =
  | { readonly kind: "linearizable" }
  /** An operation that has no moment, and the state it was tried in last. */
  | { readonly kind: "refuted"; readonly culprit: LinearOperation; readonly state: LinearState }
  /** Neither an order was found in so many steps, nor that there is none. */
  | { readonly kind: "undecided"; readonly steps: number };

export interface SearchOptions {
  /** Steps of the search for appends of unknown fate, before it is given up; default 200 000. */
  readonly mostSteps?: number | undefined;
}

const MOST_STEPS = 200_000;

export function checkLinearizable(
  operations: readonly LinearOperation[],
  { mostSteps = MOST_STEPS }: SearchOptions = {},
): LinearVerdict {
  return new Search(
    operations.toSorted((a, b) => a.asked - b.asked),
    mostSteps,
  ).run();
}

type Outcome = "found" | "nothing" | "given-up";

class Search {
  readonly #operations: readonly LinearOperation[];
  readonly #mostSteps: number;
  readonly #isDone: Uint8Array;
  /** Of each append of unknown fate: the same where nothing but records tells them apart. */
  readonly #kinds: readonly (string | undefined)[];
  /** States that led nowhere, with what was done by then. At most one for each step. */
  readonly #left: Set<string> = new Set();
  #remaining: number;
  #remainingDigests: number;
  #steps = 0;
  /** The attempt that came furthest. */
  #best: { readonly remaining: number; readonly culprit: LinearOperation; state: LinearState };

  constructor(operations: readonly LinearOperation[], mostSteps: number) {
    this.#operations = operations;
    this.#mostSteps = mostSteps;
    this.#isDone = new Uint8Array(operations.length);
    this.#kinds = operations.map(kindOf);
    this.#remaining = operations.filter((operation) => !isOptional(operation)).length;
    this.#remainingDigests = operations.filter(hasDigest).length;
    const [first] = operations;
    this.#best = {
      remaining: Number.POSITIVE_INFINITY,
      culprit: first as LinearOperation,
      state: EMPTY,
    };
  }

  run(): LinearVerdict {
    switch (this.#advance(EMPTY)) {
      case "found":
        return { kind: "linearizable" };
      case "given-up":
        return { kind: "undecided", steps: this.#mostSteps };
      case "nothing": {
        const { culprit, state } = this.#best;
        return { kind: "refuted", culprit, state };
      }
    }
  }

  /** Goes on from a state; undoes what it took when that leads nowhere. */
  #advance(from: LinearState): Outcome {
    const taken: number[] = [];
    let state = from;
    for (;;) {
      if (this.#remaining === 0) return "found";
      if (++this.#steps > this.#mostSteps) return "given-up";
      const { bound, culprit, isOver } = this.#outlook(state);
      const forced = isOver ? undefined : this.#forcedIn(state, bound);
      if (forced === undefined) {
        const outcome = isOver ? "nothing" : this.#tryUnknown(state, bound);
        if (outcome !== "nothing") return outcome;
        if (this.#remaining < this.#best.remaining)
          this.#best = { remaining: this.#remaining, culprit, state };
        break;
      }
      this.#take(forced);
      taken.push(forced);
      const operation = this.#operations[forced] as LinearOperation;
      if (operation.kind === "append") state = applied(state, operation);
    }
    for (const index of taken) this.#giveBack(index);
    return "nothing";
  }

  /** The operation whose answer comes first: whatever was asked after it must wait. */
  #outlook(state: LinearState): {
    readonly bound: number;
    readonly culprit: LinearOperation;
    /** The culprit can never come. */
    readonly isOver: boolean;
  } {
    let next: LinearOperation | undefined;
    for (let index = 0; index < this.#operations.length; index++) {
      const operation = this.#operations[index] as LinearOperation;
      if (this.#isDone[index] === 1 || isOptional(operation)) continue;
      if (isTooLate(state, operation))
        return { bound: operation.answered, culprit: operation, isOver: true };
      if (next === undefined || operation.answered < next.answered) next = operation;
    }
    const culprit = next as LinearOperation;
    return { bound: culprit.answered, culprit, isOver: false };
  }

  #forcedIn(state: LinearState, bound: number): number | undefined {
    let append: number | undefined;
    for (let index = 0; index < this.#operations.length; index++) {
      const operation = this.#operations[index] as LinearOperation;
      if (operation.asked > bound) break;
      if (this.#isDone[index] === 1 || isOptional(operation) || !fits(state, operation)) continue;
      if (operation.kind === "observation") return index;
      append ??= index;
    }
    return append;
  }

  #tryUnknown(state: LinearState, bound: number): Outcome {
    const key = this.#keyOf(state);
    if (this.#left.has(key)) return "nothing";
    this.#left.add(key);
    for (const index of this.#candidates(state, bound)) {
      this.#take(index);
      const outcome = this.#advance(applied(state, this.#operations[index] as LinearAppend));
      if (outcome !== "nothing") return outcome;
      this.#giveBack(index);
    }
    return "nothing";
  }

  /** Of appends that nothing tells apart the one that was asked first; believed ones go first. */
  #candidates(state: LinearState, bound: number): readonly number[] {
    const believed: number[] = [];
    const others: number[] = [];
    const tried = new Set<string>();
    for (let index = 0; index < this.#operations.length; index++) {
      const operation = this.#operations[index] as LinearOperation;
      if (operation.asked > bound) break;
      const kind = this.#kinds[index];
      if (this.#isDone[index] === 1 || kind === undefined || operation.kind !== "append") continue;
      const isTold = operation.fold !== undefined && this.#remainingDigests > 0;
      if ((tried.has(kind) && !isTold) || !isAllowed(state, operation)) continue;
      tried.add(kind);
      (operation.belief === state.tail ? believed : others).push(index);
    }
    return [...believed, ...others];
  }

  /** The state, and which operations are done. */
  #keyOf({ tail, token, digest }: LinearState): string {
    let done = "";
    for (let index = 0; index < this.#isDone.length; index += 16) {
      let word = 0;
      for (let bit = 0; bit < 16; bit++) word |= (this.#isDone[index + bit] ?? 0) << bit;
      done += String.fromCharCode(word);
    }
    // A digest that nobody asks for tells no states apart.
    const shown = this.#remainingDigests === 0 ? "" : String(digest);
    return `${tail} ${JSON.stringify(token)} ${shown} ${done}`;
  }

  #take(index: number): void {
    this.#isDone[index] = 1;
    this.#count(this.#operations[index] as LinearOperation, -1);
  }

  #giveBack(index: number): void {
    this.#isDone[index] = 0;
    this.#count(this.#operations[index] as LinearOperation, 1);
  }

  #count(operation: LinearOperation, by: number): void {
    if (!isOptional(operation)) this.#remaining += by;
    if (hasDigest(operation)) this.#remainingDigests += by;
  }
}

function hasDigest(operation: LinearOperation): boolean {
  return operation.kind === "observation" && operation.saw.digest !== undefined;
}

/** Undefined: its place is known. Its records are told apart only where a digest is asked for. */
function kindOf(operation: LinearOperation): string | undefined {
  if (operation.kind !== "append" || operation.start !== undefined) return undefined;
  const { count, match, token, fence } = operation;
  return JSON.stringify([count, match, token, fence]);
}
