// Runs the built command as its users do: a process of its own, real pipes, a home of its own.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createServer, type ServerSettings } from "@s2kit/server-lite";
import { given } from "../../src/values/given.js";

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
  readonly env?: Readonly<Record<string, string>>;
  /** Writes the input and does not end it. */
  readonly keepsInputOpen?: boolean;
  /** False: stdout is not collected, for output that is larger than memory should be. */
  readonly keepsOutput?: boolean;
  /** Called with the process; to send signals. */
  readonly onStart?: (process: ReturnType<typeof spawn>) => void;
  /** Called with each piece of stdout. */
  readonly onChunk?: (chunk: Buffer, process: ReturnType<typeof spawn>) => void;
  /** Called with each new piece of output and the process; to send signals. */
  readonly onOutput?: (
    soFar: { readonly stdout: string; readonly stderr: string },
    process: ReturnType<typeof spawn>,
  ) => void;
}

/** A home, perhaps a server, and the command pointed at it. */
export class Cli {
  readonly home: string;
  readonly url: string | undefined;
  readonly #stop: () => Promise<void>;

  private constructor(url: string | undefined, stop: () => Promise<void>) {
    this.home = mkdtempSync(join(tmpdir(), "s2kit-cli-"));
    this.url = url;
    this.#stop = stop;
  }

  static async withServer(settings: ServerSettings = {}): Promise<Cli> {
    const server = createServer({ port: 0, ...settings });
    const { url } = await server.listen();
    return new Cli(url, () => server.close());
  }

  static withoutServer(): Cli {
    return new Cli(undefined, () => Promise.resolve());
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
    const child = spawn(process.execPath, [MAIN, ...args], {
      env: { ...this.env, ...options.env },
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
      child.on("close", (code) => {
        const bytes = Buffer.concat(out);
        resolve({ code, stdout: String(bytes), stderr: String(Buffer.concat(err)), bytes });
      });
    });
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
