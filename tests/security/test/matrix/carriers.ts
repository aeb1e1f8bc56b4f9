// One request over HTTP/1.1, HTTP/2 or WebSocket, and what came of it in the same words for all: a status
// and a code, whether an answer said it, the terminal frame of a session, or an event. A body may be held
// back in the middle, and a session may be left running.

import { Agent, request as http1Request } from "node:http";
import { type ClientHttp2Session, connect } from "node:http2";
import type { Duplex } from "node:stream";
import { createFrameDecoder } from "@s2kit/core";
import { WebSocket } from "ws";

export type Carrier = "h1" | "h2" | "ws";

export interface Ask {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | undefined;
}

export interface Outcome {
  readonly status: number;
  /** Of the error; undefined when there was none, or no body to tell it. */
  readonly code: string | undefined;
  readonly text: string;
}

/** A request that is on its way. */
export interface Running {
  /** Bytes that came so far, as text. */
  readonly heard: () => string;
  /** Resolves when at least so many bytes came, or all. */
  whenHeard(bytes: number): Promise<void>;
  /** The server has read the head, and wants the body. */
  readonly continued: Promise<void>;
  send(bytes: Uint8Array): void;
  end(bytes?: Uint8Array): void;
  readonly outcome: Promise<Outcome>;
}

export class Carriers {
  readonly #url: string;
  readonly #agent: Agent = new Agent({ keepAlive: true });
  #session: ClientHttp2Session | undefined;

  constructor(url: string) {
    this.#url = url;
  }

  async ask(carrier: Carrier, asked: Ask): Promise<Outcome> {
    const running = this.start(carrier, asked);
    if (carrier === "ws") await running.continued;
    running.end(asked.body);
    return running.outcome;
  }

  start(carrier: Carrier, asked: Ask): Running {
    if (carrier === "h1") return this.#overHttp1(asked);
    return carrier === "h2" ? this.#overHttp2(asked) : this.#overWebSocket(asked);
  }

  close(): void {
    this.#agent.destroy();
    this.#session?.destroy();
    this.#session = undefined;
  }

  #overHttp1({ method, path, headers = {} }: Ask): Running {
    const sent = http1Request(this.#url + path, { method, headers, agent: this.#agent });
    const heard = new Heard();
    sent.on("error", () => heard.end());
    sent.on("response", (response) => {
      heard.begin(response.statusCode ?? 0, String(response.headers["content-type"] ?? ""));
      hear(response, heard);
    });
    const continued = new Promise<void>((resolve) => sent.once("continue", resolve));
    if ("expect" in headers || headers["content-type"] === "s2s/proto") sent.flushHeaders();
    return running(sent as unknown as Duplex, heard, continued);
  }

  #overHttp2({ method, path, headers = {} }: Ask): Running {
    let session = this.#session;
    if (session === undefined || session.closed || session.destroyed) {
      session = connect(this.#url);
      session.on("error", () => undefined);
      this.#session = session;
    }
    const sent = session.request({ ":method": method, ":path": path, ...headers });
    const heard = new Heard();
    sent.on("error", () => heard.end());
    sent.on("response", (got) => {
      heard.begin(Number(got[":status"]), String(got["content-type"] ?? ""));
    });
    hear(sent, heard);
    const continued = new Promise<void>((resolve) => sent.once("continue", resolve));
    return running(sent, heard, continued);
  }

  /** What a browser can say: the token as a subprotocol, the rest in the query. */
  #overWebSocket({ method, path, headers = {} }: Ask): Running {
    const [target = "", query = ""] = path.split("?");
    const asked = new URLSearchParams(query);
    asked.set("mode", method === "POST" ? "append" : "read");
    asked.set("basin", headers["s2-basin"] ?? "");
    const bearer = /^Bearer (.*)$/.exec(headers.authorization ?? "")?.[1];
    const secret = bearer === undefined ? [] : [`s2.bearer.${toBase64Url(bearer)}`];
    const url = `${this.#url.replace("http", "ws")}${target}?${asked.toString()}`;
    const socket = new WebSocket(url, ["s2s.v1", ...secret]);
    const heard = new Heard();
    const continued = new Promise<void>((resolve) => {
      for (const event of ["open", "unexpected-response", "error", "close"])
        socket.once(event, () => resolve());
    });
    socket.on("unexpected-response", (_, response) => {
      heard.begin(response.statusCode ?? 0, String(response.headers["content-type"] ?? ""));
      hear(response, heard);
    });
    socket.on("open", () => heard.begin(200, "s2s/proto"));
    socket.on("message", (data: Buffer) => heard.add(data));
    socket.on("error", () => undefined);
    socket.on("close", () => heard.end());
    const send = (bytes: Uint8Array): void => {
      if (socket.readyState === WebSocket.OPEN) socket.send(bytes);
    };
    return {
      ...running(undefined, heard, continued),
      send,
      end(bytes) {
        if (bytes !== undefined && bytes.length > 0) send(bytes);
        // The half close; a reader sends nothing.
        if (method === "POST") send(new Uint8Array(0));
      },
    };
  }
}

function toBase64Url(text: string): string {
  return Buffer.from(text).toString("base64url");
}

function hear(source: NodeJS.ReadableStream, heard: Heard): void {
  source.on("data", (chunk: Buffer) => heard.add(chunk));
  for (const event of ["end", "close", "error"]) source.on(event, () => heard.end());
}

function running(target: Duplex | undefined, heard: Heard, continued: Promise<void>): Running {
  return {
    heard: () => heard.text,
    whenHeard: (bytes) => heard.whenLonger(bytes),
    continued,
    send: (bytes) => void target?.write(bytes),
    end: (bytes) => void target?.end(bytes),
    outcome: heard.ended.then(() => heard.outcome()),
  };
}

/** What came of one request. */
class Heard {
  readonly ended: Promise<void>;
  #status = 0;
  #type = "";
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  #isOver = false;
  #end: () => void = () => undefined;
  #waiting: { readonly bytes: number; readonly wake: () => void }[] = [];

  constructor() {
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString();
  }

  begin(status: number, type: string): void {
    this.#status = status;
    this.#type = type;
  }

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    for (const { wake } of this.#waiting.filter(({ bytes }) => bytes <= this.#bytes)) wake();
  }

  end(): void {
    this.#isOver = true;
    for (const { wake } of this.#waiting) wake();
    this.#end();
  }

  whenLonger(bytes: number): Promise<void> {
    if (this.#bytes >= bytes || this.#isOver) return Promise.resolve();
    return new Promise((wake) => this.#waiting.push({ bytes, wake }));
  }

  outcome(): Outcome {
    const { text } = this;
    const status = this.#status;
    if (status !== 200) return { status, code: codeIn(text), text };
    if (this.#type.startsWith("s2s/")) return terminalOf(Buffer.concat(this.#chunks), text);
    const failure = /event: ?error\ndata: ?(.*)/.exec(text)?.[1];
    return { status, code: failure === undefined ? undefined : codeIn(failure), text };
  }
}

function terminalOf(bytes: Buffer, text: string): Outcome {
  const decoder = createFrameDecoder();
  decoder.push(Uint8Array.from(bytes));
  for (let frame = decoder.next(); frame !== undefined; frame = decoder.next())
    if (frame.kind === "terminal")
      return { status: frame.status, code: codeIn(frame.json), text: frame.json };
  return { status: 200, code: undefined, text };
}

function codeIn(text: string): string | undefined {
  try {
    const { code } = JSON.parse(text) as { readonly code?: string };
    return code;
  } catch {
    return undefined;
  }
}
