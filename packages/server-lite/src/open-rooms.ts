// Puts together what is behind a server's port: the store, the backend over it, and the router in
// front of that. Called by `server` at each opening; it knows no socket, and no order of stopping.
// Spec: control-plane#bodies, cli#lite.

import type { Clock } from "@s2kit/core";
import { ROOT_ACCESS } from "./backend/access/access.js";
import { Backend } from "./backend/backend.js";
import { closeAll, storagesOf } from "./close-storage.js";
import type { ResolvedComponents } from "./components.js";
import { createCors } from "./exchange/cors.js";
import { createGate, OPEN_GATE } from "./exchange/gate.js";
import { createHostCheck } from "./exchange/hosts.js";
import { createPlainRoutes } from "./exchange/plain-routes.js";
import { createRouter, type Router, type RouterComponents } from "./exchange/router.js";
import { createStudioRoutes } from "./exchange/studio.js";
import { certificateEndsSecs } from "./http/certificate.js";
import { applyInitFile } from "./init-file.js";
import type { MemoryBudget } from "./memory/memory-budget.js";
import { type OpenedStore, openStorage } from "./open-storage.js";
import { OTLP_FAILURES } from "./routes/otlp.js";
import { createRouteTable } from "./routes/route-table.js";
import type { ServerStatus } from "./s2-server.js";
import type { Sessions } from "./session/sessions.js";
import type { ResolvedSettings } from "./settings.js";
import { bucketText } from "./storage/object/engine/open-bucket-storage.js";
import type { Storage } from "./storage/storage.js";
import { answeredTo } from "./telemetry/answered-requests.js";
import { AppendTelemetry } from "./telemetry/append-telemetry.js";
import { healthOf } from "./telemetry/health.js";
import { backendAccounts, type Ledger } from "./telemetry/ledger.js";
import { OtlpTelemetry } from "./telemetry/otlp-telemetry.js";
import { RequestTelemetry } from "./telemetry/request-telemetry.js";
import { droppedLinesOf } from "./telemetry/server-logger.js";
import { appendTeller } from "./telemetry/server-observer.js";
import { createServerPage, type ServerTelemetry } from "./telemetry/server-page.js";
import { StorageTelemetry } from "./telemetry/storage-telemetry.js";

/** What is open between the first opening of a server and its close. */
export interface OpenRooms {
  readonly backend: Backend;
  readonly router: Router;
  /** With `auth`: the root token, if it was made now. */
  readonly rootToken: string | undefined;
}

/** What the rooms take from their server: it outlives them, when an opening fails. */
export interface RoomComponents extends ResolvedComponents {
  readonly budget: MemoryBudget;
  readonly sessions: Sessions;
  readonly ledger: Ledger;
  /** Ends the wait for a store that another process has. */
  readonly signal: AbortSignal;
  status(): ServerStatus;
  /** Called when storage has failed: nothing works any more. */
  onFailed(reason: Error): void;
  /** Open connections by what they speak. */
  connections(): ReadonlyMap<string, number>;
  acceptedConnections(): number;
}

/**
 * Opens the store, unless it is given, and what stands on it; when it throws, all of it is closed
 * again.
 *
 * @throws {S2Error} `storage`; `INVALID_ARGUMENT` for an init file that cannot be applied
 */
export async function openRooms(
  settings: ResolvedSettings,
  components: RoomComponents,
): Promise<OpenRooms> {
  const { clock, random, logger, signal, budget } = components;
  const telemetry = {
    appends: new AppendTelemetry(),
    otlp: new OtlpTelemetry(),
    requests: new RequestTelemetry(),
    storage: new StorageTelemetry(),
  };
  // An injected store that was open when the first try failed is closed now: it says so itself.
  const store: OpenedStore =
    components.storage === undefined
      ? await openStorage(settings.storage, {
          clock,
          random,
          logger,
          telemetry: telemetry.storage,
          signal,
          cacheRoom: budget.spare,
        })
      : { storages: components.storage };
  try {
    return await furnish(settings, components, store, telemetry);
  } catch (error) {
    await closeAll(store.storages);
    throw error;
  }
}

