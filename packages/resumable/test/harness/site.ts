// A site on a real port: routes as web servers have them, a Request in and a Response out. Its connections can be cut.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";

export interface Site {
  readonly url: string;
  /** What was asked, as method and path. */
  readonly asked: string[];
  /** Ends all connections within what they are at. */
  cut(): void;
}

export type Routes = (request: Request) => Promise<Response> | Response;

const open: (() => void)[] = [];
export function closeSites(): void {
  for (const close of open.splice(0)) close();
}

export async function serveSite(routes: Routes): Promise<Site> {
  const asked: string[] = [];
  const server = createServer((incoming, outgoing) => {
    asked.push(`${incoming.method} ${incoming.url}`);
    void answer(routes, incoming, outgoing);
  });
  open.push(() => {
    server.close();
    server.closeAllConnections();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, asked, cut: () => server.closeAllConnections() };
}

async function answer(
  routes: Routes,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const { method = "GET", url = "/", headers } = incoming;
  const hasBody = method !== "GET" && method !== "HEAD";
  const request = new Request(`http://site${url}`, {
    method,
    headers: headers as Record<string, string>,
    ...(hasBody ? { body: Readable.toWeb(incoming) as never, duplex: "half" } : {}),
  });
  const response = await Promise.resolve()
    .then(() => routes(request))
    .catch((error: unknown) => new Response(String(error), { status: 500 }));
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body === null) return void outgoing.end();
  outgoing.flushHeaders();
  const body = Readable.fromWeb(response.body as never);
  body.on("error", () => outgoing.destroy());
  outgoing.on("close", () => body.destroy());
  // Who asked may have left before there was an answer.
  if (outgoing.destroyed) body.destroy();
  body.pipe(outgoing);
}
