// A client that is about to vanish: one connection, in cleartext or TLS, that sends any bytes and is
// gone in the way it is told.

import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

export type Way =
  /** A connection that is torn down: RST. */
  | "reset"
  /** The end of a process: FIN without a goodbye of TLS, and RST for what comes afterwards. */
  | "exit"
  /** A polite end: FIN, and everything that comes is read. */
  | "fin"
  /** A polite end of a peer that then neither reads nor closes: its side stays half open. */
  | "half";

export interface PeerOptions {
  readonly port: number;
  /** With TLS: the protocol that ALPN shall choose. */
  readonly alpn?: "h2" | "http/1.1" | undefined;
}

export class Peer {
  received: Buffer = Buffer.alloc(0);
  isClosed = false;
  readonly closed: Promise<void>;
  private readonly socket: Socket;
  private readonly raw: Socket;

  private constructor(socket: Socket, raw: Socket) {
    this.socket = socket;
    this.raw = raw;
    for (const each of new Set([socket, raw])) each.on("error", () => undefined);
    socket.on("data", (chunk: Buffer) => {
      this.received = Buffer.concat([this.received, chunk]);
    });
    this.closed = new Promise((resolve) => {
      socket.once("close", () => {
        this.isClosed = true;
        resolve();
      });
    });
  }

  static open({ port, alpn }: PeerOptions): Promise<Peer> {
    return new Promise((resolve, reject) => {
      const raw = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
      const socket =
        alpn === undefined
          ? raw
          : connectTls({ socket: raw, rejectUnauthorized: false, ALPNProtocols: [alpn] });
      const peer = new Peer(socket, raw);
      socket.once(alpn === undefined ? "connect" : "secureConnect", () => resolve(peer));
      socket.once("error", reject);
    });
  }

  /** Resolves when the platform has taken the bytes. */
  send(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      if (bytes.length === 0) resolve();
      else this.socket.write(bytes, () => resolve());
    });
  }

  vanish(way: Way): void {
    if (way === "reset") this.raw.resetAndDestroy();
    else if (way === "exit") this.raw.destroy();
    else {
      // A half-open peer reads nothing from here on, not even the end of the other side.
      if (way === "half") this.socket.pause();
      else this.socket.once("end", () => this.raw.destroy());
      this.socket.end();
    }
  }

  /** Lets the test's own side go; not a way of vanishing. */
  drop(): void {
    this.raw.destroy();
  }
}
