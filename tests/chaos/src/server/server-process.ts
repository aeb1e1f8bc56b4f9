// One life of a server: the shipped `s2kit lite` in a process of its own, on any free port. It ends with this
// process, whatever happens, and nobody but its child is ever sent a signal.

import { type ChildProcess, spawn } from "node:child_process";
import { appendFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { ErrorLines } from "./error-lines.ts";
import type { ServerStore } from "./server-store.ts";

const require = createRequire(import.meta.url);
export const COMMAND: string = join(
  dirname(require.resolve("@s2kit/cli/package.json")),
  "dist/main.js",
);
const SOURCE_LOADER: string = require.resolve("@s2kit/sim/source-loader.mjs");
/** Long for one that has much to recover on a busy machine. */
const START_MS = 90_000;
const TAIL_CHARS = 4000;
/** Errors of a server that may never listen; the first of them says enough. */
const MAX_EARLY_LINES = 20;

export const ROOT_TOKEN = "root-token-of-the-chaos";

export interface LifeOptions {
  /** Its home. */
  readonly directory: string;
  readonly store: ServerStore;
  /** Where its lines go. */
  readonly log: string;
  /** A fault of scripts/mutants: the server then runs from the sources. */
  readonly plant?: string | undefined;
  /** Hears of each error that a server logs, from its start on; not of what one says that never listens. */
  readonly onErrorLine?: ((line: string) => void) | undefined;
}

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** What a process weighs; see `within-server.mjs`. */
export interface Weight {
  readonly rss: number;
  readonly heapUsed: number;
  readonly external: number;
  readonly arrayBuffers: number;
  readonly loopP50Ms: number;
  readonly loopP99Ms: number;
  readonly loopMaxMs: number;
  readonly handles: number;
  /** Of the handles: connections of clients. */
  readonly connections: number;
  readonly descriptors?: number | undefined;
  readonly cpuMs: number;
}

export class ServerProcess {
  readonly port: number;
  readonly ended: Promise<Ending>;
  readonly #child: ChildProcess;
  readonly #said: () => string;

  private constructor(child: ChildProcess, port: number, said: () => string) {
    this.#child = child;
    this.#said = said;
    this.port = port;
    this.ended = endOf(child);
  }

  /** @throws when it ends, or says nothing for too long, before it listens */
  static async start(options: LifeOptions): Promise<ServerProcess> {
    options.store.prepare();
    const child = spawn(process.execPath, argumentsOf(options), {
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: {
        PATH: process.env["PATH"],
        HOME: options.directory,
        NO_COLOR: "1",
        S2KIT_ROOT_TOKEN: ROOT_TOKEN,
        NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"],
        ...options.store.env,
      },
    });
    const killAtExit = (): void => void child.kill("SIGKILL");
    process.once("exit", killAtExit);
    child.once("close", () => process.off("exit", killAtExit));
    // What is sent to one that has just died is lost, and no failure.
    child.on("error", () => undefined);
    let text = "";
    const lines = new ErrorLines();
    let early: string[] | undefined = [];
    const tell = (line: string): void => options.onErrorLine?.(line);
    child.stderr?.on("data", (chunk: Buffer) => {
      const piece = chunk.toString();
      text = (text + piece).slice(-TAIL_CHARS);
      appendFileSync(options.log, chunk);
      for (const line of lines.push(piece))
        if (early === undefined) tell(line);
        else early = [...early, line].slice(0, MAX_EARLY_LINES);
    });
    try {
      const url = await announced(child);
      early.forEach(tell);
      early = undefined;
      return new ServerProcess(child, Number(new URL(url).port), () => text);
    } catch (error) {
      child.kill("SIGKILL");
      throw new Error(`${(error as Error).message}: ${text.trim().slice(-600)}`, { cause: error });
    }
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The end of what it said on stderr. */
  get lastWords(): string {
    return this.#said();
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Moves its wall clock: so far from that of the system. */
  shiftClock(byMs: number): void {
    if (this.#child.connected) this.#child.send({ kind: "jump", byMs }, () => undefined);
  }

  /** @throws when it does not answer in time */
  async weigh(timeoutMs = 10_000): Promise<Weight> {
    const child = this.#child;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => done(new Error("the server did not tell")), timeoutMs);
      const onMessage = (message: unknown): void =>
        done(undefined, (message as { readonly weight: Weight }).weight);
      const done = (error: Error | undefined, weight?: Weight): void => {
        clearTimeout(timer);
        child.off("message", onMessage);
        if (weight === undefined) reject(error ?? new Error("nothing was told"));
        else resolve(weight);
      };
      child.on("message", onMessage);
      child.send({ kind: "weigh" }, (error) => {
        if (error !== null) done(error);
      });
    });
  }
}

function argumentsOf({ store, plant }: LifeOptions): string[] {
  const within = ["--import", join(import.meta.dirname, "within-server.mjs")];
  if (plant !== undefined)
    return [
      ...within,
      "--import",
      SOURCE_LOADER,
      join(import.meta.dirname, "planted-server.ts"),
      JSON.stringify(store.settings),
      "--plant",
      plant,
    ];
  const lite = ["lite", "--port", "0", ...store.args, "--auth", "--no-studio"];
  return [...within, COMMAND, ...lite, "--json", "--log-format", "json"];
}

function endOf(child: ChildProcess): Promise<Ending> {
  if (child.exitCode !== null || child.signalCode !== null)
    return Promise.resolve({ code: child.exitCode, signal: child.signalCode });
  return new Promise((resolve) => {
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
}

/** The address in the first line of JSON. */
function announced(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const timer = setTimeout(() => reject(new Error(`no address after ${START_MS} ms`)), START_MS);
    child.stdout?.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      const [, line] = /^(\{.*\})$/m.exec(text) ?? [];
      if (line === undefined) return;
      clearTimeout(timer);
      text = "";
      resolve((JSON.parse(line) as { readonly url: string }).url);
    });
    child.once("exit", (code, signal) => {
      clearTimeout(timer);
      reject(new Error(`ended before it listened code=${code} signal=${signal}`));
    });
  });
}
