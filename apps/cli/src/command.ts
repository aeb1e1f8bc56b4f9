// What a command is, as data. The table of commands drives the parser, the help, the completion
// scripts and the tests; the code of a command is loaded only when it runs, which keeps `--help`
// fast. This file holds no command and imports none.

import type { Context } from "./context.js";
import type { ExitCode } from "./exit-code.js";

export interface ArgumentSpec {
  readonly name: string;
  readonly help: string;
  readonly optional?: boolean;
  /** Takes all that follows. Only for the last argument. */
  readonly variadic?: boolean;
  readonly parse?: (text: string) => unknown;
  /** What to offer when completing; default nothing. */
  readonly completes?: "basin" | "stream" | "file";
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
  readonly env?: string;
  /** Names of options that may not be given together with this one. */
  readonly conflicts?: readonly string[];
  /** May be given several times; the values arrive as a list. */
  readonly repeatable?: boolean;
  readonly hidden?: boolean;
  readonly completes?: "file";
}

/** How a command is shown to people. */
export function shownName(spec: CommandSpec): string {
  return spec.words ?? spec.name;
}

export interface CommandModule {
  run(context: Context, input: Input): Promise<ExitCode | undefined>;
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

/** The parsed arguments of one call. Asking for a name that the command did not declare is a bug. */
export class Input {
  readonly #values: ReadonlyMap<string, unknown>;

  constructor(values: ReadonlyMap<string, unknown>) {
    this.#values = values;
  }

  /** The value, or undefined when it was not given and has no default. */
  get<T>(name: string): T | undefined {
    if (!this.#values.has(name)) throw new Error(`undeclared option or argument name=${name}`);
    return this.#values.get(name) as T | undefined;
  }

  /** True when the command has such an option or argument at all. */
  declares(name: string): boolean {
    return this.#values.has(name);
  }

  /** A required argument, or an option with a default. */
  need<T>(name: string): T {
    const value = this.get<T>(name);
    if (value === undefined) throw new Error(`missing value name=${name}`);
    return value;
  }

  /** True when a switch was given. */
  is(name: string): boolean {
    return this.get<boolean>(name) === true;
  }

  /** True when any of them was given. */
  hasAny(...names: readonly string[]): boolean {
    return names.some((name) => this.get(name) !== undefined);
  }
}

/** `{ [key]: value }` when there is a value, nothing otherwise: for exact optional properties. */
export function given<K extends string, V>(
  key: K,
  value: V | undefined,
): { readonly [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]: V });
}
