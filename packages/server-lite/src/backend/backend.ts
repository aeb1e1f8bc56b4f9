// The node: the only object that routes and sessions see of the rules below them. It grants what is
// the node's to grant (room in flight, quotas, access), then asks the shard that has the stream; it
// holds no rule of its own. Resources of the account (`basins`, `accessTokens`, `locations`) and
// streams are rooms of their own; everything about records is a method here.

import { type ReadQuery, type RouteName, S2Error, type StreamPosition } from "@s2kit/core";
import type { Metric, MetricsQuery, Page, StreamInfo } from "@s2kit/core/control";
import { requireFresh } from "../storage/require-fresh.js";
import type { Storage } from "../storage/storage.js";
import type { AccessTokens } from "./access/access-tokens.js";
import type { Quotas } from "./access/quotas.js";
import { Account } from "./account/account.js";
import type { NumberedChange } from "./account/account-copy.js";
import { isPurgedIn } from "./account/basin-removal.js";
import type { AppendIntake, AppendTarget, WhenGone } from "./append/append-intake.js";
import type { AppendReply } from "./append/pending-ack.js";
import {
  type BackendComponents,
  type BackendSettings,
  createSharedRooms,
} from "./backend-components.js";
import { createTicker, type Ticker } from "./background/ticker.js";
import type { NameRange } from "./catalog/catalog.js";
import type { ShardPlace } from "./catalog/placement.js";
import type { Basins } from "./control/basins.js";
import type { Locations } from "./control/locations.js";
import type { StreamAddress, Streams } from "./control/streams.js";
import { type BackendGauges, createGauges } from "./gauges.js";
import type { Reader } from "./read/reader.js";
import { Records } from "./records.js";
import { Shard } from "./shard.js";
import type { AskedShards } from "./shards/asked-shards.js";
import { mergedPage } from "./shards/merged-page.js";
import { ShardReopening } from "./shards/shard-reopening.js";
import { Shards } from "./shards/shards.js";
import type { ReadStyle, StreamRequest } from "./stream-request.js";
import type { UsagePrices } from "./usage/billable-usage.js";
import { answerMetrics, type MetricsTarget } from "./usage/metrics-answer.js";

export class Backend {
  /** For who opens, watches and closes them; requests go through the methods. */
  readonly shards: Shards;
  readonly gauges: BackendGauges;

  private readonly components: BackendComponents;
  private readonly account: Account;
  private readonly reopening: ShardReopening | undefined;
  private readonly prices: UsagePrices;
  private readonly quotas: Quotas;
  private readonly intake: AppendIntake;
  private readonly records: Records;
  private readonly ticker: Ticker;

  constructor(settings: BackendSettings, components: BackendComponents) {
    const { storage } = components;
    this.components = components;
    this.prices = settings.prices ?? {};
    this.reopening = this.createReopening();
    const storages: readonly Storage[] = Array.isArray(storage) ? storage : [storage];
    const shards = storages.map((each, shard) =>
      this.openShard(each, components.place ?? { shard, shards: storages.length }),
    );
    this.shards = new Shards(shards, this.reopening, components.place);
    this.account = this.openAccount(settings.locations);
    const { intake, quotas } = components.shared ?? createSharedRooms(settings, components);
    this.quotas = quotas;
    this.intake = intake;
    this.records = new Records({ ...components, shards: this.shards, quotas: this.quotas });
    this.gauges = createGauges(this.intake, this.quotas, this.shards);
    this.ticker = createTicker(components, [
      () => this.account.upkeep(),
      () => this.quotas.sweep(),
    ]);
  }

  private openShard(storage: Storage, place: ShardPlace): Shard {
    const onBasinEmptied = place.shards === 1 ? undefined : () => this.account.basinEmptied();
    return new Shard({ ...this.components, storage, place, onBasinEmptied });
  }

  private createReopening(): ShardReopening | undefined {
    const { clock, reopen, onBackgroundError } = this.components;
    if (reopen === undefined) return undefined;
    return new ShardReopening({
      clock,
      reopen,
      install: (number, storage) => this.install(number, storage),
      onError: onBackgroundError,
    });
  }

  private async install(number: number, storage: Storage): Promise<void> {
    const { length } = this.shards.all;
    const shard = this.openShard(storage, { shard: number, shards: length });
    try {
      // First of all it hears what it missed: then it is asked.
      this.account.replace(number, shard);
    } catch (error) {
      await shard.close();
      await storage.close();
      throw error;
    }
    this.shards.replace(number, shard);
  }

