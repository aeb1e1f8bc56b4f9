// One connection that sends the same request again and again, one at a time.

import { connect, type Socket } from "node:net";

/** Nine characters, overwritten with a number in each request that is sent. */
export const COUNTER = "#########";

/** What the official open server answers to one of two that write at once, as something to send again. */
const CONFLICT = '"transaction_conflict"';
const MAX_CONFLICTS = 100;

export interface Request {
  readonly url: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type Answered = (error?: Error) => void;

export function openWriter(request: Request, nextCounter: () => number): Promise<Writer> {
  const { host, hostname, port } = new URL(request.url);
  const lines = Object.entries({
    host,
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(request.body)),
    ...request.headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  const bytes = Buffer.from(
    `POST ${request.path} HTTP/1.1\r\n${lines.join("")}\r\n${request.body}`,
  );
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    socket.once("connect", () => resolve(new Writer(socket, bytes, nextCounter)));
    socket.on("error", reject);
  });
}

export class Writer {
  private readonly socket: Socket;
  private readonly request: Buffer;
  private readonly counterAt: number;
  private readonly nextCounter: () => number;
  private pending: Buffer = Buffer.alloc(0);
  private answered: Answered | undefined;
  /** In a row. */
  private conflicts = 0;

  constructor(socket: Socket, request: Buffer, nextCounter: () => number) {
    this.socket = socket;
    this.request = request;
    this.counterAt = request.indexOf(COUNTER);
    this.nextCounter = nextCounter;
    socket.on("data", (chunk) => this.onData(chunk));
    socket.on("close", () => this.finish(new Error("a connection ended early")));
  }

  send(answered: Answered): void {
    this.answered = answered;
    this.conflicts = 0;
    if (this.counterAt >= 0) {
      const digits = String(this.nextCounter()).padStart(COUNTER.length, "0");
      this.request.write(digits, this.counterAt, "latin1");
    }
    this.socket.write(this.request);
  }

  close(): void {
    this.answered = undefined;
    this.socket.destroy();
  }

  private onData(chunk: Buffer): void {
    this.pending = this.pending.length === 0 ? chunk : Buffer.concat([this.pending, chunk]);
    const headEnd = this.pending.indexOf("\r\n\r\n");
    if (headEnd < 0) return;
    const head = this.pending.toString("latin1", 0, headEnd).toLowerCase();
    const length = Number(/content-length: (\d+)/.exec(head)?.[1] ?? 0);
    if (this.pending.length < headEnd + 4 + length) return;
    const answer = this.pending.toString();
    this.pending = Buffer.alloc(0);
    if (head.startsWith("http/1.1 20")) this.finish();
    // Its clients send it again, and wait for both: so does this one.
    else if (answer.includes(CONFLICT) && ++this.conflicts <= MAX_CONFLICTS)
      this.socket.write(this.request);
    else this.finish(new Error(`unexpected answer: ${answer}`));
  }

  private finish(error?: Error): void {
    const { answered } = this;
    this.answered = undefined;
    answered?.(error);
  }
}
