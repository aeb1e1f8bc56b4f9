// Whole requests and answers over HTTP/1.1 (node:http, kept connections) and HTTP/2 (node:http2),
// without a client between: no retries, no decompression, headers as they came.

import { Agent as HttpAgent, request as httpRequest } from "node:http";
import { type ClientHttp2Session, connect } from "node:http2";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { type Target, within } from "./target.js";

export interface Answer {
  readonly status: number;
  /** Lower case names; several values are joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
  readonly text: string;
  /** Undefined when the body is no JSON. */
  // oxlint-disable-next-line typescript/no-explicit-any -- cases look into whatever came
  readonly json: any;
  /** Method and path, for messages. */
  readonly asked: string;
}

export interface Ask {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string | undefined;
}

export interface Http {
  over1(ask: Ask, patienceMs?: number): Promise<Answer>;
  over2(ask: Ask, patienceMs?: number): Promise<Answer>;
  close(): void;
}

export function openHttp(target: Target): Http {
  const Agent = target.isTls ? HttpsAgent : HttpAgent;
  const agent = new Agent({ keepAlive: true, maxSockets: 64, maxFreeSockets: 16 });
  let session: ClientHttp2Session | undefined;
  const shared = (): ClientHttp2Session => {
    if (session === undefined || session.closed || session.destroyed) session = openHttp2(target);
    return session;
  };
  return {
    over1: (ask, patienceMs) =>
      within(target, sendOver1(target, agent, ask), `${ask.method} ${ask.path}`, patienceMs),
    over2: (ask, patienceMs) =>
      within(target, sendOver2(target, shared(), ask), `${ask.method} ${ask.path}`, patienceMs),
    close() {
      agent.destroy();
      session?.destroy();
    },
  };
}

/** A connection of its own, with prior knowledge or by ALPN. */
export function openHttp2(target: Target): ClientHttp2Session {
  const session = connect(target.origin, {
    rejectUnauthorized: target.verifiesTls,
    settings: { initialWindowSize: 4 * 1024 * 1024 },
  });
  // Requests tell of it.
  session.on("error", () => undefined);
  return session;
}

function sendOver1(target: Target, agent: HttpAgent | HttpsAgent, ask: Ask): Promise<Answer> {
  const request = target.isTls ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const call = request(
      {
        host: target.hostname,
        port: target.port,
        method: ask.method,
        path: ask.path,
        headers: withLength(ask),
        agent,
        ...(target.isTls ? { rejectUnauthorized: target.verifiesTls } : {}),
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () =>
          resolve(answerOf(ask, response.statusCode ?? 0, response.headers, chunks)),
        );
      },
    );
    call.on("error", reject);
    call.end(ask.body);
  });
}

function withLength({ headers, body }: Ask): Record<string, string | number> {
  return body === undefined
    ? { ...headers }
    : { ...headers, "content-length": Buffer.byteLength(body) };
}

function sendOver2(target: Target, session: ClientHttp2Session, ask: Ask): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { host, ...headers } = ask.headers;
    const stream = session.request(
      {
        ":method": ask.method,
        ":path": ask.path,
        ...(host === undefined ? {} : { ":authority": host }),
        ...headers,
      },
      { endStream: ask.body === undefined },
    );
    const chunks: Buffer[] = [];
    let head: Record<string, unknown> = {};
    stream.on("response", (got) => {
      head = got as Record<string, unknown>;
    });
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("error", reject);
    stream.on("end", () => resolve(answerOf(ask, Number(head[":status"] ?? 0), head, chunks)));
    if (ask.body !== undefined) stream.end(ask.body);
  });
}

export function answerOf(
  ask: Pick<Ask, "method" | "path">,
  status: number,
  headers: Readonly<Record<string, unknown>>,
  chunks: readonly Uint8Array[],
): Answer {
  const bytes = Buffer.concat(chunks);
  const text = bytes.toString("utf8");
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  const plain = Object.entries(headers)
    .filter(([name, value]) => !name.startsWith(":") && value !== undefined)
    .map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : String(value)]);
  return {
    status,
    headers: Object.fromEntries(plain) as Record<string, string>,
    bytes,
    text,
    json,
    asked: `${ask.method} ${ask.path.length > 160 ? `${ask.path.slice(0, 160)}…` : ask.path}`,
  };
}
