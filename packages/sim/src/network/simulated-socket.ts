// One end of a connection in memory, with the face of `net.Socket` that node:http, node:http2 and
// ws ask for. What it writes travels by a link: in order, by the simulated clock, and only as far
// as the faults of the connection let it. Timeouts of sockets are simulated too.

import { Duplex } from "node:stream";
import type { Clock, Timer } from "@s2kit/core";
import { Link, type LinkContext } from "./link.js";

export interface SocketAddresses {
  readonly localPort: number;
  readonly remotePort: number;
}

export class SimulatedSocket extends Duplex {
  readonly remoteAddress = "127.0.0.1";
  readonly remoteFamily = "IPv4";
  readonly localAddress = "127.0.0.1";
  readonly localPort: number;
  readonly remotePort: number;
  connecting = false;
  timeout = 0;
  bytesRead = 0;
  bytesWritten = 0;
  #outbound: Link | undefined;
  #timer: Timer | undefined;
  #wantsMore: (() => void) | undefined;
  readonly #clock: Clock;

  constructor(clock: Clock, addresses: SocketAddresses) {
    super({ allowHalfOpen: true, emitClose: true });
    this.#clock = clock;
    this.localPort = addresses.localPort;
    this.remotePort = addresses.remotePort;
  }

  /** Joins two ends. */
  static join(first: SimulatedSocket, second: SimulatedSocket, context: LinkContext): void {
    first.#outbound = new Link(context, first, second, `${context.name}>`);
    second.#outbound = new Link(context, second, first, `${context.name}<`);
  }

  get outbound(): Link | undefined {
    return this.#outbound;
  }

  /** What the link brings; false when the reader takes no more for now. */
  arrive(bytes: Buffer, wantsMore: () => void): boolean {
    this.bytesRead += bytes.length;
    this.#touch();
    if (this.push(bytes)) return true;
    this.#wantsMore = wantsMore;
    return false;
  }

  /** The peer said that it writes no more. */
  arriveEnd(): void {
    if (!this.readableEnded) this.push(null);
  }

  /** The connection is gone, and this end is told. */
  arriveReset(): void {
    this.#outbound?.cut();
    this.destroy(Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }));
  }

  override _read(): void {
    const wake = this.#wantsMore;
    this.#wantsMore = undefined;
    wake?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    this.#touch();
    this.bytesWritten += chunk.length;
    if (this.connecting) this.once("connect", () => this.#outbound?.send(chunk, done));
    else this.#outbound?.send(chunk, done);
  }

  override _final(done: (error?: Error) => void): void {
    if (this.connecting) this.once("connect", () => this.#outbound?.end());
    else this.#outbound?.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#timer?.cancel();
    this.#wantsMore = undefined;
    this.#outbound?.closed();
    done(error);
  }

  setTimeout(afterMs: number, callback?: () => void): this {
    this.timeout = afterMs;
    if (callback !== undefined && afterMs > 0) this.once("timeout", callback);
    this.#touch();
    return this;
  }

  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once("finish", () => this.destroy());
  }

  resetAndDestroy(): this {
    this.#outbound?.reset();
    return this.destroy();
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  address(): object {
    return { address: this.localAddress, family: "IPv4", port: this.localPort };
  }

  #touch(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.timeout <= 0 || this.destroyed) return;
    this.#timer = this.#clock.setTimer(() => this.emit("timeout"), this.timeout);
  }
}
