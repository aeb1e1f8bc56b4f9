// What the checker of histories knows of an operation, and what one writer's stream is between two
// of them: pure data, so that the search can tell from an operation in which states it could have
// its moment, now or ever.

/** What an observation saw; what is undefined was not told. */
export interface Sight {
  /** Exactly where the stream ended. */
  readonly tail?: number | undefined;
  /** It ended there or later. */
  readonly leastTail?: number | undefined;
  readonly token?: string | undefined;
  /** Of all records, folded from the first on. */
  readonly digest?: bigint | undefined;
}

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
      /** Where it is believed to be: no more than what the search tries first. */
      readonly belief?: number | undefined;
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
      readonly saw: Sight;
    };

export type LinearAppend = Extract<LinearOperation, { kind: "append" }>;

export interface LinearState {
  readonly tail: number;
  /** Empty: none. */
  readonly token: string;
  readonly digest: bigint;
}

export const EMPTY: LinearState = { tail: 0, token: "", digest: 0n };

/** It may have happened at any moment behind its question, or never. */
export function isOptional(operation: LinearOperation): boolean {
  return operation.kind === "append" && operation.start === undefined;
}

/** Conditions are decided in the sequencing order. */
export function isAllowed(state: LinearState, { match, token }: LinearAppend): boolean {
  return (
    (match === undefined || match === state.tail) && (token === undefined || token === state.token)
  );
}

export function applied(state: LinearState, { count, fence, fold }: LinearAppend): LinearState {
  return {
    tail: state.tail + count,
    token: fence ?? state.token,
    digest: fold === undefined ? state.digest : fold(state.digest),
  };
}

/** It can have its moment in this state. */
export function fits(state: LinearState, operation: LinearOperation): boolean {
  if (operation.kind === "append")
    return (operation.start ?? state.tail) === state.tail && isAllowed(state, operation);
  const { tail, leastTail, token, digest } = operation.saw;
  return (
    (tail === undefined || tail === state.tail) &&
    (leastTail === undefined || leastTail <= state.tail) &&
    (token === undefined || token === state.token) &&
    (digest === undefined || digest === state.digest)
  );
}

/**
 * It can have its moment neither in this state nor in any that comes of it. Each append moves the
 * tail, so what is bound to one tail has one state to be in, on each way.
 */
export function isTooLate(state: LinearState, operation: LinearOperation): boolean {
  const place = operation.kind === "append" ? operation.start : operation.saw.tail;
  if (place === undefined || place > state.tail) return false;
  return place < state.tail || !fits(state, operation);
}
