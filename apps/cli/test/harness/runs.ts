// The two ways to run the command: the built one in a process of its own, with real pipes and
// signals, as its users do; and its source in this process, with streams in place of pipes, a
// hundred times cheaper, for what a command does rather than how its process lives. A server runs
// here too, and is interrupted in place of a signal.

import { type ChildProcess, spawn } from "node:child_process";
import { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { runCommand } from "../../src/command.js";

export const MAIN: string = fileURLToPath(new URL("../../dist/main.js", import.meta.url));

export interface RunResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** For data that is not text. */
  readonly bytes: Buffer;
}

export interface RunOptions {
  readonly input?: string | Uint8Array;
  /** Whether in a process of its own; default where it is needed, and as the `Cli` was made. */
  readonly asProcess?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** Writes the input and does not end it. */
  readonly keepsInputOpen?: boolean;
  /** False: stdout is not collected, for output that is larger than memory should be. */
  readonly keepsOutput?: boolean;
  /** Called with the process; to send signals. */
  readonly onStart?: (process: ChildProcess) => void;
  /** Called with each piece of stdout. */
  readonly onChunk?: (chunk: Buffer, process: ChildProcess) => void;
  /** Called with each new piece of output and the process; to send signals. */
  readonly onOutput?: (
    soFar: { readonly stdout: string; readonly stderr: string },
    process: ChildProcess,
  ) => void;
}

/** They end by a signal, or start a worker, whose file is among the built ones. */
const ALONE: ReadonlySet<string> = new Set(["lite", "server", "dev", "demo", "studio", "bench"]);

/**
 * Whether a run needs a process of its own: its life is watched, the process is set up in a way of
 * its own, or the command would change this one.
 */
export function needsProcess(args: readonly string[], options: RunOptions): boolean {
  const { env = {}, onStart, onChunk, onOutput } = options;
  const isWatched = [onStart, onChunk, onOutput].some((watcher) => watcher !== undefined);
  const isHeld = options.keepsInputOpen === true || options.keepsOutput === false;
  const trustsAny = args.includes("--insecure") || env.S2_SSL_NO_VERIFY !== undefined;
  const isAlone = ALONE.has(args[0] ?? "") || env.NODE_OPTIONS !== undefined;
  return isWatched || isHeld || trustsAny || isAlone;
}

/** Runs the built command and waits for its end. */
export function runProcess(args: readonly string[], options: RunOptions): Promise<RunResult> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { ...options.env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  options.onStart?.(child);
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  const tell = (): void =>
    options.onOutput?.(
      { stdout: String(Buffer.concat(out)), stderr: String(Buffer.concat(err)) },
      child,
    );
  child.stdout.on("data", (chunk: Buffer) => {
    options.onChunk?.(chunk, child);
    if (options.keepsOutput !== false) out.push(chunk);
    tell();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    err.push(chunk);
    tell();
  });
  // A command that ends before it read its input closes the pipe on us.
  child.stdin.on("error", () => {});
  if (options.keepsInputOpen === true) child.stdin.write(options.input ?? "");
  else child.stdin.end(options.input ?? "");
  return new Promise((resolve) => {
    child.on("close", (code) => resolve(resultOf(code, out, err)));
  });
}

/** A pipe gives no more at once. */
const PIPE_BYTES = 65_536;

/** Runs the command here. It gets the environment and the input that are given, and no others. */
export async function runHere(
  args: readonly string[],
  { input = "", env = {} }: RunOptions,
): Promise<RunResult> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  const code = await runCommand(args, {
    env: { ...env },
    stdin: Readable.from(pieces(Buffer.from(input)), { objectMode: false }),
    stdout: collector(out),
    stderr: collector(err),
    interrupt: () => new AbortController().signal,
  });
  return resultOf(code, out, err);
}

/**
 * Runs a command that serves here, as {@link runHere} does: does something once it has announced
 * itself, and then interrupts it.
 *
 * @param whileServing - gets what the command wrote to stdout; its failure is that of the run
 */
export async function serveHere(
  args: readonly string[],
  { env = {} }: RunOptions,
  whileServing: (announced: string) => Promise<void>,
): Promise<RunResult> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  const ending = new AbortController();
  let serving: Promise<void> | undefined;
  const code = await runCommand(args, {
    env: { ...env },
    stdin: Readable.from([], { objectMode: false }),
    stdout: collector(out, () => {
      const announced = String(Buffer.concat(out));
      if (serving !== undefined || !announced.includes("\n")) return;
      serving = whileServing(announced).finally(() => ending.abort());
      // It is told below, when the command has ended.
      serving.catch(() => undefined);
    }),
    stderr: collector(err),
    interrupt: () => ending.signal,
  });
  const result = resultOf(code, out, err);
  if (serving === undefined) throw new Error(`did not serve: ${code}\n${result.stderr}`);
  await serving;
  return result;
}

function* pieces(bytes: Buffer): IterableIterator<Buffer> {
  for (let at = 0; at < bytes.length; at += PIPE_BYTES) yield bytes.subarray(at, at + PIPE_BYTES);
}

function collector(into: Buffer[], onWritten?: () => void): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      // The writer may use its bytes again once they are written.
      into.push(Buffer.from(chunk));
      done();
      onWritten?.();
    },
  });
}

function resultOf(code: number | null, out: readonly Buffer[], err: readonly Buffer[]): RunResult {
  const bytes = Buffer.concat(out);
  return { code, stdout: String(bytes), stderr: String(Buffer.concat(err)), bytes };
}
