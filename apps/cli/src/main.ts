// Where the command line starts: the streams, signals and exit code of the process. What is asked
// for, and what becomes of it, is the business of command.

import { runCommand } from "./command.js";
import { onReaderGone } from "./files/pipe-reader.js";
import type { Output } from "./frame/output.js";
import { judgeOutputFailure } from "./frame/output-failure.js";
import { EXIT, type ExitCode } from "./values/exit-codes.js";

const { argv, env, stdin, stdout, stderr } = process;

let output: Output | undefined;

/** How long a server that ends waits for a reader of its output, ms. */
const LAST_OUTPUT_MS = 1000;

/** Whether something that should have been written was not: then no end is a success. */
let hasOutputFailed = false;

/**
 * `| head -1` closes our stdout: that is how people stop a read, not a failure. An append goes on,
 * whatever is wrong: what it was given must not be dropped because nobody reads what it says.
 */
function onOutputError(stream: NodeJS.WriteStream, error: NodeJS.ErrnoException): void {
  const verdict = judgeOutputFailure(error, output);
  if (verdict.kind === "ended") process.exit(process.exitCode ?? EXIT.ok);
  if (verdict.kind === "ignored" || hasOutputFailed) return;
  hasOutputFailed = true;
  // A failure of the command itself says more, also when its text is what could not be written.
  const code = Number(process.exitCode ?? EXIT.ok) || EXIT.failed;
  const isOver = verdict.goesOn ? undefined : (): never => process.exit(code);
  // There is no other place to say that stderr cannot be written.
  if (stream === stderr) isOver?.();
  else stderr.write(`${verdict.line}\n`, isOver);
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
  if (output?.whenUnread === "serves") setTimeout(() => process.exit(code), LAST_OUTPUT_MS);
  // A write that failed may be told to those behind it before it is told as an event.
  stdout.write("", (error) => {
    if (error) onOutputError(stdout, error);
    stderr.write("", () => process.exit(hasOutputFailed && code === EXIT.ok ? EXIT.failed : code));
  });
}

stdout.on("error", (error) => onOutputError(stdout, error));
stderr.on("error", (error) => onOutputError(stderr, error));
onReaderGone(
  stdout.fd,
  () => output?.whenUnread === "endsAtOnce",
  () => process.exit(process.exitCode ?? EXIT.ok),
);
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
