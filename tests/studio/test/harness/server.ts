// Servers for the pages: in this process, or in one of their own that can be killed. Closed after each test, by
// `setup`.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer as createHttpServer, request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { S2 } from "@s2kit/client";
import { createServer, type S2Server, type ServerSettings } from "@s2kit/server-lite";

const closers: (() => Promise<unknown>)[] = [];

/** Runs after the test, the last one first. */
export function afterTest(close: () => Promise<unknown>): void {
  closers.push(close);
}

/** What {@link afterTest} was told to close. */
export async function closeAll(): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close();
}

export interface Started {
  readonly url: string;
  readonly server: S2Server;
  /** With the root token when the server asks for one. */
  readonly s2: S2;
}

export const ROOT = "root-token-of-the-tests";

export async function startServer(settings: ServerSettings = {}): Promise<Started> {
  const server = createServer({ port: 0, ...settings });
  const { url } = await server.listen();
  closers.push(() => server.close());
  return { url, server, s2: connect(url) };
}

export function connect(url: string, accessToken: string = ROOT): S2 {
  const s2 = new S2({ accessToken, endpoints: { account: url, basin: url } });
  closers.push(() => s2.close());
  return s2;
}

export interface Killable {
  readonly url: string;
  kill(): Promise<void>;
}

/** A server in a process of its own, on a directory. */
export async function startProcess(directory: string, port = 0): Promise<Killable> {
  return await spawnServer({ storage: { kind: "disk", directory, takeOver: true } }, port);
}

/** The same in memory: what it holds goes with it, but for what the file declares. */
export async function startMemoryProcess(initFile?: string, port = 0): Promise<Killable> {
  return await spawnServer({ storage: { kind: "memory" }, initFile }, port);
}

async function spawnServer(settings: ServerSettings, port: number): Promise<Killable> {
  const child: ChildProcess = spawn(
    process.execPath,
    [`${import.meta.dirname}/server-process.mjs`, String(port), JSON.stringify(settings)],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const [line] = (await once(child.stdout as NodeJS.ReadableStream, "data")) as [Buffer];
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  closers.push(kill);
  return { url: line.toString().trim(), kill };
}

/** Passes requests on and knows nothing of upgrades, as some do in front of servers. */
export async function startPlainProxy(target: string): Promise<string> {
  const { port } = new URL(target);
  const proxy = createHttpServer((request, response) => {
    const { connection: _, upgrade: __, ...headers } = request.headers;
    const { method, url } = request;
    const onward = httpRequest(
      { host: "127.0.0.1", port, method, path: url, headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on("error", () => response.destroy());
    response.on("close", () => onward.destroy());
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  closers.push(
    () =>
      new Promise((resolve) => {
        proxy.close(resolve);
        proxy.closeAllConnections();
      }),
  );
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
}
