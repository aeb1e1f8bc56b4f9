// The node: the only object that routes and sessions see of the rules below them. It grants what is
// the node's to grant (room in flight, quotas, access), then asks the shard that has the stream; it
// holds no rule of its own. Resources of the account (`basins`, `streams`, `accessTokens`,
// `locations`) are rooms of their own; everything about records is a method here.

import {
  type ReadQuery,
  type RouteName,
  S2Error,
  type StreamPosition,
  systemRandom,
} from "@s2kit/core";
import { type Metric, type MetricsQuery, type StreamCipher } from "@s2kit/core/control";
import type { AppendBatch } from "@s2kit/core/server";
import { requireFresh } from "../storage/require-fresh.js";
import type { StoredBatch } from "../storage/storage.js";
import { ROOT_ACCESS } from "./access/access.js";
import { AccessTokens } from "./access/access-tokens.js";
import { appendInspection } from "./access/authorize.js";
import { type QuotaSettings, Quotas } from "./access/quotas.js";
import {
  AppendIntake,
  type AppendObserver,
  type AppendTarget,
  type WhenGone,
} from "./append/append-intake.js";
import type { AppendReply } from "./append/pending-ack.js";
import type { Streamer } from "./append/streamer.js";
import { createTicker, type Ticker } from "./background/ticker.js";
import { Basins } from "./control/basins.js";
import { Locations } from "./control/locations.js";
import type { Streams } from "./control/streams.js";
import { openStreamEncryption, type StreamEncryption } from "./encryption/stream-encryption.js";
import { type BackendGauges, createGauges } from "./gauges.js";
import { leaving } from "./read/leaving-reader.js";
import { planRead } from "./read/read-plan.js";
import type { Reader } from "./read/reader.js";
import { createReader } from "./read/stream-reader.js";
import { Shard, type ShardComponents } from "./shard.js";
import type { ReadStyle, StreamRequest } from "./stream-request.js";
import type { UsagePrices } from "./usage/billable-usage.js";
import { answerMetrics, type MetricsTarget } from "./usage/metrics-answer.js";

export interface BackendSettings {
  /** Metered bytes of appends between scan and durability; later ones wait. */
  readonly appendInflightBytes: number;
  /** Locations that basins may name; default: a few well-known ones. */
  readonly locations?: readonly string[] | undefined;
  /** What usage costs, for the estimate of the account; default: nothing. */
  readonly prices?: UsagePrices | undefined;
  /** Rates and readers per stream and per token; default: no limits. */
  readonly limits?: QuotaSettings | undefined;
}

/** What the shard of the node needs, and who watches appends. */
export interface BackendComponents extends ShardComponents {
  readonly appendObserver?: AppendObserver | undefined;
}

export class Backend {
  /**
   * The log of this node, for who opens, watches and closes it; requests go through the methods.
   */
  readonly shard: Shard;
  readonly basins: Basins;
  readonly accessTokens: AccessTokens;
  readonly locations: Locations;
  readonly gauges: BackendGauges;

  private readonly components: BackendComponents;
  private readonly prices: UsagePrices;
  private readonly quotas: Quotas;
  private readonly intake: AppendIntake;
  private readonly ticker: Ticker;

  constructor(settings: BackendSettings, components: BackendComponents) {
    const { clock } = components;
    const now = (): number => clock.now();
    this.components = components;
    this.prices = settings.prices ?? {};
    this.shard = new Shard(components);
    // Of the account, and so of the first shard, were there several.
    const { catalog } = this.shard;
    this.accessTokens = new AccessTokens({ catalog, random: systemRandom, now });
    this.locations = new Locations(catalog, settings.locations);
    this.basins = new Basins({
      catalog,
      now,
      locationOf: (requested) => this.locations.locationOf(requested),
      onDeleted: () => this.shard.scheduleDeletion(),
    });
    this.quotas = new Quotas(settings.limits ?? {}, clock);
    this.intake = new AppendIntake(settings.appendInflightBytes, clock, components.appendObserver);
    this.gauges = createGauges(this.intake, this.quotas, this.shard);
    this.ticker = createTicker(components, [
      () => this.accessTokens.sweep(),
      () => this.quotas.sweep(),
    ]);
  }

  get streams(): Streams {
    return this.shard.streams;
  }

  /** Undefined while the store is usable, else why it is not. */
  get unhealthy(): string | undefined {
    const { kind } = this.shard.state;
    return kind === "open" ? undefined : `storage is ${kind}`;
  }

  /** For the turn that sends what the state says. @throws {S2Error} `unavailable` when it is old */
  requireFresh(): void {
    requireFresh(this.shard.storage);
  }

  /** Resolves when everything that the caller may have seen is durable; undefined when it is. */
  barrier(): Promise<void> | undefined {
    return this.shard.catalog.barrier();
  }

