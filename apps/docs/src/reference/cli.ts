// The reference of the command, made from its table of commands: what the parser takes is what the
// page says. The table is loaded from the build of the command; nothing is run.

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "../site/documents.ts";

interface ArgumentRow {
  readonly name: string;
  readonly help: string;
  readonly optional?: boolean;
  readonly variadic?: boolean;
}

interface OptionRow {
  readonly name: string;
  readonly short?: string;
  readonly value?: string;
  readonly help: string;
  readonly default?: string;
  readonly choices?: readonly string[];
  readonly env?: string;
  readonly repeatable?: boolean;
  readonly hidden?: boolean;
}

/** The part of a command that the page shows. */
export interface CommandRow {
  readonly name: string;
  readonly words?: string;
  readonly aliases?: readonly string[];
  readonly group: string;
  readonly summary: string;
  readonly details?: string;
  readonly args?: readonly ArgumentRow[];
  readonly options?: readonly OptionRow[];
  readonly examples: readonly string[];
  readonly hidden?: boolean;
}

/** What `apps/cli/src/catalogue/reference.ts` exports. */
export interface CommandReference {
  readonly commands: readonly CommandRow[];
  readonly globalOptions: readonly OptionRow[];
  readonly topics: ReadonlyMap<string, string>;
}

/** @throws when the command is not built */
export async function loadCommands(): Promise<CommandReference> {
  const file = pathToFileURL(join(ROOT, "apps/cli/dist/reference.js")).href;
  return ((await import(file)) as { REFERENCE: CommandReference }).REFERENCE;
}

/** The page, as Markdown. */
export function cliPage({ commands, globalOptions, topics }: CommandReference): string {
  const shown = commands.filter(({ hidden }) => hidden !== true);
  const groups = [...new Set(shown.map(({ group }) => group))];
  return [
    "# Command line reference",
    "",
    "Every command of `s2kit` with its arguments, options, environment variables and examples, made from the table that",
    "the command itself parses by. What scripts may rely on is in [the specification](../spec/cli.md).",
    "",
    ...groups.flatMap((group) => [
      `## ${group}`,
      "",
      ...shown.filter((command) => command.group === group).flatMap(commandSection),
    ]),
    "## Options of every command",
    "",
    ...optionTable(globalOptions),
    ...[...topics].flatMap(([topic, text]) => [
      `## s2kit help ${topic}`,
      "",
      ...fenced(text.trimEnd().split("\n"), "text"),
    ]),
  ].join("\n");
}

function commandSection(command: CommandRow): string[] {
  const name = command.words ?? command.name;
  const args = (command.args ?? []).map(usageOf).map((text) => ` ${text}`);
  const options = (command.options ?? []).filter(({ hidden }) => hidden !== true);
  return [
    `### s2kit ${name}`,
    "",
    `${command.summary}.`.replace(/\.\.$/, "."),
    "",
    ...fenced([`s2kit ${name}${args.join("")}${options.length > 0 ? " [options]" : ""}`]),
    ...(command.details === undefined ? [] : [...fenced(command.details.split("\n"), "text")]),
    ...(command.args ?? []).map((each) => `- \`${usageOf(each)}\`: ${cell(each.help)}`),
    ...(command.args === undefined ? [] : [""]),
    ...optionTable(options),
    ...fenced(command.examples),
    ...aliasLine(command.aliases ?? []),
  ];
}

function aliasLine(aliases: readonly string[]): string[] {
  if (aliases.length === 0) return [];
  return [`Also written ${aliases.map((each) => `\`${each}\``).join(", ")}.`, ""];
}

function usageOf({ name, optional, variadic }: ArgumentRow): string {
  const word = variadic === true ? `${name}...` : name;
  return optional === true ? `[${word}]` : `<${word}>`;
}

function optionTable(options: readonly OptionRow[]): string[] {
  if (options.length === 0) return [];
  return [
    "| option | default | meaning |",
    "| --- | --- | --- |",
    ...options.map(
      (option) =>
        `| ${flagOf(option)} | ${option.default === undefined ? "" : `\`${option.default}\``} | ${meaningOf(option)} |`,
    ),
    "",
  ];
}

function flagOf({ name, short, value }: OptionRow): string {
  const flags = [...(short === undefined ? [] : [`-${short}`]), `--${name}`].join(", ");
  return `\`${cell(value === undefined ? flags : `${flags} <${value}>`)}\``;
}

function meaningOf({ help, choices, env, repeatable }: OptionRow): string {
  const notes = [
    choices === undefined ? "" : `one of ${choices.map((each) => `\`${each}\``).join(", ")}`,
    repeatable === true ? "may be given several times" : "",
    env === undefined ? "" : `or \`${env}\``,
  ].filter((note) => note !== "" && !help.includes(note));
  return cell([help, ...notes].join("; "));
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}

function fenced(lines: readonly string[], language = "sh"): string[] {
  return [`\`\`\`${language}`, ...lines, "```", ""];
}
