// What a suite is: data. A case says its name, what a conforming server does, which headings of the
// specification that rests on, and what it needs; `run` throws a mismatch.

import type { Capability } from "./capability.js";
import type { Context } from "./run/context.js";

/** One statement about servers, with the program that finds out whether it holds. */
export interface Case {
  /** Within its suite; the id is `suite/name`. */
  readonly name: string;
  /** What a conforming server does. */
  readonly says: string;
  /** Headings such as `data-plane#fence`. */
  readonly spec: readonly string[];
  readonly needs?: readonly Capability[] | undefined;
  /** Waits for time to pass: started before the others. */
  readonly isSlow?: boolean | undefined;
  /** Ends the server: run alone, when all others are done and what they made is removed. */
  readonly isLast?: boolean | undefined;
  run(context: Context): Promise<void>;
}

/** Cases about one subject, run together; its name is the first part of their ids. */
export interface Suite {
  readonly name: string;
  readonly title: string;
  readonly cases: readonly Case[];
}

/** Headings by their page: `d` data plane, `c` control plane, several apart by spaces. */
export function spec(headings: string): readonly string[] {
  return headings
    .split(" ")
    .map((each) => each.replace(/^d#/, "data-plane#").replace(/^c#/, "control-plane#"));
}

export function define(
  name: string,
  headings: string,
  says: string,
  run: Case["run"],
  more: Pick<Case, "isLast" | "isSlow" | "needs"> = {},
): Case {
  return { name, says, spec: spec(headings), run, ...more };
}
