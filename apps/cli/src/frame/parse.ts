// From argv to a command and its checked values. Commander does the grammar, from the table of
// commands; this file adds two-word aliases and value parsing, and turns every complaint into one
// usage error with the next step. Nothing is read but argv and the named environment variables.

import { Command, CommanderError, Option } from "commander";
import { type CliError, usageError } from "../values/failure.js";
import { type CommandSpec, type OptionSpec, shownName } from "./command.js";
import { GLOBAL_OPTIONS, JSON_OPTIONS } from "./global-options.js";
import { dressCommand, dressProgram, type HelpOutput } from "./help.js";
import { Input } from "./input.js";
import { camelCase, parseOption, saidValue } from "./option-value.js";

export type Parsed =
  | { readonly kind: "run"; readonly spec: CommandSpec; readonly input: Input }
  /** Help or version was printed. */
  | { readonly kind: "done" };

/** @throws {CliError} exit code 2 */
export function parseArguments(
  argv: readonly string[],
  commands: readonly CommandSpec[],
  output: HelpOutput,
): Parsed {
  const found: { spec?: CommandSpec; command?: Command } = {};
  const program = buildProgram(commands, output, (spec, command) => {
    found.spec = spec;
    found.command = command;
  });
  try {
    program.parse(spellOut(argv, commands), { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: "done" };
    if (error.code === "commander.help") {
      // No command: commander counts that as a failure, people as a question.
      program.outputHelp();
      return { kind: "done" };
    }
    throw complaint(error);
  }
  const { spec, command } = found;
  if (spec === undefined || command === undefined) throw usageError("no command was given");
  return { kind: "run", spec, input: inputOf(spec, command, output.env) };
}

/** All options of a command, its own first. */
export function optionsOf(spec: CommandSpec): readonly OptionSpec[] {
  const own = spec.options ?? [];
  const json = spec.hasJson === false ? [] : JSON_OPTIONS;
  return [...own, ...json.filter(({ name }) => own.every((option) => option.name !== name))];
}

/**
 * Replaces names of several words, such as `basins list` or `auth access-token set`, by the name of
 * the command, and `help <command>` by its `--help`.
 *
 * @throws {CliError} exit code 2 for the first words of a group alone
 */
export function spellOut(argv: readonly string[], commands: readonly CommandSpec[]): string[] {
  const first = firstWordAt(argv);
  const before = argv.slice(0, first);
  if (argv[first] === "help" && argv.length > first + 1) {
    const [name, ...rest] = spellOut(argv.slice(first + 1), commands);
    const isCommand = rest.length === 0 && commands.some((spec) => spec.name === name);
    if (isCommand && name !== undefined) return [...before, name, "--help"];
  }
  for (let length = 3; length > 1; length--) {
    const words = argv.slice(first, first + length).join(" ");
    const spec = commands.find((each) => each.words === words || each.aliases?.includes(words));
    if (spec !== undefined && words.includes(" "))
      return [...before, spec.name, ...argv.slice(first + length)];
  }
  refuseBareGroup(argv[first], commands);
  return [...argv];
}

function refuseBareGroup(word: string | undefined, commands: readonly CommandSpec[]): void {
  if (commands.some((spec) => spec.name === word || spec.aliases?.includes(word ?? ""))) return;
  const members = commands
    .filter((spec) => spec.hidden !== true)
    .flatMap((spec) => [shownName(spec), ...(spec.aliases ?? [])])
    .filter((name) => name.startsWith(`${word} `));
  if (members.length > 0)
    throw usageError(
      `${word} needs a subcommand`,
      members.map((name) => `s2kit ${name}`).join("\n"),
    );
}

/** Index of the first argument that is neither a global option nor the value of one. */
export function firstWordAt(argv: readonly string[]): number {
  let at = 0;
  while (at < argv.length && argv[at]?.startsWith("-") === true) {
    const name = argv[at]?.slice(2);
    const takesValue = GLOBAL_OPTIONS.some(
      (option) => option.name === name && option.value !== undefined,
    );
    at += takesValue ? 2 : 1;
  }
  return at;
}

function buildProgram(
  commands: readonly CommandSpec[],
  output: HelpOutput,
  chosen: (spec: CommandSpec, command: Command) => void,
): Command {
  const program = new Command("s2kit");
  dressProgram(program, commands, output);
  for (const option of GLOBAL_OPTIONS) program.addOption(toCommander(option));
  for (const spec of commands) {
    const command = program.command(spec.name, { hidden: spec.hidden === true });
    dressCommand(command, spec, output);
    for (const alias of spec.aliases ?? []) if (!alias.includes(" ")) command.alias(alias);
    for (const { name, help, optional, variadic } of spec.args ?? []) {
      const shown = variadic === true ? `${name}...` : name;
      command.argument(optional === true ? `[${shown}]` : `<${shown}>`, help);
    }
    for (const option of optionsOf(spec)) command.addOption(toCommander(option));
    refuseContradictions(command, optionsOf(spec));
    command.action(() => chosen(spec, command));
  }
  return program;
}

/** Commander holds `--x` and `--no-x` in one place, where the later would win unseen. */
function refuseContradictions(command: Command, options: readonly OptionSpec[]): void {
  for (const { name } of options) {
    const negated = `no-${name}`;
    if (!options.some((other) => other.name === negated)) continue;
    const given = new Set<string>();
    for (const each of [name, negated])
      command.on(`option:${each}`, () => {
        given.add(each);
        if (given.size === 2)
          throw usageError(`option '--${name}' cannot be used with option '--${negated}'`);
      });
  }
}

function toCommander(spec: OptionSpec): Option {
  const short = spec.short === undefined ? "" : `-${spec.short}, `;
  const value = spec.value === undefined ? "" : ` <${spec.value}>`;
  const notes = [
    ...(spec.choices === undefined ? [] : [spec.choices.join(", ")]),
    ...(spec.default === undefined ? [] : [`default ${spec.default}`]),
    ...(spec.env === undefined ? [] : [spec.env]),
  ];
  const help = notes.length === 0 ? spec.help : `${spec.help} (${notes.join("; ")})`;
  const option = new Option(`${short}--${spec.name}${value}`, help);
  // `--no-x` is held as `x`.
  const conflicts = spec.conflicts?.map((name) => camelCase(name.replace(/^no-/, "")));
  if (conflicts !== undefined) option.conflicts(conflicts);
  if (spec.hidden === true) option.hideHelp();
  if (spec.repeatable === true)
    option.argParser((text: string, before: readonly string[] | undefined) => [
      ...(before ?? []),
      text,
    ]);
  return option;
}

function inputOf(spec: CommandSpec, command: Command, env: NodeJS.ProcessEnv): Input {
  const values = new Map<string, unknown>();
  const given = new Set<string>();
  const raw: Record<string, unknown> = command.optsWithGlobals();
  for (const option of [...GLOBAL_OPTIONS, ...optionsOf(spec)]) {
    const said = saidValue(option, raw, env);
    if (said !== undefined) given.add(option.name);
    values.set(option.name, parseOption(option, said ?? option.default));
  }
  for (const [index, arg] of (spec.args ?? []).entries()) {
    const said = command.processedArgs[index] as string | readonly string[] | undefined;
    const parse = arg.parse ?? ((text: string) => text);
    values.set(
      arg.name,
      said === undefined
        ? undefined
        : Array.isArray(said)
          ? said.map((text) => parse(String(text)))
          : parse(said as string),
    );
  }
  return new Input(values, given);
}

/** Commander's message without its prefix; its suggestion becomes the hint. */
function complaint(error: CommanderError): CliError {
  const [headline = "", ...suggestion] = withoutValues(error.message).split("\n");
  const help = "see s2kit --help, or s2kit <command> --help";
  const hint = suggestion.join(" ").replace(/^\((.*)\)$/, "$1");
  return usageError(headline, hint === "" ? help : `${hint}\n${help}`);
}

/** What stands where nothing is expected may be a token or a key: it is not said again. */
function withoutValues(message: string): string {
  return message
    .replace(/^error: /, "")
    .replace(/(--?[^\s'=]+)=[^']*(?=')/, "$1")
    .replace(/( but got \d+): .*/s, "$1");
}
