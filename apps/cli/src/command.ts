// The command line as a function: the table of commands in the frame of every command. main calls
// it with what belongs to the process; tests of this repository call it in theirs.

import { COMMANDS } from "./catalogue/table.js";
import { type CommandLineComponents, runCommandLine } from "./frame/command-line.js";
import type { ExitCode } from "./values/exit-codes.js";

export type { CommandLineComponents } from "./frame/command-line.js";

/** @param argv - without the program's own path */
export function runCommand(
  argv: readonly string[],
  around: CommandLineComponents,
): Promise<ExitCode> {
  return runCommandLine(argv, COMMANDS, around);
}
