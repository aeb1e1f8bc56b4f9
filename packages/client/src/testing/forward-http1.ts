// The HTTP/1.1 side of the ending proxy: plain requests with their answers, and connections that
// were upgraded to WebSocket, which are ended with a close frame. For tests only.

import * as http from "node:http";
import * as net from "node:net";
import type { Passage } from "./passage.js";

/** A close frame of a server, with code 1000. */
const CLOSE_FRAME: Uint8Array = Uint8Array.of(0x88, 0x02, 0x03, 0xe8);

/** Sends a request on and its answer back. */
export function forwardHttp1(
  target: string,
  request: http.IncomingMessage,
  response: http.ServerResponse,
  open: (end: () => void) => Passage,
): void {
  const { method, url = "/", headers } = request;
  const forwarded = http.request(new URL(url, target), { method, headers, agent: false });
  const passage = open(() => {
    forwarded.destroy();
    if (!response.headersSent) response.writeHead(502);
    response.end();
  });
  request.pipe(forwarded);
  forwarded.once("response", (answer) => {
    passage.touch();
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    response.flushHeaders();
    answer.on("data", (chunk: Buffer) => {
      passage.touch();
      response.write(chunk);
    });
    answer.once("end", () => {
      passage.leave();
      response.end();
    });
    answer.on("error", () => passage.end());
    answer.once("close", () => passage.end());
  });
  forwarded.on("error", () => passage.end());
  response.once("close", () => {
    passage.leave();
    forwarded.destroy();
  });
}

/** Joins both sockets; an end that the server did not ask for becomes a proper close. */
export function forwardUpgrade(
  target: string,
  request: http.IncomingMessage,
  socket: net.Socket,
  open: (end: () => void) => Passage,
): void {
  const { hostname, port } = new URL(target);
  const upstream = net.connect(Number(port), hostname);
  const passage = open(() => {
    upstream.destroy();
    socket.end(CLOSE_FRAME);
  });
  const lines = [`${request.method} ${request.url} HTTP/1.1`];
  for (let i = 0; i < request.rawHeaders.length; i += 2)
    lines.push(`${request.rawHeaders[i]}: ${request.rawHeaders[i + 1]}`);
  upstream.write(`${lines.join("\r\n")}\r\n\r\n`);
  socket.on("data", (chunk) => upstream.write(chunk));
  upstream.on("data", (chunk) => {
    passage.touch();
    socket.write(chunk);
  });
  upstream.once("end", () => {
    passage.leave();
    socket.end();
  });
  upstream.on("error", () => passage.end());
  upstream.once("close", () => passage.end());
  socket.on("error", () => undefined);
  socket.once("close", () => {
    passage.leave();
    upstream.destroy();
  });
}
