// Where the command line starts: streams, signals, exit code. Parses, loads the one command that
// runs, reports what it throws. Everything else is loaded on demand, which keeps `--help` fast.

import { COMMANDS } from "./catalogue/table.js";
import type { CommandModule } from "./frame/command.js";
import { Context } from "./frame/context.js";
import { exitCodeOf } from "./frame/exit-code.js";
import type { Input } from "./frame/input.js";
import { Output } from "./frame/output.js";
import { parseArguments } from "./frame/parse.js";
import { createStyle } from "./frame/style.js";
import { EXIT, type ExitCode } from "./values/exit-codes.js";

const { argv, env, stdin, stdout, stderr } = process;

let output: Output | undefined;

/** How long a server that ends waits for a reader of its output, ms. */
const LAST_OUTPUT_MS = 1000;

/**
 * `| head -1` closes our stdout: that is how people stop a read, not a failure. An append goes on:
 * what it was given must not be dropped because nobody reads its acknowledgements. A server goes on
 * whatever it is: its clients have nothing to do with where its log goes.
 */
function endQuietlyOnBrokenPipe(error: NodeJS.ErrnoException): void {
  if (output?.isServing === true) return;
  if (error.code !== "EPIPE" && error.code !== "EOF") throw error;
  if (output?.survivesBrokenPipe !== true) process.exit(process.exitCode ?? EXIT.ok);
}

/** Node ends with success when nothing is left to wait for; an unfinished command is none. */
function failUnfinished(): void {
  stderr.write("Error: the command stopped before it was done: nothing was left to wait for\n");
  process.exit(EXIT.failed);
}

/** The first signal asks for a drain, the second leaves at once. */
function listenForInterrupt(): AbortSignal {
  const interrupt = new AbortController();
  const onSignal = (): void => {
    if (interrupt.signal.aborted) process.exit(EXIT.interrupted);
    interrupt.abort();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return interrupt.signal;
}

function outputFor(input: Input | undefined): Output {
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

async function runCommand(module: CommandModule, input: Input, out: Output): Promise<ExitCode> {
  const context = new Context({ env, stdin, out, interrupt: listenForInterrupt() }, input);
  try {
    return (await module.run(context, input, COMMANDS)) ?? EXIT.ok;
  } catch (error) {
    const { failureToJson, reportFailure } = await import("./frame/error-report.js");
    const settings = { connection: context.knownConnection, isDebug: input.is("debug") };
    if (out.isJson) out.stderr.write(`${JSON.stringify(failureToJson(error, settings))}\n`);
    else reportFailure(out, error, settings);
    return exitCodeOf(error);
  } finally {
    await context.close();
  }
}

async function main(): Promise<ExitCode> {
  const helpStyle = createStyle(stdout.isTTY === true, { color: "auto", ascii: false, env });
  let input: Input | undefined;
  try {
    const parsed = parseArguments(argv.slice(2), COMMANDS, { stdout, style: helpStyle, env });
    if (parsed.kind === "done") return EXIT.ok;
    input = parsed.input;
    const module = await parsed.spec.load();
    output = outputFor(input);
    return await runCommand(module, input, output);
  } catch (error) {
    const { reportFailure } = await import("./frame/error-report.js");
    reportFailure(outputFor(input), error, { isDebug: env.S2KIT_DEBUG !== undefined });
    return exitCodeOf(error);
  }
}

/** Node flushes pipes only when it ends by itself; a stray handle must not keep us though. */
function leave(code: ExitCode): void {
  process.off("beforeExit", failUnfinished);
  process.exitCode = code;
  // Nobody may read the log any more.
  if (output?.isServing === true) setTimeout(() => process.exit(code), LAST_OUTPUT_MS);
  stdout.write("", () => stderr.write("", () => process.exit(code)));
}

stdout.on("error", endQuietlyOnBrokenPipe);
stderr.on("error", endQuietlyOnBrokenPipe);
process.on("beforeExit", failUnfinished);
void main().then(leave);
