// Where the command line starts: the streams, signals and exit code of the process. What is asked
// for, and what becomes of it, is the business of command.

import { runCommand } from "./command.js";
import type { Output } from "./frame/output.js";
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
void runCommand(argv.slice(2), {
  env,
  stdin,
  stdout,
  stderr,
  interrupt: listenForInterrupt,
  began(begun) {
    output = begun;
  },
}).then(leave);
