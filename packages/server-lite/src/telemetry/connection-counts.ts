// How many connections a port has, by what they speak. Counted as they are found out and as they
// end; read when somebody asks.

import type { Duplex } from "node:stream";

/** What a connection speaks. */
export type ConnectionProtocol = "HTTP/1.1" | "HTTP/2" | "WebSocket";

export class ConnectionCounts {
  /** Since the port was opened, of every kind. */
  accepted = 0;
  private readonly open = new Map<ConnectionProtocol, number>([
    ["HTTP/1.1", 0],
    ["HTTP/2", 0],
    ["WebSocket", 0],
  ]);
  private readonly speaking = new WeakMap<Duplex, ConnectionProtocol>();

  /** Those whose protocol is known. */
  get byProtocol(): ReadonlyMap<ConnectionProtocol, number> {
    return this.open;
  }

  /** A connection speaks this from now on, until it ends or speaks something else. */
  speaks(connection: Duplex, protocol: ConnectionProtocol): void {
    const before = this.speaking.get(connection);
    this.speaking.set(connection, protocol);
    this.add(protocol, 1);
    if (before !== undefined) this.add(before, -1);
    else connection.once("close", () => this.ended(connection));
  }

  private ended(connection: Duplex): void {
    const protocol = this.speaking.get(connection);
    if (protocol !== undefined) this.add(protocol, -1);
  }

  private add(protocol: ConnectionProtocol, count: number): void {
    this.open.set(protocol, (this.open.get(protocol) ?? 0) + count);
  }
}
