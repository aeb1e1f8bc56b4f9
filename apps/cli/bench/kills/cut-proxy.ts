// A TCP proxy that lets so many bytes pass in one direction, to the byte, and then tells: the place in
// the conversation where something is killed. It counts both directions, to know what there is to cut.

import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { Transform } from "node:stream";

export type Direction = "up" | "down";

export interface Cut {
  readonly direction: Direction;
  readonly atByte: number;
}

export interface CutProxy {
  readonly url: string;
  readonly passed: Readonly<Record<Direction, number>>;
  /** Breaks what is open; later connections pass. */
  breakAll(): void;
  close(): Promise<void>;
}

/** @param onCut - called once, when the rest of that direction is held back */
export async function startCutProxy(
  targetUrl: string,
  cut: Cut | undefined,
  onCut: () => void,
): Promise<CutProxy> {
  const open = new Set<Socket>();
  const passed = { up: 0, down: 0 };
  let isCut = false;
  const counted = (direction: Direction): Transform =>
    new Transform({
      transform(chunk: Buffer, _, done) {
        const left =
          cut === undefined || cut.direction !== direction || isCut
            ? chunk.length
            : cut.atByte - passed[direction];
        passed[direction] += Math.min(left, chunk.length);
        if (left >= chunk.length) {
          done(null, chunk);
          return;
        }
        isCut = true;
        if (left > 0) this.push(chunk.subarray(0, left));
        // What was let through gets its way first; the rest waits for ever.
        setImmediate(onCut);
      },
    });
  const server = createServer((client) => {
    const target = connect(Number(new URL(targetUrl).port), "127.0.0.1");
    for (const socket of [client, target]) {
      open.add(socket);
      socket.on("error", () => undefined);
      socket.once("close", () => {
        open.delete(socket);
        client.destroy();
        target.destroy();
      });
    }
    client.pipe(counted("up")).pipe(target);
    target.pipe(counted("down")).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const breakAll = (): void => {
    for (const socket of open) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passed,
    breakAll,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      breakAll();
      await closed;
    },
  };
}
