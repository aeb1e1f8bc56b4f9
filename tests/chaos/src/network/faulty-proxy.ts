// A TCP proxy between clients and the server of the moment: connections are cut, ended cleanly in the middle, silenced
// on one side or both; bytes are delayed, held back, throttled. What a client gave up is dropped, never delivered later.

import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import type { Strike } from "@s2kit/sim";
import { Lane, type Weather } from "./lane.ts";

interface Connection {
  readonly client: Socket;
  readonly target: Socket;
  /** To the server, and back. */
  readonly up: Lane;
  readonly down: Lane;
}

/** Both sides of an end may finish what they say. */
const LINGER_MS = 1000;
/** A server hears so late that a client is gone whose bytes are lost. */
const UNHEARD_MS = 30_000;

export class FaultyProxy implements AsyncDisposable {
  readonly port: number;
  connections = 0;
  readonly #server: Server;
  readonly #open = new Set<Connection>();
  #up: Weather = { kind: "clear" };
  #down: Weather = { kind: "clear" };

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  /** @param targetPort - undefined while no server listens: who dials then is refused */
  static async start(targetPort: () => number | undefined): Promise<FaultyProxy> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const proxy = new FaultyProxy(server);
    server.on("connection", (client) => proxy.#accept(client, targetPort()));
    return proxy;
  }

  get openConnections(): number {
    return this.#open.size;
  }

  setWeather(direction: "up" | "down" | "both", weather: Weather): void {
    if (direction !== "down") this.#up = weather;
    if (direction !== "up") this.#down = weather;
    for (const { up, down } of this.#open) {
      up.pump();
      down.pump();
    }
  }

  /** The connection that was opened last. */
  strikeNewest(strike: Strike): void {
    const newest = [...this.#open].at(-1);
    if (newest !== undefined) strikeAt(newest, strike);
  }

  /** @returns how many were struck */
  strikeSome(strike: Strike, isStruck: () => boolean): number {
    const struck = [...this.#open].filter(isStruck);
    for (const connection of struck) strikeAt(connection, strike);
    return struck.length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const { client, target } of this.#open) {
      client.destroy();
      target.destroy();
    }
    await closed;
  }

  #accept(client: Socket, port: number | undefined): void {
    client.on("error", () => undefined);
    if (port === undefined) {
      client.resetAndDestroy();
      return;
    }
    this.connections++;
    const target = connect({ port, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
    target.on("error", () => undefined);
    const connection: Connection = {
      client,
      target,
      up: new Lane(client, target, () => this.#up),
      down: new Lane(target, client, () => this.#down),
    };
    this.#open.add(connection);
    target.on("end", () => connection.down.finish());
    // Clients never end one half: this one has given up, and so are its bytes.
    client.on("end", () => client.destroy());
    client.once("close", (hadError) => {
      const finish = (): void => this.#finish(connection, target, hadError);
      if (connection.up.isLost) setTimeout(finish, UNHEARD_MS).unref();
      else finish();
    });
    target.once("close", (hadError) => this.#finish(connection, client, hadError));
  }

  /** One side is gone: so is the other, as its peer would be. */
  #finish(connection: Connection, other: Socket, hadError: boolean): void {
    this.#open.delete(connection);
    connection.up.close();
    connection.down.close();
    if (other.destroyed) return;
    if (hadError) other.resetAndDestroy();
    else other.destroy();
  }
}

function strikeAt({ client, target, up, down }: Connection, strike: Strike): void {
  switch (strike) {
    case "reset":
      client.resetAndDestroy();
      target.resetAndDestroy();
      return;
    case "end":
      up.close();
      down.close();
      client.end();
      target.end();
      setTimeout(() => {
        client.destroy();
        target.destroy();
      }, LINGER_MS).unref();
      return;
    case "half-open":
      up.lose();
      down.lose();
      return;
    // What the client says is not heard.
    case "mute":
      up.lose();
      return;
    // What is said to the client is not heard.
    case "deaf":
      down.lose();
      return;
  }
}
