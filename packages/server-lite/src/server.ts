// The server as a whole: opens storage, assembles the rooms, listens, drains, closes. All rules are
// in the rooms. Spec: control plane sections 1.10 and 1.11, data plane section 5.6 (draining).

import { type Clock, S2Error } from "@s2kit/core";
import { ROOT_ACCESS } from "./backend/access/access.js";
import { Backend, serverDraining } from "./backend/backend.js";
import { type ResolvedComponents, resolveComponents, type ServerComponents } from "./components.js";
import { ArrivingBodies } from "./exchange/arriving-bodies.js";
import { BodyGuard } from "./exchange/body-guard.js";
import { createCors } from "./exchange/cors.js";
import type { Exchange } from "./exchange/exchange.js";
import { Exchanges } from "./exchange/exchanges.js";
import { createGate, OPEN_GATE } from "./exchange/gate.js";
import { createHostCheck } from "./exchange/hosts.js";
import { createPlainRoutes } from "./exchange/plain-routes.js";
import { createRouter, type Router } from "./exchange/router.js";
import { certificateOf } from "./http/certificate.js";
import { type Listener, openListener } from "./http/listener.js";
import { handleRequest } from "./http/web-handler.js";
import { createWebSocketDoor } from "./http/websocket.js";
import { applyInitFile } from "./init-file.js";
import { HELD_KINDS, MemoryBudget } from "./memory/memory-budget.js";
import { openStorage } from "./open-storage.js";
import { createRouteTable } from "./routes/route-table.js";
import { Sessions } from "./session/sessions.js";
import { type ResolvedSettings, resolveSettings, type ServerSettings } from "./settings.js";
import type { Storage } from "./storage/storage.js";
import { AppendTelemetry } from "./telemetry/append-telemetry.js";
import { healthOf } from "./telemetry/health.js";
import { backendAccounts, LEDGER, Ledger } from "./telemetry/ledger.js";
import { logRequest } from "./telemetry/request-log.js";
import { droppedLinesOf } from "./telemetry/server-logger.js";
import { createServerPage } from "./telemetry/server-page.js";
import { isSettledWithin } from "./waiting/settled-within.js";

export type ServerStatus = "new" | "open" | "draining" | "closed" | "failed";

export interface ServerAddress {
  /** Origin such as `http://127.0.0.1:43121`; clients add `/v1`. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
}

export interface S2Server extends AsyncDisposable {
  readonly status: ServerStatus;
  /** Resolves with the reason when storage fails: nothing works any more, so exit the process. */
  readonly failed: Promise<Error>;
  /** With `auth`: the root token, if it was made at this start. Shown nowhere else. */
  readonly rootToken: string | undefined;
  /**
   * Opens storage without a port; idempotent. {@link S2Server.listen} does it too.
   *
   * @throws {S2Error} `storage`: damaged, in use, or without room; it may be tried again.
   *   `SESSION_CLOSED` once a stop has begun
   */
  open(): Promise<void>;
  /**
   * Opens storage and the port; a second call answers the same. When it fails, everything that it
   * opened is closed again, and it may be tried again.
   *
   * @throws {S2Error} `SESSION_CLOSED` once a stop has begun; `storage`
   * @throws the error of the platform (`EADDRINUSE`, `EACCES`) when the port cannot be had
   */
  listen(): Promise<ServerAddress>;
  /**
   * Answers a request in this process, without a socket; sessions stream both ways. Opens storage
   * when that has not happened yet. Only the path of the URL matters. The caller hangs up as with
   * the global `fetch`: by the signal of the request, or by cancelling the body of the response.
   *
   * @throws the reason of the signal, when it aborts before the response
   */
  fetch(request: Request): Promise<Response>;
  /**
   * Stops gracefully: new requests are refused, those that run are finished, sessions are advised to reconnect and, when they do
   * not, ended after everything they had accepted is acknowledged. Ends within `drainGraceMs`.
   */
  drain(): Promise<void>;
  /**
   * Drains, then frees port and storage; idempotent. Ends also on a disk that is full or hangs:
   * appends that wait for it fail, {@link S2Server.status} is `failed` then.
   */
  close(): Promise<void>;
}

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
/** Without a commit that becomes durable, nothing more is waited for, ms. */
const STUCK_MS = 1000;

