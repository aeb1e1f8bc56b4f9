// What becomes of a command whose output cannot be written. Pure: main does it. A reader that went
// away is no failure, since that is how people stop a read; a full disk or a terminal that is gone
// is one, since what was asked for is not where it should be. Spec: cli#streams-and-exit-codes.

import { systemErrorText } from "../values/system-error.js";
import type { Output } from "./output.js";

export type OutputVerdict =
  /** The command goes on; nothing is said. */
  | { readonly kind: "ignored" }
  /** The reader has enough: the command ends here, and that is success. */
  | { readonly kind: "ended" }
  /** The command goes on if `goesOn`, else it ends; its exit code is 1 in either case. */
  | { readonly kind: "failed"; readonly goesOn: boolean; readonly line: string };

/** @param output - of the command that runs; undefined before one does */
export function judgeOutputFailure(
  error: NodeJS.ErrnoException,
  output: Output | undefined,
): OutputVerdict {
  // Clients of a server have nothing to do with where its log goes.
  if (output?.whenUnread === "serves") return { kind: "ignored" };
  const goesOn = output?.whenUnread === "goesOn";
  if (error.code === "EPIPE" || error.code === "EOF")
    return goesOn ? { kind: "ignored" } : { kind: "ended" };
  const message = `cannot write the output: ${systemErrorText(error) ?? error.message}`;
  const line =
    output?.isJson === true
      ? JSON.stringify({ error: { code: "CLI", message } })
      : `Error: ${message}`;
  return { kind: "failed", goesOn, line };
}
