// Puts the platform under simulation: what dials by node:net, listens by it, or sets a timer, meets
// the network and the clock of the world that is current. Node's HTTP libraries and ws run
// unchanged on it. Once per process; without a world everything goes to the real platform.

import { EventEmitter } from "node:events";
import { createRequire, syncBuiltinESMExports } from "node:module";
import type { Clock, Timer } from "@s2kit/core";
import type { SimulatedNetwork } from "./simulated-network.js";
import type { SimulatedSocket } from "./simulated-socket.js";

export interface SimulatedPlatform {
  readonly network: SimulatedNetwork;
  readonly clock: Clock;
  /** What would have ended the process. */
  readonly onUncaught: (error: unknown) => void;
}

let current: SimulatedPlatform | undefined;
let isInstalled = false;

/**
 * The world that dials and timers of this process belong to from now on; undefined: the real one.
 */
export function usePlatform(platform: SimulatedPlatform | undefined): void {
  if (!isInstalled) install();
  isInstalled = true;
  current = platform;
}

interface Listening {
  readonly network: SimulatedNetwork;
  readonly port: number;
  readonly accept: (socket: SimulatedSocket) => void;
  /** Connections that were accepted and are not closed. */
  openCount: number;
  onEmpty: (() => void) | undefined;
}

/** Methods of a server, as they stand on its prototype: called with the server they are of. */
interface NetServer extends Omit<EventEmitter, "emit"> {
  emit: (this: NetServer, event: string | symbol, ...args: unknown[]) => boolean;
  listen: (this: NetServer, ...args: unknown[]) => unknown;
  address: (this: NetServer) => unknown;
  close: (this: NetServer, done?: (error?: Error) => void) => unknown;
}

function install(): void {
  const require = createRequire(import.meta.url);
  const net = require("node:net") as {
    connect: (...args: unknown[]) => unknown;
    createConnection: (...args: unknown[]) => unknown;
    Server: { prototype: NetServer };
  };
  const realConnect = net.connect;
  const connect = (...args: unknown[]): unknown => {
    if (current === undefined) return realConnect.apply(net, args);
    const [options] = args as [{ readonly port?: number | string }];
    return current.network.dial(Number(options.port));
  };
  net.connect = connect;
  net.createConnection = connect;
  installServer(net.Server.prototype);
  stopLookingByRealTime(
    (require("node:http") as { Server: { prototype: NetServer } }).Server.prototype,
  );
  installTimers();
  for (const event of ["uncaughtException", "unhandledRejection"] as const)
    process.on(event, (error: unknown) => {
      if (current === undefined) throw error;
      current.onUncaught(error);
    });
  syncBuiltinESMExports();
}

function installServer(prototype: NetServer): void {
  const listening = new WeakMap<object, Listening>();
  const real = { listen: prototype.listen, address: prototype.address, close: prototype.close };
  prototype.listen = function (this: NetServer, ...args: unknown[]): unknown {
    if (current === undefined) return real.listen.apply(this, args);
    const [{ port = 0 }, done] = args as [{ port?: number }, (() => void)?];
    const accept = (socket: SimulatedSocket): void => {
      at.openCount++;
      socket.once("close", () => {
        if (--at.openCount === 0) at.onEmpty?.();
      });
      this.emit("connection", socket);
    };
    const { network } = current;
    const taken = network.listen(port, accept);
    const at: Listening = { network, port: taken, accept, openCount: 0, onEmpty: undefined };
    listening.set(this, at);
    if (done !== undefined) this.once("listening", done);
    queueMicrotask(() => this.emit("listening"));
    return this;
  };
  prototype.address = function (this: NetServer): unknown {
    const at = listening.get(this);
    if (at === undefined) return real.address.call(this);
    return { address: "127.0.0.1", family: "IPv4", port: at.port };
  };
  prototype.close = function (this: NetServer, done?: (error?: Error) => void): unknown {
    const at = listening.get(this);
    if (at === undefined) return real.close.call(this, done);
    at.network.unlisten(at.port, at.accept);
    if (done !== undefined) this.once("close", () => done());
    // As the real one: closed when the last connection is.
    at.onEmpty = () => {
      at.onEmpty = undefined;
      this.emit("close");
    };
    if (at.openCount === 0) queueMicrotask(() => at.onEmpty?.());
    return this;
  };
}

const CHECKS = "http.server.connectionsCheckingInterval";

/**
 * A server of node:http looks at its connections by an interval of the platform, which also keeps
 * servers that died in memory.
 */
function stopLookingByRealTime(prototype: NetServer): void {
  const { emit } = prototype;
  prototype.emit = function (this: NetServer, event: string | symbol, ...args: unknown[]): boolean {
    const isHeard: boolean = emit.call(this, event, ...args);
    if (event !== "listening" || current === undefined) return isHeard;
    for (const key of Object.getOwnPropertySymbols(this))
      if (key.description === CHECKS) clearInterval(Reflect.get(this, key) as NodeJS.Timeout);
    return isHeard;
  };
}

/**
 * Libraries that know no clock set timers of the process: ws waits for the end of its handshakes.
 */
function installTimers(): void {
  const real = globalThis;
  const { setTimeout: realSet, clearTimeout: realClear } = real;
  const set = (
    callback: (...args: unknown[]) => void,
    delayMs = 0,
    ...args: unknown[]
  ): unknown => {
    if (current === undefined) return realSet(callback, delayMs, ...args);
    const timer = current.clock.setTimer(() => callback(...args), delayMs, { keepsAlive: false });
    return new SimulatedTimeout(timer);
  };
  const clear = (handle: unknown): void => {
    if (handle instanceof SimulatedTimeout) handle.timer.cancel();
    else realClear(handle as undefined);
  };
  Object.assign(globalThis, { setTimeout: set, clearTimeout: clear });
}

class SimulatedTimeout {
  readonly timer: Timer;

  constructor(timer: Timer) {
    this.timer = timer;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return false;
  }

  [Symbol.toPrimitive](): number {
    return 0;
  }
}
