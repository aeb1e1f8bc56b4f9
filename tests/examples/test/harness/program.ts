// A program of an example, as its readers start it: `node file.ts` in its folder.

import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const EXAMPLES = fileURLToPath(new URL("../../../../examples/", import.meta.url));

export interface Program {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  /** Resolves with its output when it ended with 0; rejects with all that it said when not. */
  readonly ended: Promise<string>;
}

/** @param input - its standard input; undefined leaves that empty */
export function startProgram(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  input?: string,
): Program {
  const child = spawn(process.execPath, args, {
    cwd: join(EXAMPLES, folder),
    env: {
      PATH: process.env["PATH"],
      NO_COLOR: "1",
      NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"],
      ...env,
    },
  });
  // A test that fails half way must not leave it behind.
  const killAtExit = (): void => void child.kill("SIGKILL");
  process.once("exit", killAtExit);
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdin.end(input ?? "");
  const ended = new Promise<string>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      process.off("exit", killAtExit);
      if (code === 0) resolve(stdout);
      else reject(new Error(`${folder} ${args.join(" ")}: ${code ?? signal}\n${stdout}${stderr}`));
    });
  });
  ended.catch(() => undefined);
  return { child, stdout: () => stdout, ended };
}
