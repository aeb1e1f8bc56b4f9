// A proxy in front of a good server that spoils one thing: what a faulty server would answer. HTTP/1.1 only;
// whatever a fault does not touch goes through as it came, byte for byte and at once.

import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Head {
  status: number;
  readonly headers: Record<string, string | string[] | undefined>;
}

export interface Fault {
  readonly name: string;
  /** The case that must find it. */
  readonly caughtBy: string;
  /** Changes a request on its way. */
  readonly ask?: (asked: {
    method: string;
    path: string;
    headers: Record<string, unknown>;
  }) => void;
  /** Changes the head of an answer. */
  readonly head?: ((head: Head, method: string, path: string) => void) | undefined;
  /** Changes the text of a whole answer. */
  readonly text?: (text: string, method: string, path: string, status: number) => string;
  /** Changes each chunk of a stream of events or frames; empty drops it. */
  readonly chunk?: ((chunk: Buffer, path: string) => Buffer) | undefined;
}

export interface Doctor extends AsyncDisposable {
  readonly url: string;
}

export async function startDoctor(target: string, fault: Fault): Promise<Doctor> {
  const proxy = createServer((incoming, outgoing) => pass(target, fault, incoming, outgoing));
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const { port } = proxy.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      proxy.closeAllConnections();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}

function pass(
  target: string,
  fault: Fault,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): void {
  const asked = {
    method: incoming.method ?? "GET",
    path: incoming.url ?? "/",
    headers: { ...incoming.headers },
  };
  fault.ask?.(asked);
  const call = request(
    target + asked.path,
    { method: asked.method, headers: asked.headers as Record<string, string>, agent: false },
    (answer) => {
      const head: Head = { status: answer.statusCode ?? 0, headers: { ...answer.headers } };
      fault.head?.(head, asked.method, asked.path);
      const type = answer.headers["content-type"] ?? "";
      if (/event-stream|s2s\/proto/.test(type)) {
        outgoing.writeHead(head.status, clean(head));
        outgoing.flushHeaders();
        answer.on("data", (chunk: Buffer) => {
          const changed = fault.chunk?.(chunk, asked.path) ?? chunk;
          if (changed.length > 0) outgoing.write(changed);
        });
        answer.on("end", () => outgoing.end());
      } else void whole(answer, fault, asked, head, outgoing);
      answer.on("error", () => outgoing.destroy());
    },
  );
  call.on("error", () => outgoing.destroy());
  outgoing.on("close", () => call.destroy());
  incoming.on("error", () => call.destroy());
  call.flushHeaders();
  incoming.pipe(call);
}

async function whole(
  answer: IncomingMessage,
  fault: Fault,
  { method, path }: { method: string; path: string },
  head: Head,
  outgoing: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  const text = fault.text?.(bytes.toString("latin1"), method, path, head.status);
  const body = text === undefined ? bytes : Buffer.from(text, "latin1");
  const headers = clean(head);
  if (method !== "HEAD" && head.status !== 204) headers["content-length"] = String(body.length);
  outgoing.writeHead(head.status, headers);
  outgoing.end(method === "HEAD" ? undefined : body);
}

function clean({ headers }: Head): Record<string, string | string[]> {
  const kept = Object.entries(headers).filter(
    ([name, value]) =>
      value !== undefined &&
      !/^(content-length|transfer-encoding|connection|keep-alive)$/.test(name),
  );
  return Object.fromEntries(kept) as Record<string, string | string[]>;
}