interface OpenRooms {
  readonly storage: Storage;
  readonly backend: Backend;
  readonly router: Router;
}

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
  /** Somebody else than `listen` wants storage open. */
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
    void router(exchange);
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
    const { clock, random, logger } = this.components;
    // An injected store that was open when the first try failed is closed now: it says so itself.
    const storage =
      this.components.storage ??
      (await openStorage(this.settings.storage, { clock, random, logger }));
    try {
      return await this.furnish(storage);
    } catch (error) {
      await storage.close();
      throw error;
    }
  }

  private async furnish(storage: Storage): Promise<OpenRooms> {
    const { clock, random, logger } = this.components;
    const telemetry = new AppendTelemetry();
    const backend = new Backend(this.settings, {
      appendObserver: telemetry,
      budget: this.budget,
      storage,
      clock,
      random,
      onBackgroundError: (error) => logger.error({ err: error }, "background work failed"),
    });
    this[LEDGER].enter(backendAccounts(backend));
    const { auth, rootToken, initFile } = this.settings;
    const cors = createCors(this.settings.cors);
    try {
      if (initFile !== undefined) await applyInitFile(initFile, backend, () => clock.now());
      if (auth) {
        this.rootToken = backend.accessTokens.openRoot(rootToken);
        await backend.barrier();
      }
    } catch (error) {
      await backend.close();
      throw error;
    }
    if (auth) this.sessions.watch(backend.accessTokens, clock);
    const onUnexpected = (error: unknown): void =>
      logger.error({ err: error }, "request failed unexpectedly");
    const router = createRouter({
      backend,
      authenticate: (exchange) =>
        auth ? backend.accessTokens.authenticate(exchange.header("authorization")) : ROOT_ACCESS,
      requireInForce: (access) => {
        if (auth) backend.accessTokens.requireInForce(access);
      },
      cors,
      gate: auth ? OPEN_GATE : createGate(cors, createHostCheck(this.settings)),
      basinZone: this.settings.basinZone,
      handlers: createRouteTable({ backend, clock, sessions: this.sessions, onUnexpected }),
      plain: createPlainRoutes({
        page: createServerPage(backend, telemetry, this.sessions, this.budget, () =>
          droppedLinesOf(logger),
        ),
        healthOf: (path) =>
          healthOf(path, {
            isDraining: this.status === "draining",
            unhealthy: backend.unhealthy,
          }),
        onUnexpected: (error) => logger.error({ err: error }, "metrics page failed"),
      }),
      clock,
      onAnswered: this.components.isLogging ? (facts) => logRequest(logger, facts) : undefined,
      isDraining: () => this.status === "draining" || this.status === "closed",
      onUnexpected,
    });
    backend.shard.onFailed((reason) => {
      // The only one there is: nothing works any more.
      if (this.status === "failed") return;
      this.status = "failed";
      logger.error({ err: reason }, "storage failed: the server must be restarted");
      this.reportFailure(reason);
    });
    if (this.status === "new") this.status = "open";
    return { storage, backend, router };
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

/** Leaves the last counts the time they need, unless nothing becomes durable any more. */
async function closeStorage(
  storage: Storage,
  counted: Promise<void> | undefined,
  clock: Clock,
): Promise<void> {
  for (let before = -1; counted !== undefined && storage.durable !== before; ) {
    before = storage.durable;
    if (await isSettledWithin(clock, counted, STUCK_MS)) break;
  }
  await storage.close();
  await counted;
}

function stopping(): S2Error {
  return new S2Error({ code: "SESSION_CLOSED", message: "server is closed" });
}
