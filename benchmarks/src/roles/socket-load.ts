// Load generator of other servers' own protocols: writers on bare sockets, each with one durable append
// outstanding, sent as prebuilt bytes. What an answer looks like is all it knows.

import { connect, type Socket } from "node:net";
import { percentile } from "../figure.ts";
import type { LoadRound } from "./frame-load.ts";

export type Protocol = "redis" | "nats";

export interface SocketLoadSettings {
  readonly port: number;
  readonly protocol: Protocol;
  readonly writers: number;
  readonly bodyBytes: number;
}

export interface SocketLoadRole {
  run(ms: number): Promise<LoadRound>;
  close(): Promise<void>;
}

interface Spoken {
  /** Sent once; its answers end with `ready`. */
  readonly hello: string;
  readonly ready: string;
  readonly append: string;
  /** How an acknowledgement, or a refusal, is told from all else. */
  readonly acked: RegExp;
  readonly refused: RegExp;
}

const PROTOCOLS: Readonly<Record<Protocol, (writer: number, body: string) => Spoken>> = {
  redis: (_, body) => ({
    hello: "PING\r\n",
    ready: "+PONG\r\n",
    append: `*5\r\n$4\r\nXADD\r\n$5\r\nbench\r\n$1\r\n*\r\n$1\r\nb\r\n$${body.length}\r\n${body}\r\n`,
    acked: /^\$\d+\r\n[\d-]+\r\n$/,
    refused: /^-/,
  }),
  nats: (writer, body) => {
    const inbox = `_INBOX.bench.${writer}`;
    const stream = '{"name":"bench","subjects":["bench"],"storage":"file"}';
    const create = "$JS.API.STREAM.CREATE.bench";
    return {
      hello: `CONNECT {"verbose":false}\r\nSUB ${inbox} 1\r\nPUB ${create} ${inbox} ${stream.length}\r\n${stream}\r\n`,
      ready: "}\r\n",
      append: `PUB bench ${inbox} ${body.length}\r\n${body}\r\n`,
      acked: /^MSG [^\r]+\r\n\{"stream":"bench", ?"seq":\d+[^\r]*\}\r\n$/,
      refused: /-ERR|"error"/,
    };
  },
};

export async function open(settings: SocketLoadSettings): Promise<SocketLoadRole> {
  const body = "a".repeat(settings.bodyBytes);
  const writers = await Promise.all(
    Array.from({ length: settings.writers }, (_, writer) =>
      openWriter(settings.port, PROTOCOLS[settings.protocol](writer, body)),
    ),
  );
  return {
    async run(ms) {
      const latencies: number[] = [];
      const startedAt = performance.now();
      await Promise.all(writers.map((append) => closedLoop(append, startedAt + ms, latencies)));
      return {
        acks: latencies.length,
        seconds: (performance.now() - startedAt) / 1000,
        p50Micros: percentile(latencies, 0.5) * 1000,
        p99Micros: percentile(latencies, 0.99) * 1000,
      };
    },
    async close() {
      for (const { socket } of writers) socket.destroy();
    },
  };
}

interface SocketWriter {
  readonly socket: Socket;
  append(): Promise<void>;
}

async function closedLoop(writer: SocketWriter, endsAt: number, latencies: number[]) {
  for (let now = performance.now(); now < endsAt; ) {
    await writer.append();
    const after = performance.now();
    latencies.push(after - now);
    now = after;
  }
}

async function openWriter(port: number, spoken: Spoken): Promise<SocketWriter> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  let said = "";
  let waiting: { readonly until: (said: string) => boolean; done: PromiseWithResolvers<void> };
  const answered = (bytes: string, until: (said: string) => boolean): Promise<void> => {
    waiting = { until, done: Promise.withResolvers() };
    socket.write(bytes);
    return waiting.done.promise;
  };
  socket.on("error", (error) => waiting.done.reject(error));
  socket.on("close", () => waiting.done.reject(new Error("a connection ended early")));
  socket.on("data", (chunk) => {
    said += chunk.toString("latin1");
    if (said.includes("PING\r\n")) {
      socket.write("PONG\r\n");
      said = said.replace("PING\r\n", "");
    }
    if (!waiting.until(said)) return;
    said = "";
    waiting.done.resolve();
  });
  await answered(spoken.hello, (all) => all.endsWith(spoken.ready) && !all.endsWith("INFO"));
  const append = (): Promise<void> =>
    answered(spoken.append, (all) => {
      if (spoken.refused.test(all)) waiting.done.reject(new Error(`refused: ${all}`));
      return spoken.acked.test(all);
    });
  return { socket, append };
}
