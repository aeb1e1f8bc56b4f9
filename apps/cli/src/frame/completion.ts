// What may come next on a command line, from the table of commands; names of basins and streams
// from a source that may ask a server, those of contexts from the configuration. Pure apart from
// that source. Spec: cli#version-and-updates.

import { CliError } from "../values/failure.js";
import { type CommandSpec, type OptionSpec, shownName } from "./command.js";
import { GLOBAL_OPTIONS } from "./global-options.js";
import { firstWordAt, optionsOf, spellOut } from "./parse.js";

export interface NameSource {
  basins(prefix: string): Promise<string[]>;
  /** URIs of streams. */
  streams(basin: string, prefix: string): Promise<string[]>;
  contexts(): Promise<string[]>;
}

/** @param words - what was typed after the program name; the last one is being completed */
export async function completeWords(
  words: readonly string[],
  commands: readonly CommandSpec[],
  names: NameSource,
): Promise<string[]> {
  const current = words.at(-1) ?? "";
  const before = words.slice(0, -1);
  const found = commandOf(before, commands);
  const candidates =
    found === undefined
      ? await firstCandidates(before, commands, names)
      : await argumentCandidates({ ...found, current, names });
  return candidates.filter((candidate) => candidate.startsWith(current));
}

/**
 * The global options among the typed words but the last: what completes them asks the server that
 * the command would ask.
 */
export function typedGlobals(words: readonly string[]): ReadonlyMap<string, string | boolean> {
  const before = words.slice(0, -1);
  const end = before.indexOf("--");
  const typed = end === -1 ? before : before.slice(0, end);
  const found = new Map<string, string | boolean>();
  for (const [i, word] of typed.entries()) {
    const [, name, joined] = /^--([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
    const option = GLOBAL_OPTIONS.find((each) => each.name === name);
    if (option === undefined) continue;
    const value = option.value === undefined ? true : (joined ?? typed[i + 1]);
    if (value !== undefined) found.set(option.name, value);
  }
  return found;
}

function commandOf(
  before: readonly string[],
  commands: readonly CommandSpec[],
): { spec: CommandSpec; rest: readonly string[] } | undefined {
  let spelled: string[];
  try {
    spelled = spellOut(before, commands);
  } catch (error) {
    if (error instanceof CliError) return undefined;
    throw error;
  }
  // Not any word that is called like a command: a context may be.
  const at = firstWordAt(spelled);
  const spec = commands.find((each) => isCalled(each, spelled[at]));
  return spec === undefined ? undefined : { spec, rest: spelled.slice(at + 1) };
}

function isCalled(spec: CommandSpec, word: string | undefined): boolean {
  return spec.name === word || (word !== undefined && spec.aliases?.includes(word) === true);
}

/** Where no command stands yet: global options, their values, and words of commands. */
async function firstCandidates(
  before: readonly string[],
  commands: readonly CommandSpec[],
  names: NameSource,
): Promise<string[]> {
  const first = firstWordAt(before);
  // Beyond its end: the last option waits for its value.
  if (first > before.length) return await valueCandidates(before.at(-1), GLOBAL_OPTIONS, names);
  return firstWords(before.slice(first), commands);
}

/** The next word of every command name that continues what stands there. */
function firstWords(before: readonly string[], commands: readonly CommandSpec[]): string[] {
  const next = new Set<string>();
  for (const spec of commands) {
    if (spec.hidden === true) continue;
    for (const name of [shownName(spec), ...(spec.aliases ?? [])]) {
      const parts = name.split(" ");
      const word = parts[before.length];
      if (word !== undefined && before.every((typed, i) => typed === parts[i])) next.add(word);
    }
  }
  if (before.length === 0) for (const option of flagsOf(GLOBAL_OPTIONS)) next.add(option);
  return [...next];
}

async function argumentCandidates(typed: {
  readonly spec: CommandSpec;
  readonly rest: readonly string[];
  readonly current: string;
  readonly names: NameSource;
}): Promise<string[]> {
  const { spec, rest, current, names } = typed;
  const options = [...optionsOf(spec), ...GLOBAL_OPTIONS];
  if (optionOf(rest.at(-1), options)?.value !== undefined)
    return await valueCandidates(rest.at(-1), options, names);
  if (current.startsWith("-")) return flagsOf(options);
  const arg =
    spec.args?.[positionals(rest, options)] ?? spec.args?.findLast((each) => each.variadic);
  if (arg?.completes === "basin") return await basinCandidates(current, names);
  if (arg?.completes === "stream") return await streamCandidates(current, names);
  if (arg?.completes === "context") return await names.contexts();
  return [];
}

/** Values of the option that was typed last. */
async function valueCandidates(
  word: string | undefined,
  options: readonly OptionSpec[],
  names: NameSource,
): Promise<string[]> {
  const option = optionOf(word, options);
  if (option?.completes === "context") return await names.contexts();
  return [...(option?.choices ?? option?.suggestions ?? [])];
}

async function basinCandidates(current: string, names: NameSource): Promise<string[]> {
  const isUri = current.startsWith("s2:");
  const prefix = isUri ? current.replace(/^s2:\/{0,2}/, "") : current;
  return (await names.basins(prefix)).map((name) => (isUri ? `s2://${name}` : name));
}

async function streamCandidates(current: string, names: NameSource): Promise<string[]> {
  const found = /^s2:\/\/([^/]*)\/(.*)$/.exec(current);
  if (found?.[1] !== undefined) return await names.streams(found[1], found[2] ?? "");
  const basins = await names.basins(current.replace(/^(s2?(:\/{0,2})?)?/, ""));
  return basins.length === 0 ? ["s2://"] : basins.map((name) => `s2://${name}/`);
}

function optionOf(
  word: string | undefined,
  options: readonly OptionSpec[],
): OptionSpec | undefined {
  return options.find(({ name, short }) => word === `--${name}` || word === `-${short}`);
}

/** How many words are neither options nor their values. */
function positionals(words: readonly string[], options: readonly OptionSpec[]): number {
  let found = 0;
  for (let i = 0; i < words.length; i++) {
    if (words[i]?.startsWith("-") !== true) found++;
    else if (optionOf(words[i], options)?.value !== undefined) i++;
  }
  return found;
}

function flagsOf(options: readonly OptionSpec[]): string[] {
  return options.filter(({ hidden }) => hidden !== true).map(({ name }) => `--${name}`);
}
