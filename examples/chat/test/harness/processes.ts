// The processes of the example, each of which a test may kill: the server of streams, and the sites that serve the chat
// and ask its model.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";

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

/** @param port - of one that was there before; default any */
export const startSite = (s2: Killable, port = "0"): Promise<Killable> =>
  start([join(import.meta.dirname, "../../server.ts")], {
    PORT: port,
    S2_ENDPOINT: s2.url,
    CHAT_LEASE_MS: "1000",
    CHAT_PIECE_MS: "15",
  });

export const portOf = ({ url }: Killable): string => new URL(url).port;

async function start(args: string[], env: Record<string, string>): Promise<Killable> {
  // A key of the machine's owner is not for tests.
  const { ANTHROPIC_API_KEY: _, ...others } = process.env;
  const child: ChildProcess = spawn(process.execPath, args, {
    env: { ...others, ...env },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  closers.push(kill);
  const [line] = (await once(child.stdout as NodeJS.ReadableStream, "data")) as [Buffer];
  return { url: line.toString().split(/\s/)[0] ?? "", kill };
}
