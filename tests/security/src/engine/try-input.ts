// Feeds one input to an entry and judges what came of it: a word, or a find. A find is anything thrown that
// is no refusal, an answer that took too long, or memory that one small input took.

import type { Entry } from "./entry.js";

export interface Find {
  readonly kind: "crash" | "hang" | "memory";
  /** In a line. */
  readonly what: string;
  /** Where, for people. */
  readonly trace: string;
}

export type Verdict =
  | { readonly kind: "fine"; readonly word: string }
  | { readonly kind: "found"; readonly find: Find };

/** Any input of a few KiB is done in a fraction of this, on the slowest machine. */
const SLOW_MS = 3000;

export async function tryInput(entry: Entry, bytes: Uint8Array): Promise<Verdict> {
  const startedMs = process.cpuUsage();
  try {
    // A copy that fills its buffer: views with something before or behind would hide what is read there.
    const word = await entry.check(Uint8Array.from(bytes));
    const { user, system } = process.cpuUsage(startedMs);
    const tookMs = (user + system) / 1000;
    if (tookMs <= (entry.slowMs ?? SLOW_MS)) return { kind: "fine", word };
    const what = `took ${Math.round(tookMs)} ms of processor time`;
    return { kind: "found", find: { kind: "hang", what, trace: "" } };
  } catch (error) {
    const shown = error instanceof Error ? error : new Error(String(error));
    const what = `${shown.name}: ${shown.message}`.slice(0, 500);
    return { kind: "found", find: { kind: "crash", what, trace: shown.stack ?? "" } };
  }
}

/** Two finds are the same bug when they are thrown from the same place. */
export function placeOf({ kind, what, trace }: Find): string {
  const line = trace.split("\n").find((each) => /^\s+at /.test(each)) ?? what;
  return `${kind} ${line.replace(/:\d+:\d+\)?$/, "").trim()} ${what.split(":", 1)[0] ?? ""}`;
}
