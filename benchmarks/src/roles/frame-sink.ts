// The reference of appends: takes the same frames over HTTP/2 or bare TCP, reassembles them in a
// reused buffer and acknowledges each. No codec, no rules, no storage.

import { createServer as createHttp2Server } from "node:http2";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import type { Duplex } from "node:stream";
import { createFrameDecoder } from "@s2kit/core";
import { type Usage, usageNow } from "../usage.ts";

export interface FrameSinkSettings {
  readonly transport: "http2" | "tcp";
}

export interface FrameSinkRole {
  url(): Promise<string>;
  usage(): Promise<Usage>;
  close(): Promise<void>;
}

/** As long as a real acknowledgement; the load only counts frames. */
const ACK_BYTES = 38;

export async function open({ transport }: FrameSinkSettings): Promise<FrameSinkRole> {
  const server = transport === "http2" ? http2Sink() : createTcpServer({ noDelay: true }, sink);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: async () => `${transport === "http2" ? "http" : "tcp"}://127.0.0.1:${port}`,
    usage: async () => usageNow(),
    close: async () => {
      server.close();
    },
  };
}

function http2Sink(): ReturnType<typeof createHttp2Server> {
  const server = createHttp2Server({
    maxSessionMemory: 128,
    settings: {
      initialWindowSize: 8 * 1024 * 1024,
      maxFrameSize: 1024 * 1024,
      maxConcurrentStreams: 1024,
    },
  });
  server.on("session", (session) => session.setLocalWindowSize(64 * 1024 * 1024));
  server.on("stream", (stream) => {
    stream.respond({ ":status": 200 });
    sink(stream);
  });
  return server;
}

function sink(duplex: Duplex): void {
  const decoder = createFrameDecoder();
  duplex.on("error", () => duplex.destroy());
  duplex.on("end", () => duplex.end());
  duplex.on("data", (chunk: Buffer) => {
    decoder.push(chunk);
    let count = 0;
    while (decoder.next() !== undefined) count++;
    if (count > 0) duplex.write(acks(count));
  });
}

function acks(count: number): Buffer {
  const out = Buffer.alloc(count * ACK_BYTES);
  for (let at = 0; at < out.length; at += ACK_BYTES) out.writeUIntBE(ACK_BYTES - 3, at, 3);
  return out;
}
