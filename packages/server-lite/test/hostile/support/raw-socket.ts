// One TCP connection that sends whatever it is told and keeps what comes back.

import { connect, type Socket } from "node:net";

export class RawSocket implements Disposable {
  readonly socket: Socket;
  /** Resolves once the connection is gone, whoever ended it. */
  readonly closed: Promise<void>;
  isClosed = false;
  private chunks: Buffer[] = [];
  private wake: (() => void) | undefined = undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      this.chunks.push(chunk);
      this.wake?.();
    });
    this.closed = new Promise((resolve) => {
      socket.once("close", () => {
        this.isClosed = true;
        this.wake?.();
        resolve();
      });
    });
  }

  static open(port: number, host = "127.0.0.1"): Promise<RawSocket> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, host);
      const raw = new RawSocket(socket);
      socket.once("connect", () => resolve(raw));
      socket.once("error", reject);
    });
  }

  get received(): Buffer {
    return Buffer.concat(this.chunks);
  }

  get text(): string {
    return this.received.toString("latin1");
  }

  /** Sends; resolves when there is room for more. False when the peer ended the connection. */
  async send(bytes: string | Uint8Array): Promise<boolean> {
    const { socket } = this;
    if (this.isClosed || !socket.writable) return false;
    const data = typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes;
    if (socket.write(data)) return true;
    await new Promise<void>((resolve) => {
      const settle = (): void => {
        socket.off("drain", settle);
        socket.off("close", settle);
        resolve();
      };
      socket.once("drain", settle);
      socket.once("close", settle);
    });
    return !this.isClosed;
  }

  /** Does not read any more: the peer's output piles up on its side. */
  deafen(): void {
    this.socket.pause();
  }

  /** Resolves when what came matches, or the connection is gone. */
  async until(isEnough: (received: Buffer) => boolean): Promise<Buffer> {
    while (!isEnough(this.received) && !this.isClosed)
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    return this.received;
  }

  async untilText(pattern: RegExp): Promise<string> {
    return (await this.until((received) => pattern.test(received.toString("latin1")))).toString(
      "latin1",
    );
  }

  /** Ends the sending side; resolves with everything that came until the peer closed. */
  async exhaust(): Promise<string> {
    await this.closed;
    return this.text;
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}

/** Sends on a fresh connection and reads until the server closes it. */
export async function rawAnswer(port: number, bytes: string | Uint8Array): Promise<string> {
  using socket = await RawSocket.open(port);
  await socket.send(bytes);
  return await socket.exhaust();
}
