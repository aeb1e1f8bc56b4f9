// Puts together what is behind a server's port: the store, the backend over it, and the router in
// front of that. Called by `server` at each opening; it knows no socket, and no order of stopping.
// Spec: control-plane#bodies, cli#lite.

import type { Clock } from "@s2kit/core";
import { createApiRouter } from "./api-router.js";
import { Backend } from "./backend/backend.js";
import { closeAll, closeStorage, storagesOf } from "./close-storage.js";
import type { Router } from "./exchange/router.js";
import { applyInitFile } from "./init-file.js";
import { type OpenedStore, openStorage } from "./open-storage.js";
import { createPublicDoor, isLeaving } from "./public-door.js";
import type { OpenRooms, RoomComponents } from "./room-components.js";
import type { ResolvedSettings } from "./settings.js";
import { type ClusterStorage, openSharedRooms } from "./sharing/open-shared-rooms.js";
import type { Storage } from "./storage/storage.js";
import type { StorageSettings } from "./storage-settings.js";
import { answeredTo } from "./telemetry/answered-requests.js";
import { backendAccounts } from "./telemetry/ledger.js";
import { appendTeller } from "./telemetry/server-observer.js";
import { createTelemetry, type ServerTelemetry } from "./telemetry/server-page.js";

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
  const { storage } = settings;
  if (isShared(storage) && components.storage === undefined)
    return openSharedRooms(settings, components, storage);
  const telemetry = createTelemetry();
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

function isShared(storage: StorageSettings): storage is ClusterStorage {
  return storage.kind === "bucket" && storage.cluster !== undefined;
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
    let counted: Promise<void> | undefined;
    const endWork = (): Promise<void> => {
      counted ??= backend.close();
      return counted;
    };
    return {
      router,
      rootToken,
      endWork: () => void endWork(),
      close: () => closeStorage(backend, endWork(), clock),
    };
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
  const door = createPublicDoor(settings, components, {
    telemetry,
    gauges: backend.gauges,
    storages: () => storagesOf(backend),
    unhealthy: () => backend.unhealthy,
    stale: () => staleOf(storagesOf(backend)),
  });
  return createApiRouter(settings, {
    ...door,
    ...components,
    backend,
    telemetry,
    isDraining: () => isLeaving(components),
    onAnswered: answeredTo(components, telemetry.requests),
  });
}

/** Why answers from the state do not count now; it may be over soon. */
function staleOf(storages: readonly Storage[]): string | undefined {
  // One that has failed is no news here.
  return storages.every(({ isFresh, status }) => isFresh || status !== "open")
    ? undefined
    : "the lease on the store has lapsed: reads are refused";
}
