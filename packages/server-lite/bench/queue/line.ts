// One connection with one call at a time, written and parsed by hand: the load shares its cores with the
// server, and what it asks counts, not what it spends. Understands answers with a content-length alone.

import { connect, type Socket } from "node:net";

const HEAD_END = "\r\n\r\n";

/** The connection ended, or the server is not there: it was killed. */
export class Gone extends Error {
  override readonly name = "Gone";
}

export interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

interface Waiting {
  resolve(answer: Answer): void;
  reject(error: Gone): void;
}

export async function openLine(port: number): Promise<Line> {
  const socket = connect({ host: "127.0.0.1", port, noDelay: true });
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", (error) => reject(new Gone(error.message, { cause: error })));
  });
  return new Line(socket);
}

export class Line {
  private readonly socket: Socket;
  private waiting: Waiting | undefined;
  private chunks: Buffer[] = [];
  private bytes = 0;
  /** Of the answer that is arriving, once its head is there. */
  private head: { readonly status: number; readonly length: number } | undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => this.take(chunk));
    socket.on("error", () => undefined);
    socket.on("close", () => this.waiting?.reject(new Gone("the connection ended")));
  }

  /** @throws {Gone} when the connection ends before the answer is whole */
  call(
    method: string,
    path: string,
    headers: Record<string, string>,
    body: Uint8Array,
  ): Promise<Answer> {
    let text = `${method} ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n`;
    for (const [name, value] of Object.entries(headers)) text += `${name}: ${value}\r\n`;
    if (method !== "GET") text += `content-length: ${body.length}\r\n`;
    return new Promise((resolve, reject) => {
      if (this.socket.destroyed) return reject(new Gone("the connection ended"));
      this.waiting = { resolve, reject };
      this.socket.cork();
      this.socket.write(`${text}\r\n`, "latin1");
      if (body.length > 0) this.socket.write(body);
      this.socket.uncork();
    });
  }

  close(): void {
    this.socket.destroy();
  }

  private take(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.bytes += chunk.length;
    this.head ??= this.takeHead();
    if (this.head === undefined || this.bytes < this.head.length) return;
    const { status, length } = this.head;
    const { waiting } = this;
    const body = this.gathered();
    if (waiting === undefined || body.length > length) {
      this.socket.destroy();
      return;
    }
    this.waiting = undefined;
    this.head = undefined;
    this.chunks = [];
    this.bytes = 0;
    waiting.resolve({ status, body });
  }

  private takeHead(): { status: number; length: number } | undefined {
    const all = this.gathered();
    const end = all.indexOf(HEAD_END, 0, "latin1");
    this.chunks = [all];
    if (end < 0) return undefined;
    const head = all.toString("latin1", 0, end).toLowerCase();
    const length = /\r\ncontent-length: (\d+)/.exec(head)?.[1];
    if (length === undefined) this.socket.destroy(new Gone("an answer without a content-length"));
    const rest = all.subarray(end + HEAD_END.length);
    this.chunks = [rest];
    this.bytes = rest.length;
    return {
      status: Number(head.slice("http/1.1 ".length, "http/1.1 200".length)),
      length: Number(length),
    };
  }

  private gathered(): Buffer {
    return this.chunks.length === 1 ? (this.chunks[0] as Buffer) : Buffer.concat(this.chunks);
  }
}