  /** Counts a request that succeeded; see {@link Usage.operated}. */
  operated(route: RouteName, basin: string, status: number): void {
    this.shard.usage.operated(route, basin, status);
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

  /** @throws {S2Error} when the stream is missing or going, or its key is missing */
  openAppend(
    request: StreamRequest,
    kind: "streaming" | "unary" = "streaming",
  ): AppendTarget | Promise<AppendTarget> {
    const { streamers, usage: counted } = this.shard;
    const streamer = streamers.open(request, "append", request.streamConfig);
    const inspect = appendInspection(request.access ?? ROOT_ACCESS);
    const metered = {
      basin: request.basin,
      streamId: streamer.streamId,
      storageClass: () => streamer.resolvedConfig.storageClass,
    };
    const usage = counted.appender(metered, request.connection);
    const { tokenId } = request.access ?? ROOT_ACCESS;
    const pace = this.quotas.appendPace(streamer.streamId, tokenId, kind === "streaming");
    const plain: AppendTarget = { streamer, encrypt: undefined, inspect, pace, usage };
    if (streamer.cipher === undefined) return plain;
    // Were it forgotten meanwhile, its stream could get a second writer.
    const lease = streamer.lease();
    return this.openEncryption(request, streamer, streamer.cipher)
      .then((encryption) => ({
        ...plain,
        // Sealing and sequencing are one turn, so the accepted tail is where the batch will stand.
        encrypt: (batch: AppendBatch) => encryption.encrypt(batch, streamer.tail.seqNum),
      }))
      .finally(() => lease[Symbol.dispose]());
  }

  /**
   * Opens a read; its client gets nothing before this resolves.
   *
   * @throws {S2Error} 416 and everything that {@link Backend.openAppend} throws
   */
  async openRead(
    request: StreamRequest,
    query: ReadQuery,
    { kind = "streaming", expansion = 1 }: ReadStyle = {},
  ): Promise<Reader> {
    const streamer = this.shard.streamers.open(request, "read", request.streamConfig);
    // Were it forgotten while storage looks, the reader would follow one that nobody writes to.
    const lease = streamer.lease();
    try {
      return await this.openReader(streamer, request, query, { kind, expansion });
    } finally {
      lease[Symbol.dispose]();
    }
  }

  private async openReader(
    streamer: Streamer,
    request: StreamRequest,
    query: ReadQuery,
    { kind, expansion }: Required<ReadStyle>,
  ): Promise<Reader> {
    const { clock, random, budget } = this.components;
    const { storage, usage: counted } = this.shard;
    const { cipher } = streamer;
    const encryption =
      cipher === undefined ? undefined : await this.openEncryption(request, streamer, cipher);
    const plan = await planRead(storage, streamer, query);
    const decrypt = encryption && ((stored: StoredBatch) => encryption.decrypt(stored));
    const { tokenId } = request.access ?? ROOT_ACCESS;
    const leave = this.quotas.enterReader(streamer.streamId, tokenId);
    const { connection = {} } = request;
    const session = kind === "streaming" ? { connection, streamId: streamer.streamId } : undefined;
    const usage = counted.reader(request.basin, session);
    const given = { storage, clock, random, decrypt, usage, budget, expansion };
    const tellsTail = kind === "streaming";
    const reader = createReader({ ...given, tellsTail }, streamer, plan);
    return leave === undefined ? reader : leaving(reader, leave);
  }

  private openEncryption(
    { basin, stream, encryptionKey }: StreamRequest,
    { streamId }: Streamer,
    cipher: StreamCipher,
  ): Promise<StreamEncryption> {
    const target = { basin, stream, streamId, cipher };
    return openStreamEncryption(target, encryptionKey, systemRandom);
  }

  /** @throws {S2Error} `bad_query`, `invalid` */
  metrics(target: MetricsTarget, query: MetricsQuery): Promise<readonly Metric[]> {
    return answerMetrics(this.shard.catalog, this.shard.usage, target, query, this.prices);
  }

  /** The stable tail: at least every acknowledged append, never an unacknowledged one. */
  checkTail(request: StreamRequest): StreamPosition {
    return this.shard.streamers.open(request, "read", request.streamConfig).stableTail;
  }

  /**
   * Ends background work; pending replies fail now, unless they are durable. Nothing may be asked
   * of the backend any more.
   *
   * @returns resolves when what was counted is written, as far as the store takes it; never rejects
   */
  close(): Promise<void> {
    this.ticker.close();
    return this.shard.close();
  }
}

/** The failure that every request of a draining server gets. */
export function serverDraining(): S2Error {
  return new S2Error({ code: "server_draining", message: "server is draining: reconnect" });
}
