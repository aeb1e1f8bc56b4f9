// The reference of unary appends: raw `node:http` that reads a POST body whole and sends it back.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Usage, usageNow } from "../usage.ts";

export interface EchoServerRole {
  url(): Promise<string>;
  usage(): Promise<Usage>;
  close(): Promise<void>;
}

export async function open(): Promise<EchoServerRole> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
      response.writeHead(200, {
        "content-type": "application/json",
        "content-length": body.length,
      });
      response.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: async () => `http://127.0.0.1:${port}`,
    usage: async () => usageNow(),
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
