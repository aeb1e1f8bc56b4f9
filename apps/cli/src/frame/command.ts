// What a command is, as data. The table of commands drives the parser, the help, the completion
// scripts and the tests; the code of a command is loaded only when it runs, which keeps `--help`
// fast. This file holds no command and imports none.

import type { ExitCode } from "../values/exit-codes.js";
import type { Context } from "./context.js";
import type { Input } from "./input.js";

export interface ArgumentSpec {
  readonly name: string;
  readonly help: string;
  readonly optional?: boolean;
  /** Takes all that follows. Only for the last argument. */
  readonly variadic?: boolean;
  readonly parse?: (text: string) => unknown;
  /** What to offer when completing; default nothing. */
  readonly completes?: "basin" | "stream" | "context" | "file";
}

export interface OptionSpec {
  /** Long name without dashes: `fencing-token`. */
  readonly name: string;
  readonly short?: string;
  /** Placeholder of the value; a switch has none. */
  readonly value?: string;
  readonly help: string;
  readonly parse?: (text: string) => unknown;
  /** As typed; parsed like a given value. */
  readonly default?: string;
  readonly choices?: readonly string[];
  /** Values to offer when completing, where others are taken too. */
  readonly suggestions?: readonly string[];
  readonly env?: string;
  /** Names of options that may not be given together with this one. */
  readonly conflicts?: readonly string[];
  /** May be given several times; the values arrive as a list. */
  readonly repeatable?: boolean;
  readonly hidden?: boolean;
  readonly completes?: "context" | "file";
}

/** How a command is shown to people. */
export function shownName(spec: CommandSpec): string {
  return spec.words ?? spec.name;
}

export interface CommandModule {
  /** @param commands - the table that it is part of, for what completes words */
  run(
    context: Context,
    input: Input,
    commands: readonly CommandSpec[],
  ): Promise<ExitCode | undefined>;
}

export interface CommandSpec {
  /** One word, as the parser knows it. */
  readonly name: string;
  /** As people type and read it when that is several words: `config list`. */
  readonly words?: string;
  /** Other spellings, as typed: `server`, `basins list`. */
  readonly aliases?: readonly string[];
  readonly group: CommandGroup;
  readonly summary: string;
  /** More lines for `--help`. */
  readonly details?: string;
  readonly args?: readonly ArgumentSpec[];
  readonly options?: readonly OptionSpec[];
  readonly examples: readonly string[];
  readonly hidden?: boolean;
  /** Whether `--json` and `--output` are offered; default true. */
  readonly hasJson?: boolean;
  load(): Promise<CommandModule>;
}

export const COMMAND_GROUPS = [
  "Start",
  "Records",
  "Basins",
  "Streams",
  "Access and account",
  "Declarative",
  "Move and check",
  "Setup",
] as const;

export type CommandGroup = (typeof COMMAND_GROUPS)[number];
