// One run of the command line, wherever its streams come from: parses, loads the one command that
// runs, reports what it throws, answers the exit code. Everything else is loaded on demand, which
// keeps `--help` fast. Nothing here knows the process: main gives it that of the system.

import { EXIT, type ExitCode } from "../values/exit-codes.js";
import type { CommandModule, CommandSpec } from "./command.js";
import { Context, type ContextComponents } from "./context.js";
import { exitCodeOf } from "./exit-code.js";
import type { Input } from "./input.js";
import { Output, type TerminalStream } from "./output.js";
import { parseArguments } from "./parse.js";
import { createStyle } from "./style.js";

export interface CommandLineComponents {
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: ContextComponents["stdin"];
  readonly stdout: TerminalStream;
  readonly stderr: TerminalStream;
  /** Called when a command is about to run, for the signal that interrupts it. */
  interrupt(): AbortSignal;
  /** Called with the output of a command before it runs. */
  began?(output: Output): void;
}

/** @param argv - without the program's own path */
export async function runCommandLine(
  argv: readonly string[],
  commands: readonly CommandSpec[],
  around: CommandLineComponents,
): Promise<ExitCode> {
  const { env, stdout } = around;
  const settings = { color: colorOf(argv), ascii: false, env };
  const helpStyle = createStyle(stdout.isTTY === true, settings);
  let input: Input | undefined;
  try {
    const parsed = parseArguments(argv, commands, { stdout, style: helpStyle, env });
    if (parsed.kind === "done") return EXIT.ok;
    input = parsed.input;
    const module = await parsed.spec.load();
    const output = outputFor(input, around);
    around.began?.(output);
    return await runCommand(module, input, output, { commands, around });
  } catch (error) {
    const { reportFailure } = await import("./error-report.js");
    const settings = { isDebug: env.S2KIT_DEBUG !== undefined };
    reportFailure(outputFor(input, around), error, settings);
    return exitCodeOf(error);
  }
}

/** What `--color` says, before anything is parsed: help is printed while that is done. */
function colorOf(argv: readonly string[]): "auto" | "always" | "never" {
  const words = argv.includes("--") ? argv.slice(0, argv.indexOf("--")) : argv;
  const joined = words.findLast((word) => word.startsWith("--color="))?.slice("--color=".length);
  const said = joined ?? words[words.lastIndexOf("--color") + 1];
  const isSaid = joined !== undefined || words.includes("--color");
  return isSaid && (said === "always" || said === "never") ? said : "auto";
}

interface Place {
  readonly commands: readonly CommandSpec[];
  readonly around: CommandLineComponents;
}

async function runCommand(
  module: CommandModule,
  input: Input,
  out: Output,
  { commands, around }: Place,
): Promise<ExitCode> {
  const { env, stdin } = around;
  const context = new Context({ env, stdin, out, interrupt: around.interrupt() }, input);
  try {
    return (await module.run(context, input, commands)) ?? EXIT.ok;
  } catch (error) {
    const { failureToJson, reportFailure } = await import("./error-report.js");
    const settings = { connection: context.knownConnection, isDebug: input.is("debug") };
    if (out.isJson) out.stderr.write(`${JSON.stringify(failureToJson(error, settings))}\n`);
    else reportFailure(out, error, settings);
    return exitCodeOf(error);
  } finally {
    await context.close();
  }
}

function outputFor(
  input: Input | undefined,
  { env, stdout, stderr }: CommandLineComponents,
): Output {
  const color = input?.get<"auto" | "always" | "never">("color") ?? "auto";
  return new Output(stdout, stderr, {
    env,
    color,
    ascii: input?.is("ascii") ?? false,
    quiet: input?.is("quiet") ?? false,
    json: input !== undefined && wantsJson(input),
  });
}

function wantsJson(input: Input): boolean {
  return (
    (input.declares("json") && input.is("json")) ||
    (input.declares("output") && input.declares("json") && input.get("output") === "json")
  );
}
