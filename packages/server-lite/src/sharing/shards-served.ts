// What serves the shards that a node has taken: for each a backend of its own, which knows no other
// shard, with a router in front; the account in the first one, a copy of it in all others. The
// steward says when one comes and goes. Called by `open-shared-rooms`.

import { createApiRouter } from "../api-router.js";
import type { Elsewhere } from "../backend/account/account.js";
import { Backend } from "../backend/backend.js";
import type { SharedRooms } from "../backend/backend-components.js";
import type { GaugedShards } from "../backend/gauges.js";
import type { Shard } from "../backend/shard.js";
import { type ReadCounts, ReadSum } from "../backend/shards/read-sum.js";
import { answerAt } from "../cluster/node-door.js";
import { RemoteReplica, remotePart } from "../cluster/remote-account.js";
import type { ServedShard, ServedShards } from "../cluster/served-shards.js";
import type { ShardQuestion, ShardRequests, WholeAnswer } from "../cluster/shard-requests.js";
import { createCors, resolveCors } from "../exchange/cors.js";
import { OPEN_GATE } from "../exchange/gate.js";
import type { DoorComponents } from "../exchange/outside/front-door.js";
import type { Router } from "../exchange/router.js";
import { handleRequest } from "../http/web-handler.js";
import type { RoomComponents } from "../room-components.js";
import type { ResolvedSettings } from "../settings.js";
import { requireWhole } from "../storage/copy/unfinished-copy.js";
import type { ShardHost } from "../storage/object/stewardship/steward.js";
import type { Storage } from "../storage/storage.js";
import { answeredTo } from "../telemetry/answered-requests.js";
import type { ServerTelemetry } from "../telemetry/server-page.js";
import { isSettledWithin } from "../waiting/settled-within.js";

export interface ShardsServedComponents
  extends Omit<RoomComponents, "connections" | "acceptedConnections" | "onFailed"> {
  readonly telemetry: ServerTelemetry;
  readonly shared: SharedRooms;
  readonly served: ServedShards;
  readonly requests: ShardRequests;
  /** Of the store. */
  readonly shards: number;
}

interface Held {
  readonly backend: Backend;
  readonly replicas: readonly RemoteReplica[];
}

/** What was accepted has so long to become durable when its shard goes, ms. */
const LAST_COMMITS_MS = 2000;
/** The same for the last counts, ms. */
const LAST_COUNTS_MS = 2000;

/** Who may come in is asked at the port of whoever has the client. */
const INNER_DOOR: DoorComponents = {
  cors: createCors(resolveCors(false, true)),
  gate: OPEN_GATE,
  plain: () => undefined,
  studio: () => undefined,
};

export class ShardsServed implements ShardHost, GaugedShards {
  private readonly held = new Map<number, Held>();
  private readonly reads = new ReadSum();
  private readonly settings: ResolvedSettings;
  private readonly components: ShardsServedComponents;

  constructor(settings: ResolvedSettings, components: ShardsServedComponents) {
    this.settings = settings;
    this.components = components;
  }

  /** Those of now. */
  get all(): readonly Shard[] {
    return Array.from(this.held.values(), ({ backend }) => backend.shard);
  }

  get read(): ReadCounts {
    return this.reads.with(this.all);
  }

  storages(): readonly Storage[] {
    return this.all.map(({ storage }) => storage);
  }

  async serve(number: number, storage: Storage, onFailed: () => void): Promise<void> {
    requireWhole(storage);
    const { logger, served, shards, shared } = this.components;
    const replicas = number === 0 ? this.replicas() : [];
    const backend = new Backend(this.settings, {
      ...this.components,
      storage,
      place: { shard: number, shards },
      shared,
      elsewhere: this.elsewhere(number, replicas),
      onBackgroundError: (error) =>
        logger.error({ err: error, shard: number }, "background work failed"),
    });
    const { auth, rootToken } = this.settings;
    if (auth) backend.accessTokens.openRoot(rootToken);
    this.held.set(number, { backend, replicas });
    backend.shards.onFailed({
      onUnusable: (reason) => {
        logger.warn({ err: reason, shard: number }, "a shard is not served any more");
        onFailed();
      },
      onReduced: () => undefined,
      onRestored: () => undefined,
    });
    served.enter(this.servedShard(number, backend));
    logger.info({ shard: number }, "a shard is served");
  }

  async leave(number: number): Promise<void> {
    const { clock, logger, served } = this.components;
    const held = this.held.get(number);
    if (held === undefined) return;
    served.leave(number);
    const { backend, replicas } = held;
    const { shard } = backend;
    shard.abandon();
    // What was accepted is acknowledged, as far as the bucket takes it.
    const last = shard.storage.whenDurable(shard.lastPosition).catch(() => undefined);
    await isSettledWithin(clock, last, LAST_COMMITS_MS);
    for (const replica of replicas) replica.close();
    await isSettledWithin(clock, backend.close(), LAST_COUNTS_MS);
    this.held.delete(number);
    this.reads.left(shard);
    logger.info({ shard: number }, "a shard is left");
  }

  private elsewhere(number: number, replicas: readonly RemoteReplica[]): Elsewhere | undefined {
    if (this.components.shards === 1) return undefined;
    if (number !== 0) return { kind: "first" };
    const parts = this.others().map((shard) => remotePart(this.remote(shard)));
    return { kind: "copies", replicas, parts };
  }

  private replicas(): readonly RemoteReplica[] {
    return this.others().map((shard) => new RemoteReplica(this.remote(shard)));
  }

  private others(): readonly number[] {
    return Array.from({ length: this.components.shards - 1 }, (_, at) => at + 1);
  }

  private remote(shard: number): ConstructorParameters<typeof RemoteReplica>[0] {
    const { clock, requests, logger } = this.components;
    const onError = (error: unknown): void =>
      logger.error({ err: error, shard }, "a shard does not take changes of the account");
    return { clock, requests, shard, onError };
  }

  private servedShard(shard: number, backend: Backend): ServedShard {
    const route = this.routerOf(backend);
    const { accessTokens } = backend;
    return {
      shard,
      serve: (exchange) => route(exchange),
      prefixOf: (exchange, ticket) =>
        (ticket === undefined
          ? accessTokens.authenticate(exchange.header("authorization"))
          : accessTokens.tickets.authenticate(ticket)
        ).streamPrefix,
      takeChanges: (changes) => backend.takeChanges(changes),
      isPurged: (basin, version) => backend.isPurged(basin, version),
    };
  }

  private routerOf(backend: Backend): Router {
    const tell = answeredTo(this.components, this.components.telemetry.requests);
    return createApiRouter(this.settings, {
      ...this.components,
      ...INNER_DOOR,
      backend,
      // Who has the client has looked.
      isDraining: () => false,
      onAnswered: (facts, exchange) => {
        if (exchange.hop === undefined) tell(facts, exchange);
      },
    });
  }
}

/** Asks a shard of this node as another node would. */
export async function askHere(
  served: ServedShard,
  { method, path, headers, body }: ShardQuestion,
): Promise<WholeAnswer> {
  const request = new Request(`http://node${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: Buffer.from(body) }),
  });
  const response = await handleRequest(request, (exchange) => {
    answerAt(served, exchange).catch(() => exchange.abort());
  });
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: new Uint8Array(await response.arrayBuffer()),
  };
}
