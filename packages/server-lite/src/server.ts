// The life of a server: it opens storage, listens, drains, closes, in whatever order it is called.
// Three things have a state of their own: the `port`, what is behind it (`held-rooms`, put together
// in `open-rooms`), and how far it is on its way out, which is here. All rules are in the rooms.
// Spec: control-plane#bodies, cli#lite, data-plane#draining.

import { deferred } from "@s2kit/core";
import { serverDraining } from "./backend/backend.js";
import { type ResolvedComponents, resolveComponents, type ServerComponents } from "./components.js";
import { ArrivingBodies } from "./exchange/arriving-bodies.js";
import { BodyGuard } from "./exchange/body-guard.js";
import type { Exchange } from "./exchange/exchange.js";
import { Exchanges } from "./exchange/exchanges.js";
import type { Router } from "./exchange/router.js";
import { HeldRooms } from "./held-rooms.js";
import { handleRequest } from "./http/web-handler.js";
import { HELD_KINDS } from "./memory/held-kinds.js";
import { MemoryBudget } from "./memory/memory-budget.js";
import { openPort } from "./open-port.js";
import { openRooms } from "./open-rooms.js";
import { Port, stopping } from "./port.js";
import type { OpenRooms } from "./room-components.js";
import type { S2Server, ServerAddress, ServerStatus } from "./s2-server.js";
import { Sessions } from "./session/sessions.js";
import { type ResolvedSettings, resolveSettings, type ServerSettings } from "./settings.js";
import { showsStatusOnly } from "./shown-status.js";
import { LEDGER, Ledger } from "./telemetry/ledger.js";
import { settle } from "./waiting/settle.js";
import { isSettledWithin } from "./waiting/settled-within.js";

/**
 * Makes a server; nothing is opened yet.
 *
 * @throws {S2Error} `INVALID_ARGUMENT` for settings that contradict each other
 * @example
 * await using server = createServer({ port: 0 });
 * const { url } = await server.listen();
 */
export function createServer(
  settings: ServerSettings = {},
  components: ServerComponents = {},
): S2Server {
  return showsStatusOnly(new Server(resolveSettings(settings), resolveComponents(components)));
}

/** Bodies that are on their way get this share of the grace period to arrive. */
const ARRIVAL_SHARE = 0.2;
/** And advised sessions this one to leave by themselves. */
const ADVICE_SHARE = 0.5;
/** For the answers of those whose commit did not become durable in time, ms. */
const LAST_WORDS_MS = 500;

/** How far a server is on its way out. */
type Stop =
  | { readonly kind: "none" }
  | { readonly kind: "draining"; readonly drained: Promise<void> }
  | {
      readonly kind: "closing" | "closed";
      readonly drained: Promise<void>;
      readonly closed: Promise<void>;
    };

class Server implements S2Server {
  rootToken: string | undefined = undefined;
  readonly failed: Promise<Error>;
  readonly [LEDGER]: Ledger = new Ledger();
  /** What the server holds for its clients, all together. */
  private readonly budget: MemoryBudget;
  private readonly guard: BodyGuard;
  private readonly settings: ResolvedSettings;
  private readonly components: ResolvedComponents;
  private readonly sessions = new Sessions();
  private readonly exchanges = new Exchanges();
  private readonly arriving = new ArrivingBodies();
  private readonly rooms: HeldRooms;
  private readonly port: Port;
  private stop: Stop = { kind: "none" };
  private hasFailed = false;
  private readonly stopped = new AbortController();
  private reportFailure!: (error: Error) => void;

  constructor(settings: ResolvedSettings, components: ResolvedComponents) {
    this.settings = settings;
    this.components = components;
    this.budget = new MemoryBudget(components.clock, settings.maxHeldBytes);
    this.guard = new BodyGuard(components.clock, this.budget, settings.bodyTimeoutMs);
    this.failed = new Promise((resolve) => {
      this.reportFailure = resolve;
    });
    // A store that was given is not ours to close before the end.
    this.rooms = new HeldRooms(components.storage !== undefined, {
      requireOpenable: () => this.requireNotStopping(),
      open: () => this.assemble(),
      close: (rooms) => rooms.close(),
    });
    this.port = new Port({
      open: async () => {
        const { router } = await this.opened();
        return openPort(settings, {
          clock: components.clock,
          guard: this.guard,
          onExchange: (exchange) => this.serve(router, exchange),
          requireNotStopping: () => this.requireNotStopping(),
        });
      },
      onFailed: () => (this.isClosing ? Promise.resolve() : this.rooms.giveBack()),
    });
    this[LEDGER].enter({
      exchanges: () => this.exchanges.size,
      sessions: () => this.sessions.size,
      "arriving bodies": () => this.arriving.size,
      sockets: () => this.port.socketCount,
      "HTTP/2 sessions": () => this.port.http2SessionCount,
      ...Object.fromEntries(
        HELD_KINDS.map((kind) => [`bytes held for ${kind}`, () => this.budget.heldBy(kind)]),
      ),
    });
  }

