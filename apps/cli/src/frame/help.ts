// How help looks: two worked examples instead of a usage line on top, commands by group, examples
// at the end, colours only where the stream takes them. Spec: cli#shape.

import type { Command } from "commander";
import { COMMAND_GROUPS, type CommandSpec, shownName } from "./command.js";
import type { TerminalStream } from "./output.js";
import type { Style } from "./style.js";
import { VERSION } from "./version.js";

export interface HelpOutput {
  readonly stdout: TerminalStream;
  readonly style: Style;
  readonly env: NodeJS.ProcessEnv;
}

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
      getOutHelpWidth: () => Math.max(60, output.stdout.columns || 100),
      getOutHasColors: () => style.hasColor,
    })
    .configureHelp({
      showGlobalOptions: true,
      styleTitle: (text) => style.paint(text, "green", "bold"),
      styleCommandText: (text) => style.paint(text, "blue", "bold"),
      styleSubcommandText: (text) => style.paint(text, "blue", "bold"),
      styleOptionTerm: (text) => style.paint(text, "blue", "bold"),
      styleArgumentTerm: (text) => style.paint(text, "cyan"),
      subcommandTerm: (command) => names.get(command.name()) ?? command.name(),
      commandUsage: (command) =>
        `s2kit ${names.get(command.name()) ?? "<command>"} ${command.usage()}`,
    })
    .addHelpText("after", examplesText(EXAMPLES, style, TOPICS));
  for (const group of COMMAND_GROUPS) program.commandsGroup(`${group}:`);
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
