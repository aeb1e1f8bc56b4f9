// The life of a server: it opens storage, listens, drains, closes, in whatever order it is called.
// What it is made of is put together in `open-rooms`, all rules are in the rooms.
// Spec: control-plane#bodies, cli#lite, data-plane#draining.

import { S2Error } from "@s2kit/core";
import { serverDraining } from "./backend/backend.js";
import { type ResolvedComponents, resolveComponents, type ServerComponents } from "./components.js";
import { ArrivingBodies } from "./exchange/arriving-bodies.js";
import { BodyGuard } from "./exchange/body-guard.js";
import { createCors } from "./exchange/cors.js";
import type { Exchange } from "./exchange/exchange.js";
import { Exchanges } from "./exchange/exchanges.js";
import type { Router } from "./exchange/router.js";
import { certificateOf } from "./http/certificate.js";
import { type Listener, openListener } from "./http/listener.js";
import { handleRequest } from "./http/web-handler.js";
import { createWebSocketDoor } from "./http/websocket/websocket-door.js";
import { HELD_KINDS, MemoryBudget } from "./memory/memory-budget.js";
import { closeStorage, type OpenRooms, openRooms } from "./open-rooms.js";
import type { S2Server, ServerAddress, ServerStatus } from "./s2-server.js";
import { Sessions } from "./session/sessions.js";
import { type ResolvedSettings, resolveSettings, type ServerSettings } from "./settings.js";
import { LEDGER, Ledger } from "./telemetry/ledger.js";
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
  return new Server(resolveSettings(settings), resolveComponents(components));
}

/** Bodies that are on their way get this share of the grace period to arrive. */
const ARRIVAL_SHARE = 0.2;
/** And advised sessions this one to leave by themselves. */
const ADVICE_SHARE = 0.5;
/** For the answers of those whose commit did not become durable in time, ms. */
const LAST_WORDS_MS = 500;

class Server implements S2Server {
  status: ServerStatus = "new";
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
  /** Undefined until something opens storage, and again after that failed. */
  private rooms: Promise<OpenRooms> | undefined = undefined;
  /** True once `open` or `fetch` was called: a failed `listen` then leaves storage open. */
  private isOpenWanted = false;
  private listening: Promise<ServerAddress> | undefined = undefined;
  private listener: Listener | undefined = undefined;
  /** A failed `listen` closes what it opened. */
  private tidying: Promise<void> | undefined = undefined;
  private draining: Promise<void> | undefined = undefined;
  private closing: Promise<void> | undefined = undefined;
  private reportFailure!: (error: Error) => void;

  constructor(settings: ResolvedSettings, components: ResolvedComponents) {
    this.settings = settings;
    this.components = components;
    this.budget = new MemoryBudget(components.clock, settings.maxHeldBytes);
    this.guard = new BodyGuard(components.clock, this.budget, settings.bodyTimeoutMs);
    this.failed = new Promise((resolve) => {
      this.reportFailure = resolve;
    });
    this[LEDGER].enter({
      exchanges: () => this.exchanges.size,
      sessions: () => this.sessions.size,
      "arriving bodies": () => this.arriving.size,
      sockets: () => this.listener?.socketCount ?? 0,
      "HTTP/2 sessions": () => this.listener?.http2SessionCount ?? 0,
      ...Object.fromEntries(
        HELD_KINDS.map((kind) => [`bytes held for ${kind}`, () => this.budget.heldBy(kind)]),
      ),
    });
  }

  async open(): Promise<void> {
    this.isOpenWanted = true;
    await this.opened();
  }

  listen(): Promise<ServerAddress> {
    if (this.listening !== undefined && this.draining === undefined) return this.listening;
    const listening = this.listenOnce();
    this.listening ??= listening;
    listening.catch(() => {
      if (this.listening === listening) this.listening = undefined;
    });
    return listening;
  }

  async fetch(request: Request): Promise<Response> {
    request.signal.throwIfAborted();
    this.isOpenWanted = true;
    const { router } = await this.opened();
    return handleRequest(request, (exchange) => {
      exchange.bodyGuard = this.guard;
      this.serve(router, exchange);
    });
  }

