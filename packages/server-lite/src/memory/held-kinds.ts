// What bytes are held for, and on which side of a server: those that come in and those that go out
// have half of the budget each.

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
export const SIDE_OF: Readonly<Record<HeldKind, Side>> = {
  bodies: "in",
  frames: "in",
  windows: "in",
  replies: "out",
  reads: "out",
  followers: "out",
  answers: "out",
};
