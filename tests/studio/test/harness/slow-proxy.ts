// A slow line in front of a server: each byte takes its time, both ways, whatever travels on it.

import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { afterTest } from "./server.js";

export interface Line {
  readonly latencyMs: number;
  readonly bytesPerSecond: number;
}

const SLICE_BYTES = 4096;

export async function startSlowLine(target: string, line: Line): Promise<string> {
  const { port } = new URL(target);
  const sockets = new Set<Socket>();
  const proxy = createServer((near) => {
    const far = connect({ host: "127.0.0.1", port: Number(port) });
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    void carry(near, far, line);
    void carry(far, near, line);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  afterTest(
    () =>
      new Promise((resolve) => {
        proxy.close(resolve);
        for (const socket of sockets) socket.destroy();
      }),
  );
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
}

async function carry(from: Socket, to: Socket, line: Line): Promise<void> {
  try {
    for await (const chunk of from as AsyncIterable<Buffer>)
      for (let at = 0; at < chunk.length; at += SLICE_BYTES) {
        const slice = chunk.subarray(at, at + SLICE_BYTES);
        await wait(line.latencyMs + (slice.length * 1000) / line.bytesPerSecond);
        if (!to.destroyed) to.write(slice);
      }
    to.end();
  } catch {
    // One end is gone: so is the other.
    to.destroy();
  }
}