  private async opened(): Promise<OpenRooms> {
    if (this.tidying !== undefined) await this.tidying;
    // A server that was open answers until it is closed, and be it with a refusal.
    if (this.rooms === undefined) this.requireNotStopping();
    const opening = (this.rooms ??= this.assemble());
    try {
      const rooms = await opening;
      if (this.closing !== undefined) throw stopping();
      return rooms;
    } catch (error) {
      if (this.rooms === opening && this.closing === undefined) this.rooms = undefined;
      throw error;
    }
  }

  private requireNotStopping(): void {
    if (this.draining !== undefined || this.closing !== undefined) throw stopping();
  }

  private async listenOnce(): Promise<ServerAddress> {
    this.requireNotStopping();
    const wasOpen = this.rooms !== undefined;
    try {
      return await this.openPort(await this.opened());
    } catch (error) {
      if (!wasOpen && !this.isOpenWanted && this.closing === undefined) await this.tidyUp();
      throw error;
    }
  }

  private async openPort({ router }: OpenRooms): Promise<ServerAddress> {
    const { tls, host } = this.settings;
    const { clock } = this.components;
    const cors = createCors(this.settings.cors);
    const webSockets = createWebSocketDoor({
      clock,
      onExchange: (exchange) => this.serve(router, exchange),
      isOriginAllowed: (...origin) => cors.isAllowed(...origin),
    });
    const certificate = tls === undefined ? undefined : await certificateOf(tls, host, clock);
    this.requireNotStopping();
    const listener = await openListener(
      { ...this.settings, certificate },
      {
        clock,
        guard: this.guard,
        onExchange: (exchange) => this.serve(router, exchange),
        onUpgrade: (...upgrade) => webSockets.accept(...upgrade),
      },
    );
    if (this.draining !== undefined) {
      await listener.close();
      throw stopping();
    }
    this.listener = listener;
    const { port } = listener;
    const authority = host.includes(":") ? `[${host}]` : host;
    return { url: `${tls === undefined ? "http" : "https"}://${authority}:${port}`, host, port };
  }

  /** Gives back the storage that a failed `listen` opened: its directory must not stay locked. */
  private tidyUp(): Promise<void> {
    const { rooms } = this;
    if (rooms === undefined || this.components.storage !== undefined) return Promise.resolve();
    this.tidying = rooms
      .then(async ({ backend, storage }) => {
        await closeStorage(storage, backend.close(), this.components.clock);
      })
      .catch(() => undefined)
      .finally(() => {
        this.rooms = undefined;
        this.tidying = undefined;
        if (this.status === "open") this.status = "new";
      });
    return this.tidying;
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
    return (this.draining ??= this.drainOnce());
  }

  close(): Promise<void> {
    return (this.closing ??= this.closeOnce());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private async assemble(): Promise<OpenRooms> {
    const rooms = await openRooms(this.settings, {
      ...this.components,
      budget: this.budget,
      sessions: this.sessions,
      ledger: this[LEDGER],
      status: () => this.status,
      onFailed: (reason) => this.fail(reason),
    });
    this.rootToken = rooms.rootToken;
    if (this.status === "new") this.status = "open";
    return rooms;
  }

  private fail(reason: Error): void {
    if (this.status === "failed") return;
    this.status = "failed";
    this.components.logger.error({ err: reason }, "storage failed: the server must be restarted");
    this.reportFailure(reason);
  }

  private async drainOnce(): Promise<void> {
    if (this.status !== "failed") this.status = "draining";
    const graceMs = this.settings.drainGraceMs;
    this.sessions.adviseAll();
    this.listener?.stopAccepting();
    // One that is being opened right now closes itself: see `openPort`.
    await this.listening?.catch(() => undefined);
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

  private async closeOnce(): Promise<void> {
    await this.drain();
    await this.tidying;
    const rooms = await this.rooms?.catch(() => undefined);
    // Replies that still wait for the disk fail now, while there is somebody to hear it.
    const counted = rooms?.backend.close();
    await this.finished(LAST_WORDS_MS);
    await this.listener?.close();
    // Those of `fetch`: no socket ends them.
    this.exchanges.abortAll();
    if (rooms !== undefined) await closeStorage(rooms.storage, counted, this.components.clock);
    if (this.status !== "failed") this.status = "closed";
  }
}

function stopping(): S2Error {
  return new S2Error({ code: "SESSION_CLOSED", message: "server is closed" });
}
