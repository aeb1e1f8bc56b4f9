// One request whose body and answer stay open: what sessions and event streams are made of. Over
// HTTP/1.1 and HTTP/2 alike; the head comes first, then bytes.

import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Duplex, Readable } from "node:stream";
import { openHttp2 } from "./http.js";
import { type Target, within } from "./target.js";

export type HttpVersion = "h1" | "h2";

export interface Exchange {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly source: Readable;
  write(bytes: Uint8Array): void;
  /** Ends the body of the request. */
  half(): void;
  /** Cuts the connection. */
  destroy(): void;
}

export interface Opening {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

export function openExchange(
  target: Target,
  version: HttpVersion,
  opening: Opening,
): Promise<Exchange> {
  const open = version === "h2" ? openOver2(target, opening) : openOver1(target, opening);
  return within(target, open, `head of the answer to ${opening.method} ${opening.path}`);
}

function openOver1(target: Target, { method, path, headers }: Opening): Promise<Exchange> {
  const request = target.isTls ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const call: ClientRequest = request(
      {
        host: target.hostname,
        port: target.port,
        method,
        path,
        headers: { ...headers, ...(method === "POST" ? { "transfer-encoding": "chunked" } : {}) },
        agent: false,
        ...(target.isTls ? { rejectUnauthorized: target.verifiesTls } : {}),
      },
      (response: IncomingMessage) => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers as Record<string, string>,
          source: response,
          write: (bytes) => void call.write(bytes),
          half: () => void call.end(),
          destroy: () => void call.destroy(),
        });
      },
    );
    call.on("error", reject);
    if (method === "GET") call.end();
    else call.flushHeaders();
  });
}

function openOver2(target: Target, { method, path, headers }: Opening): Promise<Exchange> {
  const session = openHttp2(target);
  return new Promise((resolve, reject) => {
    const stream: Duplex = session.request(
      { ":method": method, ":path": path, ...headers },
      { endStream: method === "GET" },
    );
    stream.on("error", reject);
    stream.on("close", () => session.close());
    stream.on("response", (got: Record<string, string>) => {
      resolve({
        status: Number(got[":status"]),
        headers: got,
        source: stream,
        write: (bytes) => void stream.write(bytes),
        half: () => void stream.end(),
        destroy: () => session.destroy(),
      });
    });
  });
}

/** Whole text of what is left; for answers that were no session. */
export async function textOf(source: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of source) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
