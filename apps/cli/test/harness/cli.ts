// A home, perhaps a server, and the command pointed at it. What a command does is looked at in this
// process; how its process lives, ends and writes into pipes is looked at in processes (runs.ts).

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type ServerSettings } from "@s2kit/server-lite";
import { given } from "../../src/values/given.js";
import {
  needsProcess,
  type RunOptions,
  type RunResult,
  runHere,
  runProcess,
  serveHere,
} from "./runs.js";

export { MAIN, type RunOptions, type RunResult } from "./runs.js";

export interface CliSettings {
  /** Runs are of the built command, each in a process of its own; default where it is needed. */
  readonly processes?: boolean;
}

export class Cli {
  readonly home: string;
  readonly url: string | undefined;
  readonly #stop: () => Promise<void>;
  readonly #usesProcesses: boolean;

  private constructor(
    url: string | undefined,
    stop: () => Promise<void>,
    { processes = false }: CliSettings,
  ) {
    this.home = mkdtempSync(join(tmpdir(), "s2kit-cli-"));
    this.url = url;
    this.#stop = stop;
    this.#usesProcesses = processes;
  }

  static async withServer(settings: ServerSettings = {}, own: CliSettings = {}): Promise<Cli> {
    const server = createServer({ port: 0, ...settings });
    const { url } = await server.listen();
    return new Cli(url, () => server.close(), own);
  }

  static withoutServer(own: CliSettings = {}): Cli {
    return new Cli(undefined, () => Promise.resolve(), own);
  }

  get env(): Record<string, string> {
    return {
      PATH: process.env.PATH ?? "",
      // Where the gate keeps compiled code: each file of the command is parsed once.
      ...given("NODE_COMPILE_CACHE", process.env.NODE_COMPILE_CACHE),
      HOME: this.home,
      APPDATA: this.home,
      LOCALAPPDATA: this.home,
      ...(this.url === undefined ? {} : { S2_ENDPOINT: this.url }),
    };
  }

  run(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    const all = { ...options, env: { ...this.env, ...options.env } };
    const { asProcess = this.#usesProcesses } = options;
    return asProcess || needsProcess(args, options) ? runProcess(args, all) : runHere(args, all);
  }

  /** Runs and expects success; answers stdout. */
  async ok(...args: readonly string[]): Promise<string> {
    return (await this.okRun(args)).stdout;
  }

  async okRun(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    const result = await this.run(args, options);
    if (result.code !== 0)
      throw new Error(`s2kit ${args.join(" ")} ended with ${result.code}\n${result.stderr}`);
    return result;
  }

  /** Serves in this process, see {@link serveHere}. */
  serve(
    args: readonly string[],
    options: RunOptions,
    whileServing: (announced: string) => Promise<void>,
  ): Promise<RunResult> {
    return serveHere(args, { ...options, env: { ...this.env, ...options.env } }, whileServing);
  }

  path(name: string): string {
    return join(this.home, name);
  }

  async close(): Promise<void> {
    await this.#stop();
    rmSync(this.home, { recursive: true, force: true });
  }
}

/** Lines of a text without the last, empty one. */
export function linesOf(text: string): string[] {
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}

/** Each line of `--json` output, parsed. */
export function jsonLinesOf(text: string): Record<string, unknown>[] {
  return linesOf(text).map((line) => JSON.parse(line) as Record<string, unknown>);
}
