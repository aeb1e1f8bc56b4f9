// `fetch` over the simulated network: one connection per request by node:http, with streamed
// answers. The platform's own fetch keeps connections and timers that no world owns.

import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import type { SimulatedNetwork } from "./simulated-network.js";

type Fetch = (input: string, init: RequestInit) => Promise<Response>;

export function fetchOver(network: SimulatedNetwork): Fetch {
  return (input, init) =>
    new Promise((resolve, reject) => {
      const { signal } = init;
      if (signal?.aborted === true) {
        reject(signal.reason as Error);
        return;
      }
      const url = new URL(input);
      const request = httpRequest({
        host: url.hostname,
        port: url.port,
        path: `${url.pathname}${url.search}`,
        method: init.method ?? "GET",
        headers: init.headers as Record<string, string>,
        agent: false,
        createConnection: () => network.dial(Number(url.port)) as never,
      });
      const onAbort = (): void => void request.destroy(signal?.reason as Error);
      signal?.addEventListener("abort", onAbort, { once: true });
      request.once("close", () => signal?.removeEventListener("abort", onAbort));
      request.on("error", (error) => reject(new TypeError("fetch failed", { cause: error })));
      request.once("response", (message) => resolve(responseOf(request, message)));
      const body = init.body as Uint8Array | string | null | undefined;
      if (body === null || body === undefined) request.end();
      else request.end(body);
    });
}

function responseOf(request: ClientRequest, message: IncomingMessage): Response {
  const headers = new Headers();
  for (const [name, value] of Object.entries(message.headers))
    headers.set(name, Array.isArray(value) ? value.join(", ") : (value ?? ""));
  let isOver = false;
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        message.on("data", (chunk: Buffer) => {
          if (isOver) return;
          controller.enqueue(chunk);
          if ((controller.desiredSize ?? 0) <= 0) message.pause();
        });
        message.once("end", () => {
          if (isOver) return;
          isOver = true;
          controller.close();
        });
        const fail = (): void => {
          if (isOver) return;
          isOver = true;
          controller.error(new TypeError("terminated"));
        };
        message.once("error", fail);
        message.once("close", fail);
      },
      pull: () => void message.resume(),
      cancel() {
        isOver = true;
        request.destroy();
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark: 64 * 1024 }),
  );
  const status = message.statusCode ?? 0;
  const isEmpty = status === 204 || status === 304;
  if (isEmpty) message.resume();
  return new Response(isEmpty ? null : body, { status, headers });
}
