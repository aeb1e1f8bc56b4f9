// A server of another program: found on PATH, started on a port of its own with its own directory,
// waited for, and ended by its process id.

import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import type { AddressInfo } from "node:net";
import { connect, createServer } from "node:net";
import { delimiter, join } from "node:path";

export interface Program extends AsyncDisposable {
  readonly port: number;
  readonly pid: number;
}

const READY_MS = 15_000;

/** Where a program is: what its variable names, or the first on PATH; `undefined` when it is not there. */
export function findProgram(name: string, variable: string): string | undefined {
  const named = process.env[variable];
  if (named !== undefined) return named;
  for (const directory of (process.env["PATH"] ?? "").split(delimiter)) {
    const path = join(directory, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this one.
    }
  }
  return undefined;
}

/** Starts it and waits until its port takes connections. */
export async function startProgram(
  path: string,
  argsFor: (port: number) => readonly string[],
): Promise<Program> {
  const port = await freePort();
  const child = spawn(path, argsFor(port), { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-2000);
  });
  const end = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    const hurry = setTimeout(() => child.kill("SIGKILL"), 5000);
    await exited;
    clearTimeout(hurry);
  };
  try {
    await listening(child, port);
  } catch (error) {
    await end();
    throw new Error(`${path} did not start: ${said}`, { cause: error });
  }
  return { port, pid: child.pid as number, [Symbol.asyncDispose]: end };
}

async function listening(child: ChildProcess, port: number): Promise<void> {
  const endsAt = performance.now() + READY_MS;
  while (performance.now() < endsAt && child.exitCode === null && child.pid !== undefined) {
    if (await takesConnections(port)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`nothing listens port=${port}`);
}

function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.once("connect", () => resolve(true));
    socket.once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
