// The processes of the example, each of which a test may kill: the server of streams, and the sites that serve the chat
// and ask its model.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";
import { startScriptedApi } from "../../scripted-api.ts";

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

export interface Killable {
  readonly url: string;
  kill(): Promise<void>;
}

export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "s2kit-chat-"));
  closers.push(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

export const startS2 = (directory: string, port = "0"): Promise<Killable> =>
  start([join(import.meta.dirname, "s2-server.mjs"), directory, port], {});

/** A model that says a few words, and the rest when it is told to. */
export class Script {
  /** Pieces that it says without being told. */
  static readonly HELD_AT = 21;
  #said = 0;
  #open = (): void => undefined;
  #isOpen: Promise<void> = new Promise((resolve) => (this.#open = resolve));
  #url = "";

  static async start(): Promise<Script> {
    const script = new Script();
    const api = await startScriptedApi(() =>
      ++script.#said < Script.HELD_AT ? Promise.resolve() : script.#isOpen,
    );
    script.#url = api.url;
    closers.push(async () => api.close());
    return script;
  }

  get url(): string {
    return this.#url;
  }

  goOn(): void {
    this.#open();
  }
}

/**
 * @param port - of one that was there before; default any
 * @param leaseMs - default longer than any of its processes may be late on a busy machine
 */
export const startSite = (
  s2: Killable,
  script: Script,
  { port = "0", leaseMs = 6000 } = {},
): Promise<Killable> =>
  start([join(import.meta.dirname, "../../server.ts")], {
    PORT: port,
    S2_ENDPOINT: s2.url,
    CHAT_LEASE_MS: String(leaseMs),
    ANTHROPIC_API_KEY: "none",
    ANTHROPIC_BASE_URL: script.url,
  });

export const portOf = ({ url }: Killable): string => new URL(url).port;

async function start(args: string[], env: Record<string, string>): Promise<Killable> {
  const child: ChildProcess = spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  closers.push(kill);
  const [line] = (await Promise.race([
    once(child.stdout as NodeJS.ReadableStream, "data"),
    once(child, "exit").then(([code]) =>
      Promise.reject(new Error(`ended code=${code}: ${args.join(" ")}`)),
    ),
  ])) as [Buffer];
  return { url: line.toString().split(/\s/)[0] ?? "", kill };
}
