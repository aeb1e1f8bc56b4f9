// What clients of a world did and saw: each operation with its place in the one order of all
// questions and answers. What nobody answered may have happened or not.

export type AppendOutcome =
  | { readonly kind: "unknown" }
  | { readonly kind: "acked"; readonly start: number; readonly end: number }
  /** It is certain that it changed nothing. */
  | { readonly kind: "refused" }
  | { readonly kind: "mismatch"; readonly tail: number }
  | { readonly kind: "fenced"; readonly token: string };

export type Command =
  | { readonly kind: "fence"; readonly token: string }
  | { readonly kind: "trim"; readonly seqNum: number };

export interface AppendOperation {
  readonly kind: "append";
  readonly id: number;
  readonly actor: string;
  readonly asked: number;
  answered: number;
  /** Of each record; those of commands are not known. */
  readonly bodies: readonly string[];
  readonly command: Command | undefined;
  readonly match: number | undefined;
  readonly token: string | undefined;
  /** Those of one session are there in the order of their ids. */
  readonly session: number | undefined;
  outcome: AppendOutcome;
  /** Where a reader saw its first record. */
  seenAt: number | undefined;
}

/** Somebody saw the tail. */
export interface TailOperation {
  readonly kind: "tail" | "at-least";
  readonly actor: string;
  readonly asked: number;
  readonly answered: number;
  readonly tail: number;
  /** Bodies of all records from 0, if they were read too. */
  readonly bodies?: readonly string[] | undefined;
}

export type Operation = AppendOperation | TailOperation;

export function countOf(operation: AppendOperation): number {
  return operation.command === undefined ? operation.bodies.length : 1;
}
