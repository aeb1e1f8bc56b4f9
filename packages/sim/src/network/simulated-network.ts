// All connections of a world: who listens, who dials, and what happens to them on the way. Every
// connection may have a fault of its own, drawn when it is dialled; the world may strike all of
// them at once.

import { type Clock, type Random, randomInteger } from "@s2kit/core";
import type { Link, LinkContext } from "./link.js";
import { SimulatedSocket } from "./simulated-socket.js";

export interface NetworkSettings {
  readonly maxLatencyMs: number;
  readonly splitChance: number;
  /** Chance that a connection has a fault of its own. */
  readonly faultChance: number;
  /** A fault comes within so many bytes. */
  readonly faultBytes: number;
}

export interface NetworkContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly settings: NetworkSettings;
  readonly note: (what: string) => void;
}

export type Acceptor = (socket: SimulatedSocket) => void;

interface Connection {
  readonly name: string;
  readonly client: SimulatedSocket;
  readonly server: SimulatedSocket;
}

const KINDS = ["reset", "half-open", "deaf", "mute", "end"] as const;
export type ConnectionFault = (typeof KINDS)[number];

export class SimulatedNetwork {
  readonly counts: Map<string, number> = new Map();
  readonly #context: NetworkContext;
  readonly #listeners = new Map<number, Acceptor>();
  readonly #connections = new Set<Connection>();
  #nextPort = 40_000;
  #nextName = 1;
  /** The world is calm: no connection gets a fault. */
  isCalm = false;
  #isOver = false;

  constructor(context: NetworkContext) {
    this.#context = context;
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  listen(port: number, accept: Acceptor): number {
    const taken = port === 0 ? this.#nextPort++ : port;
    this.#listeners.set(taken, accept);
    return taken;
  }

  unlisten(port: number, accept: Acceptor): void {
    if (this.#listeners.get(port) === accept) this.#listeners.delete(port);
  }

  /** Nobody is at home any more. */
  unlistenAll(): void {
    this.#listeners.clear();
  }

  dial(port: number): SimulatedSocket {
    const { clock, random, settings } = this.#context;
    const name = `c${this.#nextName++}`;
    const ports = { localPort: this.#nextPort++, remotePort: port };
    const client = new SimulatedSocket(clock, ports);
    const server = new SimulatedSocket(clock, {
      localPort: ports.remotePort,
      remotePort: ports.localPort,
    });
    client.connecting = true;
    const latencyMs = randomInteger(random, 0, settings.maxLatencyMs);
    const context: LinkContext = {
      name,
      clock,
      random,
      latencyMs,
      jitterMs: latencyMs,
      splitChance: settings.splitChance,
      note: this.#context.note,
    };
    SimulatedSocket.join(client, server, context);
    if (!this.#isOver) clock.setTimer(() => this.#connect({ name, client, server }), latencyMs);
    return client;
  }

  /** Strikes a connection that is open; false when there is none. */
  strike(fault: ConnectionFault): boolean {
    const open = [...this.#connections];
    if (open.length === 0) return false;
    const chosen = open[randomInteger(this.#context.random, 0, open.length - 1)] as Connection;
    this.#burn(chosen, fault);
    return true;
  }

  /** Strikes the connection that was opened last: that of a client that vanishes. */
  strikeNewest(fault: ConnectionFault): void {
    const newest = [...this.#connections].at(-1);
    if (newest !== undefined) this.#burn(newest, fault);
  }

  /** Nothing moves for a while. */
  stallAll(forMs: number): void {
    this.#count("stall");
    for (const { client, server } of this.#connections)
      for (const socket of [client, server]) socket.outbound?.stall(forMs);
  }

  /** The machine of the server is gone: its peers are told at once, or never. */
  dropAll(how: "reset" | "half-open"): void {
    for (const connection of this.#connections) this.#burn(connection, how);
  }

  /** The end of the world: nobody is told anything, and who dials waits for ever. */
  destroyAll(): void {
    this.#isOver = true;
    this.#listeners.clear();
    for (const { client, server } of this.#connections)
      for (const socket of [client, server]) {
        socket.outbound?.cut();
        socket.destroy();
      }
  }

  #connect(connection: Connection): void {
    const { client, server } = connection;
    if (client.destroyed) return;
    const accept = this.#listeners.get(client.remotePort);
    if (accept === undefined) {
      this.#context.note(`${connection.name} refused`);
      client.destroy(Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" }));
      return;
    }
    this.#context.note(`${connection.name} open`);
    this.#connections.add(connection);
    let isOpen = 2;
    const closed = (): void => {
      if (--isOpen === 0) this.#connections.delete(connection);
    };
    client.once("close", closed);
    server.once("close", closed);
    this.#lightFuse(connection);
    client.connecting = false;
    client.emit("connect");
    client.emit("ready");
    accept(server);
  }

  #lightFuse(connection: Connection): void {
    const { random, settings } = this.#context;
    if (this.isCalm || random.next() >= settings.faultChance) return;
    const fault = KINDS[randomInteger(random, 0, KINDS.length - 1)] as ConnectionFault;
    const from = random.next() < 0.5 ? connection.client : connection.server;
    const bytes = randomInteger(random, 1, settings.faultBytes);
    from.outbound?.burnAfter(bytes, () => {
      if (!this.isCalm) this.#burn(connection, fault);
    });
  }

  #burn(connection: Connection, fault: ConnectionFault): void {
    const { client, server } = connection;
    this.#count(fault);
    this.#context.note(`${connection.name} ${fault}`);
    const links = (): (Link | undefined)[] => [client.outbound, server.outbound];
    switch (fault) {
      case "reset":
        for (const link of links()) link?.cut();
        client.arriveReset();
        server.arriveReset();
        return;
      case "half-open":
        for (const link of links()) link?.silence();
        return;
      case "deaf":
        server.outbound?.silence();
        return;
      case "mute":
        client.outbound?.silence();
        return;
      case "end":
        // Something between them ends both directions cleanly, in the middle of whatever was said.
        for (const link of links()) link?.endHere();
    }
  }

  #count(fault: string): void {
    this.counts.set(fault, (this.counts.get(fault) ?? 0) + 1);
  }
}
