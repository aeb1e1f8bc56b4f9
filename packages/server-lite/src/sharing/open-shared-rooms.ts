// Puts together a server that shares its store with others: a lease and who else has one, the
// shards that it takes, the port for other nodes, and the way of requests to whoever owns what they
// are about. Called by `open-rooms`; what serves one shard is put together in `shards-served`.

import { createSharedRooms } from "../backend/backend-components.js";
import { type BackendGauges, createGauges } from "../backend/gauges.js";
import { createClusterRouter } from "../cluster/cluster-router.js";
import { Ingress } from "../cluster/ingress.js";
import { createNodeDoor } from "../cluster/node-door.js";
import { Owners } from "../cluster/owners.js";
import { ServedShards } from "../cluster/served-shards.js";
import { ShardRequests } from "../cluster/shard-requests.js";
import { type Listener, openListener } from "../http/listener.js";
import { Http2Peers } from "../http/peer/http2-peers.js";
import { MAX_NODE_HEADER_BYTES } from "../http/request-head.js";
import { silenceTeller } from "../open-storage.js";
import { createPublicDoor, isLeaving } from "../public-door.js";
import type { OpenRooms, RoomComponents } from "../room-components.js";
import type { ResolvedSettings } from "../settings.js";
import { openLmdbStateStore } from "../storage/disk/state/lmdb-state-store.js";
import { openSharedBucket } from "../storage/object/engine/open-bucket-storage.js";
import type { SharedStore } from "../storage/object/engine/open-shared-store.js";
import { Steward } from "../storage/object/stewardship/steward.js";
import type { ClusterSettings, StorageSettings } from "../storage-settings.js";
import { answeredTo } from "../telemetry/answered-requests.js";
import { backendAccounts } from "../telemetry/ledger.js";
import { appendTeller } from "../telemetry/server-observer.js";
import { createTelemetry } from "../telemetry/server-page.js";
import { askHere, ShardsServed } from "./shards-served.js";

export type ClusterStorage = Extract<StorageSettings, { kind: "bucket" }> & {
  readonly cluster: ClusterSettings;
};

/** @throws {S2Error} `storage`; the error of the platform when the port for nodes is taken */
export async function openSharedRooms(
  settings: ResolvedSettings,
  components: RoomComponents,
  storage: ClusterStorage,
): Promise<OpenRooms> {
  const { logger } = components;
  const served = new ServedShards();
  const door = createNodeDoor({
    served,
    secret: storage.cluster.secret,
    onUnexpected: (error) => logger.error({ err: error }, "a request of a node failed"),
  });
  const listener = await listenForNodes(settings, components, storage.cluster, door);
  try {
    return await furnish(settings, components, { storage, served, listener });
  } catch (error) {
    await listener.close();
    throw error;
  }
}

interface Given {
  readonly storage: ClusterStorage;
  readonly served: ServedShards;
  readonly listener: Listener;
}

async function furnish(
  settings: ResolvedSettings,
  components: RoomComponents,
  { storage, served, listener }: Given,
): Promise<OpenRooms> {
  const { clock, logger } = components;
  const telemetry = createTelemetry();
  const appendObserver = appendTeller(telemetry.appends, components.observer);
  const shared = createSharedRooms(settings, { clock, appendObserver });
  const store = await openStore(components, storage, addressOf(storage.cluster, listener), () => ({
    isDraining: isLeaving(components),
    shards: served.numbers,
  }));
  const { membership, shards } = store;
  const peers = new Http2Peers(clock, storage.cluster.secret);
  const owners = new Owners({ clock, membership, served });
  const requests = new ShardRequests({ clock, owners, peers, askHere });
  const host = new ShardsServed(settings, {
    ...components,
    telemetry,
    shared,
    served,
    requests,
    shards,
  });
  const steward = new Steward({
    clock,
    membership,
    shards,
    host,
    take: (shard, signal) => store.take(shard, signal),
    giveUp: () => store.giveUp(),
    onError: (error, shard) => logger.error({ err: error, shard }, "a shard could not be served"),
  });
  const gauges = createGauges(shared.intake, shared.quotas, host);
  enterAccounts(components, { gauges, owners, host });
  const ingress = new Ingress({ ...settings, clock, shards, owners, served, peers, requests });
  const door = createPublicDoor(settings, components, {
    telemetry,
    gauges,
    storages: () => host.storages(),
    // Without a shard it passes requests on.
    unhealthy: () => undefined,
    stale: () => (membership.isSure ? undefined : LAPSED),
  });
  const router = createClusterRouter({
    door,
    ingress,
    clock,
    isDraining: () => isLeaving(components),
    onAnswered: answeredTo(components, telemetry.requests),
    onUnexpected: (error) => logger.error({ err: error }, "request failed unexpectedly"),
  });
  steward.start();
  return {
    router,
    rootToken: undefined,
    ...endsOf(steward, async () => {
      owners.close();
      await store.close();
      peers.close();
      await listener.close();
    }),
  };
}

const LAPSED = "the lease on the store has lapsed: reads are refused";

/** @param letGo - of all the rest, when no shard is left */
function endsOf(
  steward: Steward,
  letGo: () => Promise<void>,
): Pick<OpenRooms, "close" | "endWork"> {
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopped ??= steward.stop();
    return stopped;
  };
  return {
    endWork: () => void stop(),
    async close() {
      await stop();
      await letGo();
    },
  };
}

function enterAccounts(
  { ledger }: RoomComponents,
  { gauges, owners, host }: { gauges: BackendGauges; owners: Owners; host: ShardsServed },
): void {
  ledger.enter({
    ...backendAccounts({ gauges }),
    "parked requests": () => owners.parkedCount,
    "lent buffers": () =>
      host.storages().reduce((sum, { lentBuffers = 0 }) => sum + lentBuffers, 0),
  });
}

function openStore(
  { clock, random, logger, signal, budget }: RoomComponents,
  { cluster, ...storage }: ClusterStorage,
  url: string,
  serving: () => { readonly isDraining: boolean; readonly shards: readonly number[] },
): Promise<SharedStore> {
  return openSharedBucket({
    ...storage,
    node: cluster.nodeId ?? storage.node,
    url,
    serving,
    clock,
    random,
    environment: process.env,
    cacheRoom: budget.spare,
    openStateIn: (path) => openLmdbStateStore(path, { isScratch: true }),
    signal,
    onSilence: silenceTeller(logger),
    onSweepFailed: (error) => logger.warn({ err: error }, "leftovers in the bucket were kept"),
  });
}

function listenForNodes(
  { host, headersTimeoutMs }: ResolvedSettings,
  { clock, guard }: RoomComponents,
  cluster: ClusterSettings,
  onExchange: Parameters<typeof openListener>[1]["onExchange"],
): Promise<Listener> {
  const advertised =
    cluster.advertise === undefined ? 0 : Number(new URL(cluster.advertise).port || 80);
  return openListener(
    {
      host: cluster.host ?? host,
      port: cluster.port ?? advertised,
      certificate: undefined,
      headersTimeoutMs,
      maxHeaderBytes: MAX_NODE_HEADER_BYTES,
    },
    {
      clock,
      guard,
      onExchange,
      // Nodes speak HTTP/2 with each other.
      onUpgrade: (_, socket) => socket.destroy(),
    },
  );
}

function addressOf({ advertise }: ClusterSettings, { host, port }: Listener): string {
  const authority = host.includes(":") ? `[${host}]` : host;
  return advertise ?? `http://${authority}:${port}`;
}
