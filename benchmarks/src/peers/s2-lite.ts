// The official open server, `s2 lite`, under the same load as ours. Its durability is what it is by
// default: a flush every 5 ms to its own storage, in memory or on the same disk.

import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createBasin, type ServerUnderTest } from "../basin.ts";
import type { BenchOptions } from "../bench.ts";
import { usageOf } from "./process-usage.ts";
import { findProgram, startProgram } from "./program.ts";

const COMMAND = findProgram("s2", "S2KIT_S2");

export const S2_LITE: string | undefined =
  COMMAND === undefined ? undefined : `s2 lite ${versionOf(COMMAND)}`;

/** `undefined` when the command is not at hand. */
export async function startS2Lite(
  { storage }: Pick<BenchOptions, "storage">,
  directory: string,
): Promise<ServerUnderTest | undefined> {
  if (COMMAND === undefined) return undefined;
  const root = join(directory, "s2-lite");
  mkdirSync(root, { recursive: true });
  const program = await startProgram(COMMAND, (port) => [
    "lite",
    "--port",
    String(port),
    ...(storage === "disk" ? ["--local-root", root] : []),
  ]);
  const url = `http://127.0.0.1:${program.port}`;
  try {
    await createBasin(url);
  } catch (error) {
    await program[Symbol.asyncDispose]();
    throw error;
  }
  const usage = async () => usageOf(program.pid);
  return {
    url,
    server: { usage, settledUsage: usage },
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}

function versionOf(command: string): string {
  const told = execFileSync(command, ["--version"], { encoding: "utf8" });
  return /\d+\.\d+\.\d+/.exec(told)?.[0] ?? "";
}
