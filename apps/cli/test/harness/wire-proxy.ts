// A TCP proxy between the command and a server that a test can hold up or let lie: after so many
// bytes towards the server nothing more passes until it is released; a text can be replaced on its
// way by another of the same length.

import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { Transform } from "node:stream";
import { deferred } from "@s2kit/core";

export interface WireProxyOptions {
  /** Towards the server, over all connections; then everything waits. */
  readonly holdAfterBytes?: number;
  /** Towards the server: each occurrence of the first becomes the second. Of one length. */
  readonly replace?: readonly [string, string];
}

export interface WireProxy extends AsyncDisposable {
  readonly url: string;
  /** Resolves when the bytes have passed and the rest waits. */
  readonly held: Promise<unknown>;
  release(): void;
}

export async function startWireProxy(
  targetUrl: string,
  { holdAfterBytes = Number.POSITIVE_INFINITY, replace }: WireProxyOptions,
): Promise<WireProxy> {
  const open = new Set<Socket>();
  const held = deferred<undefined>();
  const released = deferred<undefined>();
  let passed = 0;
  const towardsServer = (): Transform =>
    new Transform({
      transform(chunk: Buffer, _, done) {
        const pass = (): void =>
          done(null, replace === undefined ? chunk : replaced(chunk, replace));
        passed += chunk.length;
        if (passed <= holdAfterBytes) {
          pass();
          return;
        }
        held.resolve(undefined);
        void released.promise.then(pass);
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
    client.pipe(towardsServer()).pipe(target);
    target.pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    held: held.promise,
    release: () => released.resolve(undefined),
    async [Symbol.asyncDispose]() {
      released.resolve(undefined);
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

function replaced(chunk: Buffer, [from, to]: readonly [string, string]): Buffer {
  return Buffer.from(chunk.toString("latin1").replaceAll(from, to), "latin1");
}
