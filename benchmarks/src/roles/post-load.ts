// Load generator of unary requests: writers in a closed loop over HTTP/1.1 keep-alive, on bare
// sockets, so that the load costs less than the server it measures.

import { connect, type Socket } from "node:net";
import { percentile } from "../figure.ts";
import type { LoadRound } from "./frame-load.ts";

export interface PostLoadSettings {
  readonly url: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly writers: number;
}

export interface PostLoadRole {
  run(ms: number): Promise<LoadRound>;
  close(): Promise<void>;
}

export async function open(settings: PostLoadSettings): Promise<PostLoadRole> {
  const { url, path, headers, body } = settings;
  const { host, hostname, port } = new URL(url);
  const lines = Object.entries({
    host,
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(body)),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  const request = Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body}`);
  const writers = await Promise.all(
    Array.from(
      { length: settings.writers },
      () =>
        new Promise<Writer>((resolve, reject) => {
          const socket = connect({ host: hostname, port: Number(port), noDelay: true });
          socket.once("connect", () => resolve(new Writer(socket, request)));
          socket.on("error", reject);
        }),
    ),
  );
  return {
    async run(ms) {
      const latencies: number[] = [];
      const startedAt = performance.now();
      await Promise.all(writers.map((writer) => writer.run(startedAt + ms, latencies)));
      return {
        acks: latencies.length,
        seconds: (performance.now() - startedAt) / 1000,
        p50Micros: percentile(latencies, 0.5) * 1000,
        p99Micros: percentile(latencies, 0.99) * 1000,
      };
    },
    async close() {
      for (const writer of writers) writer.close();
    },
  };
}

class Writer {
  private readonly socket: Socket;
  private readonly request: Buffer;
  private pending: Buffer = Buffer.alloc(0);
  private sentAt = 0;
  private endsAt = 0;
  private latencies: number[] = [];
  private done: PromiseWithResolvers<void> | undefined;

  constructor(socket: Socket, request: Buffer) {
    this.socket = socket;
    this.request = request;
    socket.on("data", (chunk) => this.onData(chunk));
    socket.on("close", () => this.done?.reject(new Error("a connection ended early")));
  }

  run(endsAt: number, latencies: number[]): Promise<void> {
    this.endsAt = endsAt;
    this.latencies = latencies;
    this.done = Promise.withResolvers();
    this.send();
    return this.done.promise;
  }

  close(): void {
    this.socket.destroy();
  }

  private send(): void {
    this.sentAt = performance.now();
    this.socket.write(this.request);
  }

  private onData(chunk: Buffer): void {
    this.pending = this.pending.length === 0 ? chunk : Buffer.concat([this.pending, chunk]);
    const headEnd = this.pending.indexOf("\r\n\r\n");
    if (headEnd < 0) return;
    const head = this.pending.toString("latin1", 0, headEnd).toLowerCase();
    const length = Number(/content-length: (\d+)/.exec(head)?.[1]);
    if (!head.startsWith("http/1.1 200") || Number.isNaN(length)) {
      this.done?.reject(new Error(`unexpected answer: ${this.pending.toString()}`));
      return;
    }
    if (this.pending.length < headEnd + 4 + length) return;
    this.pending = Buffer.alloc(0);
    const now = performance.now();
    this.latencies.push(now - this.sentAt);
    if (now < this.endsAt) this.send();
    else this.done?.resolve();
  }
}
