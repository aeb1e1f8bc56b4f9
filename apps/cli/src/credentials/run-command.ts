// Runs a command of the platform that keeps secrets. Secrets go in by stdin and come back by
// stdout: never among the arguments, which every user of the machine can list. Waits long enough
// for a person to unlock a keyring, and not for ever. Spec: cli#failures, cli#stored-tokens.

import { spawn } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { CliError } from "../values/failure.js";

/** An unlock prompt of the desktop may be open all that time. */
const PATIENCE_MS = 120_000;
const MAX_OUTPUT_BYTES: number = 4 * 1024 * 1024;

export interface CommandCall {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Written to stdin, which is then ended. */
  readonly input?: string;
  /** Default: two minutes. */
  readonly patienceMs?: number;
}

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where the command is on `PATH`; undefined when it is not there or may not be run. */
export async function findCommand(
  name: string,
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  for (const directory of (env.PATH ?? "").split(delimiter)) {
    if (directory === "") continue;
    const path = join(directory, name);
    try {
      await access(path, constants.X_OK);
      return path;
    } catch {
      // The command is not in this directory of PATH.
    }
  }
  return undefined;
}

/** @throws {CliError} when it cannot be started or does not end; nothing of its input is quoted */
export async function runCommand(call: CommandCall): Promise<CommandResult> {
  const { command, args, env, input = "", patienceMs = PATIENCE_MS } = call;
  const child = spawn(command, args, { env, stdio: ["pipe", "pipe", "pipe"] });
  const kill = (): void => {
    child.kill("SIGKILL");
  };
  process.once("exit", kill);
  const timer = setTimeout(kill, patienceMs);
  // A command that ends before it has read its input closes the pipe on us.
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  try {
    return await new Promise<CommandResult>((resolve, reject) => {
      const stdout = collect(child.stdout, kill);
      const stderr = collect(child.stderr, kill);
      child.once("error", reject);
      child.once("close", (code) => resolve({ code, stdout: stdout(), stderr: stderr() }));
    });
  } catch (cause) {
    throw new CliError(`cannot run the command of the secret store command=${command}`, { cause });
  } finally {
    clearTimeout(timer);
    process.off("exit", kill);
  }
}

function collect(stream: NodeJS.ReadableStream, onTooMuch: () => void): () => string {
  const chunks: Buffer[] = [];
  let length = 0;
  stream.on("data", (chunk: Buffer) => {
    length += chunk.length;
    if (length > MAX_OUTPUT_BYTES) onTooMuch();
    else chunks.push(chunk);
  });
  return () => Buffer.concat(chunks).toString("utf8");
}
