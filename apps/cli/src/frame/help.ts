// How help looks: two worked examples instead of a usage line on top, commands by group, examples
// at the end, colours only where the stream takes them. Spec: cli#shape.

import type { Command, Help } from "commander";
import { wrapped } from "../values/wrapped.js";
import { COMMAND_GROUPS, type CommandSpec, shownName } from "./command.js";
import type { TerminalStream } from "./output.js";
import type { Style } from "./style.js";
import { VERSION } from "./version.js";

export interface HelpOutput {
  readonly stdout: TerminalStream;
  readonly style: Style;
  readonly env: NodeJS.ProcessEnv;
}

/** Commander lays out its two columns in no fewer. */
const MIN_COLUMNS = 40;
/** With fewer beside it, a term has its explanation below. */
const MIN_DESCRIPTION_COLUMNS = 34;

const INTRO = "The command line of S2, the stream store: run a server, append, read, follow.";

const EXAMPLES: readonly string[] = [
  "s2kit lite                                        # a server on this machine",
  "s2kit append s2://my-basin/my-stream < lines.txt  # then: s2kit tail -f s2://my-basin/my-stream",
];

const TOPICS = "More: s2kit help formats | uris | env | exit-codes";

export function dressProgram(
  program: Command,
  commands: readonly CommandSpec[],
  output: HelpOutput,
): void {
  const { style } = output;
  const names = new Map(commands.map((spec) => [spec.name, shownName(spec)]));
  program
    .description(INTRO)
    .usage("[options]")
    .version(`s2kit ${VERSION}`, "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => output.stdout.write(text),
      // What went wrong is reported once, by main.
      writeErr: () => {},
      getOutHelpWidth: () => Math.max(MIN_COLUMNS, output.stdout.columns || 100),
      getOutHasColors: () => style.hasColor,
    })
    .configureHelp({
      showGlobalOptions: true,
      styleTitle: (text) => style.paint(text, "green", "bold"),
      styleCommandText: (text) => style.paint(text, "blue", "bold"),
      styleSubcommandText: (text) => style.paint(text, "blue", "bold"),
      styleOptionTerm: (text) => style.paint(text, "blue", "bold"),
      styleArgumentTerm: (text) => style.paint(text, "cyan"),
      formatItem: (term, termWidth, description, helper) =>
        formatItem({ term, termWidth, description, columns: helper.helpWidth ?? 100 }, helper),
      subcommandTerm: (command) => names.get(command.name()) ?? command.name(),
      commandUsage: (command) =>
        `s2kit ${names.get(command.name()) ?? "<command>"} ${command.usage()}`,
    })
    .addHelpText("after", examplesText(EXAMPLES, style, TOPICS));
  for (const group of COMMAND_GROUPS) program.commandsGroup(`${group}:`);
}

/** Beside its term in two columns; where that leaves too little, below it. */
function formatItem(
  item: {
    readonly term: string;
    readonly termWidth: number;
    readonly description: string;
    readonly columns: number;
  },
  helper: Help,
): string {
  const { term, termWidth, description, columns } = item;
  const blanks = " ".repeat(Math.max(0, termWidth - helper.displayWidth(term)));
  const beside = `  ${"".padEnd(termWidth)}  ${description}`;
  if (columns - termWidth - 4 < MIN_DESCRIPTION_COLUMNS)
    return `  ${term}\n${wrapped(`      ${description}`, columns)}`.trimEnd();
  const [first = "", ...more] = wrappedAfter(beside, termWidth + 4, columns);
  return [`  ${term}${blanks}  ${first}`, ...more].join("\n").trimEnd();
}

/** The text in lines of its own column; the first one without the blanks before it. */
function wrappedAfter(line: string, indent: number, columns: number): string[] {
  const lines = wrapped(line, columns).split("\n");
  return lines.map((each, index) => (index === 0 ? each.slice(indent) : each));
}

export function dressCommand(command: Command, spec: CommandSpec, { style }: HelpOutput): void {
  const details = spec.details === undefined ? "" : `\n\n${spec.details}`;
  command
    .description(`${spec.summary}${details}`)
    .summary(spec.summary)
    .helpGroup(`${spec.group}:`)
    .helpOption("-h, --help", "print help")
    .allowExcessArguments(false)
    .addHelpText("after", examplesText(spec.examples, style));
}

function examplesText(examples: readonly string[], style: Style, after = ""): string {
  const lines = examples.map((example) => `  ${style.paint(example, "cyan")}`);
  const parts = ["", style.paint("Examples:", "green", "bold"), ...lines];
  return [...parts, ...(after === "" ? [] : ["", after])].join("\n");
}
