// What every benchmark needs: its options, and a server under test with a basin, on the storage that
// was asked for, in a directory that goes with it.

import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { S2 } from "@s2kit/client";
import { type Figure } from "./figure.ts";
import { type Remote, startRole } from "./role.ts";
import type { S2ServerRole } from "./roles/s2-server.ts";

export interface BenchOptions {
  readonly storage: "disk" | "memory";
  readonly rounds: number;
  readonly roundMs: number;
  /** Where data directories are made: on the disk to be measured. */
  readonly directory: string;
  readonly profileDirectory: string | undefined;
}

/** One benchmark: runs its rounds, answers its figures, leaves nothing behind. */
export interface Benchmark {
  readonly name: string;
  readonly title: string;
  run(options: BenchOptions): Promise<readonly Figure[]>;
}

/** Longest of the names here, so that requests have the size of real ones. */
export const BASIN = "benchmark-basin";

export interface ServerUnderTest extends AsyncDisposable {
  readonly url: string;
  readonly server: Remote<S2ServerRole>;
  /** Empty, on the disk that the server uses. */
  readonly scratch: string;
}

/** Starts a server with one basin, whose streams come into being when they are first used. */
export async function startServer(options: BenchOptions): Promise<ServerUnderTest> {
  const directory = mkdtempSync(join(options.directory, "s2kit-bench-"));
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  const storage =
    options.storage === "memory"
      ? { kind: "memory" }
      : { kind: "disk", directory: join(directory, "data") };
  const { profileDirectory } = options;
  try {
    const role = await startRole<S2ServerRole>("s2-server", { storage }, { profileDirectory });
    const url = await role.call.url(undefined);
    await using s2 = new S2({ accessToken: "unused", endpoints: { account: url, basin: url } });
    const config = { createStreamOnAppend: true, createStreamOnRead: true };
    await s2.basins.create({ basin: BASIN, config });
    return {
      url,
      server: role.call,
      scratch: directory,
      async [Symbol.asyncDispose]() {
        await role.close();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Runs the sides in turns, so that noise of the machine meets all of them; first unmeasured. */
export async function inTurns<T extends Record<string, () => Promise<unknown>>>(
  { rounds }: Pick<BenchOptions, "rounds">,
  sides: T,
): Promise<{ readonly [K in keyof T]: Awaited<ReturnType<T[K]>>[] }> {
  const names: (keyof T)[] = Object.keys(sides);
  const results = Object.fromEntries(names.map((name) => [name, [] as unknown[]]));
  for (const name of names) await sides[name]?.();
  for (let round = 0; round < rounds; round++)
    for (const name of names) results[name as string]?.push(await sides[name]?.());
  return results as { [K in keyof T]: Awaited<ReturnType<T[K]>>[] };
}

export function streamNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `stream-${index}`);
}
