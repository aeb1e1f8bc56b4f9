// A wire with faults between a client and a server: a TCP forwarder that cuts, stalls or loses
// connections when told, or after a number of bytes. For tests only.

import * as net from "node:net";

/** A wire that cuts, stalls or loses connections when told. */
export interface FaultyNetwork extends AsyncDisposable {
  /** Where the client connects instead of the server. */
  readonly url: string;
  /** Connections forwarded so far. */
  readonly connectionCount: number;
  /** Cuts all connections now. */
  cut(): void;
  /** Each new connection is cut once this many bytes went to the client; undefined: never. */
  cutAfterBytesDown: number | undefined;
  /** Each new connection is cut once this many bytes went to the server; undefined: never. */
  cutAfterBytesUp: number | undefined;
  /** While true nothing passes either way, but connections stay: a half-open network. */
  isStalled: boolean;
  close(): Promise<void>;
}

/** @param target - address of the real server, such as `http://127.0.0.1:8080` */
export async function startFaultyNetwork(target: string): Promise<FaultyNetwork> {
  const network = new TcpForwarder(target);
  await network.listen();
  return network;
}

class TcpForwarder implements FaultyNetwork {
  connectionCount = 0;
  cutAfterBytesDown: number | undefined;
  cutAfterBytesUp: number | undefined;
  readonly #host: string;
  readonly #port: number;
  readonly #sockets = new Set<net.Socket>();
  readonly #listener: net.Server;
  #stalled = false;

  constructor(target: string) {
    const { hostname, port } = new URL(target);
    this.#host = hostname;
    this.#port = Number(port);
    this.#listener = net.createServer((inner) => this.#accept(inner));
  }

  listen(): Promise<void> {
    return new Promise((resolve) => this.#listener.listen(0, "127.0.0.1", resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#listener.address() as net.AddressInfo).port}`;
  }

  get isStalled(): boolean {
    return this.#stalled;
  }

  set isStalled(stalled: boolean) {
    this.#stalled = stalled;
    for (const socket of this.#sockets) {
      if (stalled) socket.pause();
      else socket.resume();
    }
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.#listener.close(() => resolve()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #accept(inner: net.Socket): void {
    this.connectionCount++;
    const outer = net.connect({ host: this.#host, port: this.#port });
    const drop = (): void => {
      for (const socket of [inner, outer]) {
        this.#sockets.delete(socket);
        socket.destroy();
      }
    };
    forward(inner, outer, this.cutAfterBytesUp, drop);
    forward(outer, inner, this.cutAfterBytesDown, drop);
    for (const socket of [inner, outer]) {
      this.#sockets.add(socket);
      if (this.#stalled) socket.pause();
    }
  }
}

function forward(
  from: net.Socket,
  to: net.Socket,
  cutAfterBytes: number | undefined,
  drop: () => void,
): void {
  let passed = 0;
  from.on("error", drop);
  from.on("close", drop);
  from.on("data", (chunk: Buffer) => {
    const left = (cutAfterBytes ?? Number.POSITIVE_INFINITY) - passed;
    passed += chunk.length;
    const canTakeMore = to.write(left < chunk.length ? chunk.subarray(0, left) : chunk);
    if (left <= chunk.length) to.end(drop);
    else if (!canTakeMore) {
      from.pause();
      to.once("drain", () => from.resume());
    }
  });
}
