// What one check of `doctor` found, and how it looks as a line: a glyph, what was looked at, what
// was found, and below it the next step. Pure. Spec: cli#doctor.

import type { Style } from "../frame/style.js";

export type FindingState = "ok" | "warn" | "fail";

export interface Finding {
  /** What was looked at: `address`. */
  readonly check: string;
  readonly state: FindingState;
  /** Never holds a token. */
  readonly text: string;
  /** The next step, when there is one to name; one line or more. */
  readonly next?: string | undefined;
}

/** The longest name of a check: `basin connection`. */
const CHECK_COLUMNS = 16;

/** A line, and one for each line of the next step. */
export function findingLines({ check, state, text, next }: Finding, style: Style): string[] {
  const marks = {
    ok: style.paint(style.glyph.ok, "green", "bold"),
    warn: style.paint("!", "yellow", "bold"),
    fail: style.paint(style.glyph.failed, "red", "bold"),
  };
  const steps = (next ?? "").split("\n").filter((line) => line !== "");
  return [
    `${marks[state]} ${check.padEnd(CHECK_COLUMNS)} ${text}`,
    ...steps.map((line) => `    ${style.paint("next:", "cyan")} ${line}`),
  ];
}
