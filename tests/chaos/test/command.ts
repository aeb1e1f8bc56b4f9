// Runs the commands of this room in processes of their own, as `pnpm chaos` and `pnpm soak` do.

import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOM = fileURLToPath(new URL("../", import.meta.url));

export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export function run(command: "command" | "soak", args: readonly string[]): Promise<Run> {
  const script = ["--import", `${ROOM}loader.mjs`, `${ROOM}src/${command}/main.ts`];
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [...script, ...args],
      { maxBuffer: 1 << 26 },
      (error, stdout, stderr) => {
        if (error !== null && typeof error.code !== "number") reject(error);
        else resolve({ code: Number(error?.code ?? 0), stdout, stderr });
      },
    );
  });
}

/** A folder that is gone after the test. */
export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "s2kit-chaos-test-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