  get status(): ServerStatus {
    if (this.hasFailed) return "failed";
    if (this.stop.kind === "none") return this.rooms.isOpen ? "open" : "new";
    return this.stop.kind === "closed" ? "closed" : "draining";
  }

  async open(): Promise<void> {
    this.rooms.keep();
    await this.opened();
  }

  async listen(): Promise<ServerAddress> {
    this.requireNotStopping();
    const { port } = await this.port.open();
    const { tls, host } = this.settings;
    const authority = host.includes(":") ? `[${host}]` : host;
    return { url: `${tls === undefined ? "http" : "https"}://${authority}:${port}`, host, port };
  }

  async fetch(request: Request): Promise<Response> {
    request.signal.throwIfAborted();
    this.rooms.keep();
    const { router } = await this.opened();
    return handleRequest(request, (exchange) => {
      exchange.bodyGuard = this.guard;
      this.serve(router, exchange);
    });
  }

  private async opened(): Promise<OpenRooms> {
    const rooms = await this.rooms.enter();
    if (this.isClosing) throw stopping();
    return rooms;
  }

  private get isClosing(): boolean {
    return this.stop.kind === "closing" || this.stop.kind === "closed";
  }

  private requireNotStopping(): void {
    if (this.stop.kind !== "none") throw stopping();
  }

  private serve(router: Router, exchange: Exchange): void {
    this.exchanges.enter(exchange);
    exchange.arriving = this.arriving;
    router(exchange).catch((error: unknown) => {
      // Not even the refusal could be sent: its client sees a broken exchange, the others are
      // served.
      this.components.logger.error({ err: error }, "request could not be answered");
      exchange.abort();
    });
  }

  drain(): Promise<void> {
    if (this.stop.kind !== "none") return this.stop.drained;
    const done = deferred<void>();
    this.stop = { kind: "draining", drained: done.promise };
    this.stopped.abort();
    settle(done, this.drainOnce());
    return done.promise;
  }

  close(): Promise<void> {
    if (this.stop.kind === "closing" || this.stop.kind === "closed") return this.stop.closed;
    const drained = this.drain();
    const done = deferred<void>();
    this.stop = { kind: "closing", drained, closed: done.promise };
    const closing = this.closeOnce(drained).then(() => {
      this.stop = { kind: "closed", drained, closed: done.promise };
    });
    settle(done, closing);
    return done.promise;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private async assemble(): Promise<OpenRooms> {
    const rooms = await openRooms(this.settings, {
      ...this.components,
      budget: this.budget,
      guard: this.guard,
      sessions: this.sessions,
      ledger: this[LEDGER],
      signal: this.stopped.signal,
      status: () => this.status,
      onFailed: (reason) => this.fail(reason),
      connections: () => this.port.connections,
      acceptedConnections: () => this.port.acceptedCount,
    });
    this.rootToken = rooms.rootToken;
    return rooms;
  }

  private fail(reason: Error): void {
    if (this.hasFailed) return;
    this.hasFailed = true;
    this.components.logger.error({ err: reason }, "storage failed: the server must be restarted");
    this.reportFailure(reason);
  }

  private async drainOnce(): Promise<void> {
    const graceMs = this.settings.drainGraceMs;
    this.sessions.adviseAll();
    await this.port.shut();
    await this.finished(graceMs * ARRIVAL_SHARE);
    this.arriving.refuseAll(serverDraining());
    await this.finished(graceMs * (ADVICE_SHARE - ARRIVAL_SHARE));
    this.sessions.terminateAll(serverDraining());
    await this.finished(graceMs * (1 - ADVICE_SHARE));
  }

  /** Waits for the last byte of every exchange, but not longer than this. */
  private async finished(withinMs: number): Promise<void> {
    if (this.exchanges.size === 0) return;
    await isSettledWithin(this.components.clock, this.exchanges.whenEmpty(), withinMs);
  }

  private async closeOnce(drained: Promise<void>): Promise<void> {
    await drained;
    const rooms = await this.rooms.settled();
    // Replies that still wait for the disk fail now, while there is somebody to hear it.
    rooms?.endWork();
    await this.finished(LAST_WORDS_MS);
    await this.port.close();
    // Those of `fetch`: no socket ends them.
    this.exchanges.abortAll();
    await rooms?.close();
  }
}
