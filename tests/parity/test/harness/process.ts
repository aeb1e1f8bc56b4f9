// Runs a program as its users do: a process of its own, real pipes, real signals. Everything that
// is started here is ended by its own handle, also when a test fails half way.

import { type ChildProcess, spawn } from "node:child_process";

/** A command that hangs is a failure that tells what it said so far. */
const PATIENCE_MS = 60_000;

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when stdout or stderr matches; rejects when the process ends before. */
  until(pattern: RegExp): Promise<void>;
}

export interface StartOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
  readonly keepsInputOpen?: boolean;
  /** A server: it runs until it is told to stop. */
  readonly isServer?: boolean;
}

/** Some programs write colours into a pipe; what they say is compared without. */
const ESCAPES = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g");

export function withoutEscapes(chunks: readonly Uint8Array[]): string {
  return String(Buffer.concat(chunks)).replace(ESCAPES, "");
}

export function start(command: readonly string[], options: StartOptions): Running {
  const [program = "", ...args] = command;
  const child = spawn(program, args, { env: { ...options.env }, stdio: ["pipe", "pipe", "pipe"] });
  const killAtExit = (): void => void child.kill("SIGKILL");
  process.once("exit", killAtExit);
  const patience = options.isServer === true ? undefined : setTimeout(killAtExit, PATIENCE_MS);
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  const watchers = new Set<() => void>();
  const told = (): Omit<Ended, "code"> => ({
    stdout: withoutEscapes(out),
    stderr: withoutEscapes(err),
  });
  const collect = (chunks: Buffer[]) => (chunk: Buffer) => {
    chunks.push(chunk);
    for (const watcher of watchers) watcher();
  };
  child.stdout.on("data", collect(out));
  child.stderr.on("data", collect(err));
  // A command that ends before it read its input closes the pipe on us.
  child.stdin.on("error", () => {});
  if (options.keepsInputOpen === true) child.stdin.write(options.input ?? "");
  else child.stdin.end(options.input ?? "");
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      clearTimeout(patience);
      process.off("exit", killAtExit);
      resolve({ code, ...told() });
    });
  });
  const until = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        const { stdout, stderr } = told();
        if (!pattern.test(stdout) && !pattern.test(stderr)) return;
        watchers.delete(check);
        resolve();
      };
      watchers.add(check);
      void ended.then((end) => {
        reject(new Error(`ended before ${pattern}: ${JSON.stringify(end)}`));
      });
      check();
    });
  return { child, ended, until };
}
