// A sign of life that the kernel keeps: a listening socket in the directory. Whoever connects
// learns whether its process is there, also from another container, with another host name, process
// table or network; a stopped process still answers; a dead one never does. Only within one kernel:
// to another machine that shares the file system every socket looks dead.

import * as fs from "node:fs";
import { connect, createServer } from "node:net";
import { systemCodeOf } from "./disk.js";

export interface LifeSign {
  readonly name: string;
  close(): void;
}

/** `unknown`: there is no socket of this name, or it cannot be asked. */
export type Liveness = "living" | "dead" | "unknown";

/** The kernel's bound on the path of a socket, less a little. */
const MAX_PATH_BYTES = 100;

/** @returns undefined where the file system or the length of the path allows none */
export async function openLifeSign(directory: string, name: string): Promise<LifeSign | undefined> {
  const address = addressOf(directory, name);
  if (address === undefined) return undefined;
  const server = createServer((socket) => socket.destroy());
  const isListening = await new Promise<boolean>((resolve) => {
    server.once("error", () => resolve(false));
    // Exclusive: a worker of a cluster must not lend it from its parent, which lives on.
    server.listen({ path: address.path, exclusive: true }, () => resolve(true));
  });
  if (!isListening) {
    address.close();
    return undefined;
  }
  server.on("error", () => undefined);
  server.unref();
  return {
    name,
    close() {
      server.close(() => address.close());
      fs.rmSync(`${directory}/${name}`, { force: true });
    },
  };
}

/** Asks the kernel whether somebody listens. */
export async function askLife(directory: string, name: string): Promise<Liveness> {
  const address = addressOf(directory, name);
  if (address === undefined) return "unknown";
  try {
    return await new Promise((resolve) => {
      const socket = connect(address.path);
      socket.once("connect", () => {
        socket.destroy();
        resolve("living");
      });
      socket.once("error", (error) => resolve(livenessOf(systemCodeOf(error))));
    });
  } finally {
    address.close();
  }
}

function livenessOf(code: string): Liveness {
  if (code === "ECONNREFUSED") return "dead";
  // A full queue of connections: its process is there, and does not get to them.
  if (code === "EAGAIN") return "living";
  // Pipes of Windows have no name without a process.
  return code === "ENOENT" && process.platform === "win32" ? "dead" : "unknown";
}

/** How a socket in a directory is reached; to be closed. */
export interface Address {
  readonly path: string;
  close(): void;
}

/** @returns undefined where the path is too long for a socket */
export function addressOf(directory: string, name: string): Address | undefined {
  if (process.platform === "win32") return plain(`\\\\.\\pipe\\s2kit-${name}`);
  const path = `${directory}/${name}`;
  if (Buffer.byteLength(path) <= MAX_PATH_BYTES) return plain(path);
  if (process.platform !== "linux") return undefined;
  // A way that is short however deep the directory is.
  const fd = fs.openSync(directory, "r");
  return { path: `/proc/self/fd/${fd}/${name}`, close: () => fs.closeSync(fd) };
}

function plain(path: string): Address {
  return { path, close: () => undefined };
}