  private openAccount(locations: readonly string[] | undefined): Account {
    const { clock, elsewhere, onBackgroundError: onError } = this.components;
    const { all } = this.shards;
    try {
      return new Account({ shards: all, clock, elsewhere, onError }, locations);
    } catch (error) {
      // What they have begun must not go on beside the next try.
      for (const shard of all) void shard.close();
      throw error;
    }
  }

  /** The first log of this node, or the only one. */
  get shard(): Shard {
    return this.shards.first;
  }

  get basins(): Basins {
    return this.account.basins;
  }

  get accessTokens(): AccessTokens {
    return this.account.accessTokens;
  }

  get locations(): Locations {
    return this.account.locations;
  }

  /** See {@link Account.takeChanges}. */
  takeChanges(changes: readonly NumberedChange[]): Promise<number> {
    return this.account.takeChanges(changes);
  }

  /** Of the only shard here. See {@link BasinPart}. @throws {S2Error} `unavailable` */
  async isPurged(basin: string, version: number): Promise<boolean> {
    const { catalog, storage } = this.shard;
    const isPurged = await isPurgedIn(catalog, basin, version);
    // Its next owner may have streams that it knows nothing of.
    if (isPurged) requireFresh(storage);
    return isPurged;
  }

  /** What can be done to the stream of this name. @throws {S2Error} `unavailable` */
  streamsAt(address: StreamAddress): Streams {
    return this.shards.of(address).streams;
  }

  /** Streams of all shards in the order of their names. @throws {S2Error} `basin_not_found` */
  listStreams(asked: AskedShards, basin: string, range: NameRange): Page<StreamInfo> {
    const lists = asked.all().map(({ streams }) => {
      return (part: NameRange) => streams.list(basin, part);
    });
    const [only] = lists;
    return lists.length === 1 && only !== undefined ? only(range) : mergedPage(lists, range);
  }

  /** For a request: it notes whom it asks. */
  ask(): AskedShards {
    return this.shards.ask(() => this.account.settled());
  }

  /** Resolves when all that was done to the account is durable everywhere; undefined when it is. */
  settled(): Promise<void> | undefined {
    const barrier = this.shard.catalog.barrier();
    return barrier === undefined
      ? this.account.settled()
      : barrier.then(() => this.account.settled());
  }

  /** Undefined while the store is usable, else why it is not. */
  get unhealthy(): string | undefined {
    const { kind } = this.shard.state;
    return kind === "open" ? undefined : `storage is ${kind}`;
  }

  /** Counts a request that succeeded; see {@link Usage.operated}. */
  operated({ counting }: AskedShards, route: RouteName, basin: string, status: number): void {
    counting.usage.operated(route, basin, status);
  }

  /**
   * Appends a message to the stream that `open` names, as {@link AppendIntake.append} says.
   *
   * @throws {S2Error} `bad_proto`, `invalid`: what is wrong with the message; and what `open`
   *   throws
   */
  append(
    open: () => AppendTarget | Promise<AppendTarget>,
    message: Uint8Array,
    reply: AppendReply,
    whenGone?: WhenGone,
  ): boolean | Promise<boolean> {
    return this.intake.append(open, message, reply, whenGone);
  }

  /** See {@link Records.openAppend}. */
  openAppend(
    request: StreamRequest,
    kind: "streaming" | "unary" = "streaming",
  ): AppendTarget | Promise<AppendTarget> {
    return this.records.openAppend(request, kind);
  }

  /** See {@link Records.openRead}. */
  openRead(request: StreamRequest, query: ReadQuery, style: ReadStyle = {}): Promise<Reader> {
    return this.records.openRead(request, query, style);
  }

  /** @throws {S2Error} `bad_query`, `invalid` */
  metrics(
    asked: AskedShards,
    target: MetricsTarget,
    query: MetricsQuery,
  ): Promise<readonly Metric[]> {
    const { basin, stream } = target;
    const isOfStream = basin !== undefined && stream !== undefined;
    const shards = isOfStream ? [asked.of({ basin, stream })] : asked.all();
    return answerMetrics(shards, target, query, this.prices);
  }

  /** See {@link Records.checkTail}. */
  checkTail(request: StreamRequest): StreamPosition {
    return this.records.checkTail(request);
  }

  /**
   * Ends background work; pending replies fail now, unless they are durable. Nothing may be asked
   * of the backend any more.
   *
   * @returns resolves when what was counted is written, as far as the store takes it; never rejects
   */
  async close(): Promise<void> {
    this.ticker.close();
    this.account.close();
    const reopened = this.reopening?.close();
    await Promise.all(this.shards.all.map((shard) => shard.close()));
    await reopened;
  }
}

/** The failure that every request of a draining server gets. */
export function serverDraining(): S2Error {
  return new S2Error({ code: "server_draining", message: "server is draining: reconnect" });
}
