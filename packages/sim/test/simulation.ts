// Runs the command of the simulation in a process of its own, on the sources, as `pnpm sim` does.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";

const PACKAGE = fileURLToPath(new URL("../", import.meta.url));
/** A history that never ends must not outlive the test that asked for it. */
const LONGEST_MS = 240_000;

export interface Run {
  readonly code: number;
  readonly output: string;
}

export function simulate(...args: readonly string[]): Promise<Run> {
  const command = ["--import", `${PACKAGE}source-loader.mjs`, `${PACKAGE}src/command/main.ts`];
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [...command, ...args],
      { maxBuffer: 1 << 26, timeout: LONGEST_MS, killSignal: "SIGKILL" },
      (error, stdout, stderr) => {
        if (error !== null && typeof error.code !== "number") reject(error);
        else resolve({ code: Number(error?.code ?? 0), output: stdout + stderr });
      },
    );
  });
}

/** The last line, of a run with `--json`. */
export function sumsOf({ output }: Run): Readonly<Record<string, unknown>> {
  return JSON.parse(output.trim().split("\n").at(-1) ?? "") as Readonly<Record<string, unknown>>;
}
