// What may come next on a command line, from the table of commands; names of basins and streams
// from a source that may ask a server. Pure apart from that source. Spec: cli#version-and-updates.

import { CliError } from "../values/failure.js";
import { type CommandSpec, type OptionSpec, shownName } from "./command.js";
import { GLOBAL_OPTIONS } from "./global-options.js";
import { optionsOf, spellOut } from "./parse.js";

export interface NameSource {
  basins(prefix: string): Promise<string[]>;
  /** URIs of streams. */
  streams(basin: string, prefix: string): Promise<string[]>;
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
      ? firstWords(before, commands)
      : await argumentCandidates({ ...found, current, names });
  return candidates.filter((candidate) => candidate.startsWith(current));
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
  const at = spelled.findIndex((word) => commands.some((spec) => isCalled(spec, word)));
  const spec = commands.find((each) => isCalled(each, spelled[at]));
  return spec === undefined ? undefined : { spec, rest: spelled.slice(at + 1) };
}

function isCalled(spec: CommandSpec, word: string | undefined): boolean {
  return spec.name === word || (word !== undefined && spec.aliases?.includes(word) === true);
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
  const pending = optionOf(rest.at(-1), options);
  if (pending?.value !== undefined) return [...(pending.choices ?? pending.suggestions ?? [])];
  if (current.startsWith("-")) return flagsOf(options);
  const arg =
    spec.args?.[positionals(rest, options)] ?? spec.args?.findLast((each) => each.variadic);
  if (arg?.completes === "basin") return await basinCandidates(current, names);
  if (arg?.completes === "stream") return await streamCandidates(current, names);
  return [];
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
