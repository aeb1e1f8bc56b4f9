// Whether a history of one stream is linearizable: whether each operation can be given one moment
// between its question and its answer, so that all of them together are what one writer would do.
// Positions decide nearly everything; only appends of unknown fate and place are searched.
//
// Eager choices lose nothing: an observation that holds now may be taken now, as it changes no
// state, and an append with a known place can be taken in no other state.

export type LinearOperation =
  | {
      readonly kind: "append";
      readonly label: string;
      readonly asked: number;
      /** Infinite: nobody answered, so it may take effect at any later moment. */
      readonly answered: number;
      readonly count: number;
      /** Where it was put; undefined: unknown, and it may never have happened. */
      readonly start: number | undefined;
      readonly match: number | undefined;
      readonly token: string | undefined;
      /** The fencing token that it sets. */
      readonly fence: string | undefined;
      /** Folds its records into a digest of the stream, where one is known. */
      readonly fold?: ((digest: bigint) => bigint) | undefined;
    }
  | {
      readonly kind: "observation";
      readonly label: string;
      readonly asked: number;
      readonly answered: number;
      holds(state: LinearState): boolean;
    };

export interface LinearState {
  readonly tail: number;
  /** Empty: none. */
  readonly token: string;
  readonly digest: bigint;
}

export type LinearVerdict =
  | { readonly isLinearizable: true }
  /** An operation that has no moment, and the state it was tried in last. */
  | {
      readonly isLinearizable: false;
      readonly culprit: LinearOperation;
      readonly state: LinearState;
    };

/**
 * Steps of the search for appends of unknown fate; a longer one is given up, and counts as
 * linearizable.
 */
const MAX_STEPS = 200_000;

export function checkLinearizable(operations: readonly LinearOperation[]): LinearVerdict {
  const search = new Search(operations.toSorted((a, b) => a.asked - b.asked));
  return search.run();
}

class Search {
  readonly #operations: readonly LinearOperation[];
  readonly #isDone: Uint8Array;
  #left: number;
  #steps = 0;
  /** The attempt that came furthest. */
  #best: { readonly left: number; readonly culprit: LinearOperation; state: LinearState };

  constructor(operations: readonly LinearOperation[]) {
    this.#operations = operations;
    this.#isDone = new Uint8Array(operations.length);
    this.#left = operations.filter((operation) => !isOptional(operation)).length;
    const [first] = operations;
    this.#best = {
      left: Number.POSITIVE_INFINITY,
      culprit: first as LinearOperation,
      state: EMPTY,
    };
  }

  run(): LinearVerdict {
    if (this.#left === 0 || this.#advance(EMPTY) || this.#steps > MAX_STEPS)
      return { isLinearizable: true };
    const { culprit, state } = this.#best;
    return { isLinearizable: false, culprit, state };
  }

  /** Goes on from a state; undoes what it took when that leads nowhere. */
  #advance(from: LinearState): boolean {
    const taken: number[] = [];
    let state = from;
    for (;;) {
      if (this.#left === 0) return true;
      if (++this.#steps > MAX_STEPS) return true;
      const { bound, next } = this.#mostUrgent();
      const forced = this.#forcedIn(state, bound);
      if (forced === undefined) {
        if (this.#tryUnknown(state, bound)) return true;
        if (this.#left < this.#best.left) this.#best = { left: this.#left, culprit: next, state };
        break;
      }
      this.#take(forced);
      taken.push(forced);
      const operation = this.#operations[forced] as LinearOperation;
      if (operation.kind === "append") state = applied(state, operation);
    }
    for (const index of taken) this.#giveBack(index);
    return false;
  }

  /** The operation whose answer comes first: whatever was asked after it must wait. */
  #mostUrgent(): { readonly bound: number; readonly next: LinearOperation } {
    let next: LinearOperation | undefined;
    this.#operations.forEach((operation, index) => {
      if (this.#isDone[index] === 1 || isOptional(operation)) return;
      if (next === undefined || operation.answered < next.answered) next = operation;
    });
    return { bound: (next as LinearOperation).answered, next: next as LinearOperation };
  }

  #forcedIn(state: LinearState, bound: number): number | undefined {
    let append: number | undefined;
    for (let index = 0; index < this.#operations.length; index++) {
      const operation = this.#operations[index] as LinearOperation;
      if (operation.asked > bound) break;
      if (this.#isDone[index] === 1) continue;
      if (operation.kind === "observation") {
        if (operation.holds(state)) return index;
      } else if (operation.start === state.tail && isAllowed(state, operation)) append ??= index;
    }
    return append;
  }

  #tryUnknown(state: LinearState, bound: number): boolean {
    for (let index = 0; index < this.#operations.length; index++) {
      const operation = this.#operations[index] as LinearOperation;
      if (operation.asked > bound) break;
      if (this.#isDone[index] === 1 || operation.kind !== "append") continue;
      if (operation.start !== undefined || !isAllowed(state, operation)) continue;
      this.#take(index);
      if (this.#advance(applied(state, operation))) return true;
      this.#giveBack(index);
    }
    return false;
  }

  #take(index: number): void {
    this.#isDone[index] = 1;
    if (!isOptional(this.#operations[index] as LinearOperation)) this.#left--;
  }

  #giveBack(index: number): void {
    this.#isDone[index] = 0;
    if (!isOptional(this.#operations[index] as LinearOperation)) this.#left++;
  }
}

const EMPTY: LinearState = { tail: 0, token: "", digest: 0n };

type LinearAppend = Extract<LinearOperation, { kind: "append" }>;

function isOptional(operation: LinearOperation): boolean {
  return operation.kind === "append" && operation.start === undefined;
}

/** Conditions are decided in the sequencing order. */
function isAllowed(state: LinearState, { match, token }: LinearAppend): boolean {
  return (
    (match === undefined || match === state.tail) && (token === undefined || token === state.token)
  );
}

function applied(state: LinearState, { count, fence, fold }: LinearAppend): LinearState {
  return {
    tail: state.tail + count,
    token: fence ?? state.token,
    digest: fold === undefined ? state.digest : fold(state.digest),
  };
}
