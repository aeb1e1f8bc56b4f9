// The reference of catch-up reads: sends the first bytes of a file as an HTTP/2 response, from four
// recycled buffers. The file is read once before, so that it is warm.

import { closeSync, openSync, read, rmSync, writeSync } from "node:fs";
import { createServer, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Usage, usageNow } from "../usage.ts";

export interface FileServerSettings {
  readonly directory: string;
  readonly bytes: number;
}

export interface FileServerRole {
  url(): Promise<string>;
  usage(): Promise<Usage>;
  close(): Promise<void>;
}

const CHUNK_BYTES = 256 * 1024;
const BUFFERS = 4;
const readFile = promisify(read);

export async function open({ directory, bytes }: FileServerSettings): Promise<FileServerRole> {
  const path = join(directory, "reference-download.bin");
  const file = openSync(path, "w+", 0o600);
  const chunk = Buffer.alloc(CHUNK_BYTES, 0x61);
  for (let at = 0; at < bytes; at += CHUNK_BYTES) writeSync(file, chunk, 0, CHUNK_BYTES, at);
  const server = createServer({ maxSessionMemory: 128 });
  server.on("stream", (stream) => {
    stream.on("error", () => undefined);
    stream.respond({ ":status": 200 });
    void send(stream, file, bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: async () => `http://127.0.0.1:${port}`,
    usage: async () => usageNow(),
    async close() {
      server.close();
      closeSync(file);
      rmSync(path);
    },
  };
}

/** In order; each buffer is filled again when the write of what it held is done. */
async function send(stream: ServerHttp2Stream, file: number, bytes: number): Promise<void> {
  const buffers = Array.from({ length: BUFFERS }, () => Buffer.allocUnsafeSlow(CHUNK_BYTES));
  const written: Promise<unknown>[] = [];
  for (let at = 0, turn = 0; at < bytes; at += CHUNK_BYTES, turn++) {
    const buffer = buffers[turn % BUFFERS] as Buffer;
    await written[turn % BUFFERS];
    const { bytesRead } = await readFile(file, buffer, 0, Math.min(CHUNK_BYTES, bytes - at), at);
    const part = buffer.subarray(0, bytesRead);
    written[turn % BUFFERS] = new Promise((resolve) => stream.write(part, resolve));
  }
  stream.end();
}
