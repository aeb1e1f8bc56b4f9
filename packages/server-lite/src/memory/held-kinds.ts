// What bytes are held for, and on which side of a server: those that come in and those that go out
// have half of the budget each. What is held of each kind is counted in an account.

export const HELD_KINDS = [
  "bodies",
  "frames",
  "windows",
  "replies",
  "reads",
  "followers",
  "answers",
] as const;
export type HeldKind = (typeof HELD_KINDS)[number];

export type Side = "in" | "out";
const SIDE_OF: Readonly<Record<HeldKind, Side>> = {
  bodies: "in",
  frames: "in",
  windows: "in",
  replies: "out",
  reads: "out",
  followers: "out",
  answers: "out",
};

/** Bytes that are held together. */
export interface Sum {
  bytes: number;
}

/** What is held of one kind. */
export interface Account extends Sum {
  /** What is held on its side, by all kinds. */
  readonly side: Sum;
}

/** Empty accounts. Objects of one shape, found by one look: every write of an answer comes by. */
export function accountsOver(
  sides: Readonly<Record<Side, Sum>>,
): Readonly<Record<HeldKind, Account>> {
  const accountOf = (kind: HeldKind): Account => ({ bytes: 0, side: sides[SIDE_OF[kind]] });
  return Object.fromEntries(HELD_KINDS.map((kind) => [kind, accountOf(kind)])) as Record<
    HeldKind,
    Account
  >;
}