async function furnish(
  settings: ResolvedSettings,
  components: RoomComponents,
  { storages, reopen }: OpenedStore,
  telemetry: ServerTelemetry,
): Promise<OpenRooms> {
  const { budget, clock, random, logger } = components;
  const backend = new Backend(settings, {
    appendObserver: appendTeller(telemetry.appends, components.observer),
    budget,
    storage: storages,
    reopen,
    clock,
    random,
    onBackgroundError: (error) => logger.error({ err: error }, "background work failed"),
  });
  components.ledger.enter(backendAccounts(backend));
  components.ledger.enter({
    "lent buffers": () =>
      storagesOf(backend).reduce((sum, { lentBuffers = 0 }) => sum + lentBuffers, 0),
  });
  try {
    const rootToken = await prepare(settings, backend, clock);
    const router = routerOf(settings, components, backend, telemetry);
    backend.shards.onFailed({
      // What is left is no server any more.
      onUnusable: (reason) => components.onFailed(reason),
      onReduced: (shard, reason) =>
        logger.error({ err: reason, shard }, "a shard failed: its streams cannot be used"),
      onRestored: (shard) => logger.info({ shard }, "a shard that failed is served again"),
    });
    return { backend, router, rootToken };
  } catch (error) {
    await backend.close();
    throw error;
  }
}

/** What has to be in the store before anybody may come in. */
async function prepare(
  { auth, rootToken, initFile }: ResolvedSettings,
  backend: Backend,
  clock: Clock,
): Promise<string | undefined> {
  if (initFile !== undefined) await applyInitFile(initFile, backend, () => clock.now());
  if (!auth) return undefined;
  const made = backend.accessTokens.openRoot(rootToken);
  await backend.settled();
  return made;
}

function routerOf(
  settings: ResolvedSettings,
  components: RoomComponents,
  backend: Backend,
  telemetry: ServerTelemetry,
): Router {
  const { auth } = settings;
  const { clock, logger, sessions, budget } = components;
  const { accessTokens } = backend;
  const cors = createCors(settings.cors);
  if (auth) sessions.watch(accessTokens, clock);
  const onUnexpected = (error: unknown): void =>
    logger.error({ err: error }, "request failed unexpectedly");
  const gate = auth ? OPEN_GATE : createGate(cors, createHostCheck(settings));
  return createRouter({
    backend,
    authenticate: auth ? byTokens(accessTokens) : () => ROOT_ACCESS,
    requireInForce: (access) => {
      if (auth) accessTokens.requireInForce(access);
    },
    cors,
    gate,
    basinZone: settings.basinZone,
    handlers: createRouteTable({
      backend,
      clock,
      sessions,
      onUnexpected,
      otlp: { telemetry: telemetry.otlp, defaultStream: settings.otlpDefaultStream },
      onFailed: ({ code }) => telemetry.requests.failed(code),
    }),
    failures: OTLP_FAILURES,
    plain: createPlainRoutes({
      page: createServerPage({
        ...telemetry,
        backend,
        sessions,
        budget,
        connections: () => components.connections(),
        acceptedConnections: () => components.acceptedConnections(),
        droppedLogLines: () => droppedLinesOf(logger),
        storageKind: settings.storage.kind,
        certificateEndsSecs: certificateEndsSecs(settings.tls),
      }),
      healthOf: (path) =>
        healthOf(path, {
          isDraining: components.status() === "draining",
          unhealthy: backend.unhealthy,
          stale: staleOf(storagesOf(backend)),
        }),
      onUnexpected: (error) => logger.error({ err: error }, "metrics page failed"),
    }),
    studio: createStudioRoutes({ isOn: settings.studio, auth, storage: placeOf(settings), gate }),
    clock,
    onAnswered: answeredTo(components, telemetry.requests),
    isDraining: () => {
      const status = components.status();
      return status === "draining" || status === "closed";
    },
    onUnexpected,
  });
}

function byTokens(tokens: Backend["accessTokens"]): RouterComponents["authenticate"] {
  return (exchange, ticket, asked) => {
    asked.noteAccount();
    if (ticket !== undefined) return tokens.tickets.authenticate(ticket);
    return tokens.authenticate(exchange.header("authorization"));
  };
}

/** Why answers from the state do not count now; it may be over soon. */
function staleOf(storages: readonly Storage[]): string | undefined {
  // One that has failed is no news here.
  return storages.every(({ isFresh, status }) => isFresh || status !== "open")
    ? undefined
    : "the lease on the store has lapsed: reads are refused";
}

/** What the page for people says about the store. */
function placeOf({ storage }: ResolvedSettings): { kind: string; directory?: string } {
  switch (storage.kind) {
    case "memory":
      return { kind: "memory" };
    case "disk":
      return { kind: "disk", directory: storage.directory };
    case "bucket":
      return { kind: "bucket", directory: bucketText(storage) };
  }
}
