// The only object that routes and sessions see of the rules below them: basins, streams, appends
// and reads of one node. It wires the rooms of the backend together and holds no rule of its own.

import {
  type Clock,
  type Random,
  type ReadQuery,
  S2Error,
  type StreamPosition,
  systemRandom,
} from "@s2kit/core";
import {
  type Metric,
  type MetricsQuery,
  type StreamCipher,
  type StreamConfig,
} from "@s2kit/core/control";
import type { MemoryBudget } from "../memory/memory-budget.js";
import type { LogPosition, Storage, StoredBatch } from "../storage/storage.js";
import { type Access, ROOT_ACCESS } from "./access/access.js";
import { AccessTokens } from "./access/access-tokens.js";
import { appendInspection } from "./access/authorize.js";
import { type QuotaSettings, Quotas } from "./access/quotas.js";
import { AppendIntake, type AppendObserver, type AppendTarget } from "./append/append-intake.js";
import { createPendingAppends, type PendingAppends } from "./append/pending-appends.js";
import type { Streamer } from "./append/streamer.js";
import { Streamers } from "./append/streamers.js";
import { Census } from "./background/census.js";
import { Deletion } from "./background/deletion.js";
import { createTicker, type Ticker } from "./background/ticker.js";
import { visitDueStreams } from "./background/visits.js";
import { Catalog } from "./catalog/catalog.js";
import { Basins } from "./control/basins.js";
import { Locations } from "./control/locations.js";
import { type StreamAddress, Streams } from "./control/streams.js";
import { openStreamEncryption, type StreamEncryption } from "./encryption/stream-encryption.js";
import { planRead } from "./read/read-plan.js";
import { createReader, type Reader } from "./read/reader.js";
import { answerMetrics, type MetricsTarget } from "./usage/metrics-answer.js";
import { Usage } from "./usage/usage.js";
import { UsageUpkeep } from "./usage/usage-upkeep.js";

export interface BackendSettings {
  /** Metered bytes of appends between scan and durability; later ones wait. */
  readonly appendInflightBytes: number;
  /** Locations that basins may name; default: a few well-known ones. */
  readonly locations?: readonly string[] | undefined;
  /** Rates and readers per stream and per token; default: no limits. */
  readonly limits?: QuotaSettings | undefined;
}

export interface BackendComponents {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly random: Random;
  readonly appendObserver?: AppendObserver | undefined;
  /** Counts what readers and followers hold; default: nobody does. */
  readonly budget?: MemoryBudget | undefined;
  /** Failures of background work: they are retried, and must not be silent. */
  onBackgroundError(error: unknown): void;
}

/** What a records request carries beside its body. */
export interface StreamRequest extends StreamAddress {
  /** For the stream, if this request makes it. */
  readonly streamConfig?: StreamConfig | undefined;
  readonly encryptionKey?: string | undefined;
  /** Who asks; default: someone who may do everything. */
  readonly access?: Access | undefined;
}

/** How the answer to a read looks. */
export interface ReadStyle {
  /** Default `streaming`. */
  readonly kind?: "streaming" | "unary";
  /** How many bytes one stored byte may become. Default 1. */
  readonly expansion?: number;
}

export class Backend {
  readonly basins: Basins;
  readonly streams: Streams;
  readonly accessTokens: AccessTokens;
  readonly locations: Locations;
  readonly usage: Usage;
  readonly quotas: Quotas;
  readonly intake: AppendIntake;
  readonly streamers: Streamers;
  readonly storage: Storage;
  readonly catalog: Catalog;

  private readonly components: BackendComponents;
  private readonly pending: PendingAppends;
  private readonly deletion: Deletion;
  private readonly census: Census;
  private readonly ticker: Ticker;

  constructor(settings: BackendSettings, components: BackendComponents) {
    const { storage, clock } = components;
    const now = (): number => clock.now();
    this.components = components;
    this.storage = storage;
    this.pending = createPendingAppends(storage);
    const { budget } = components;
    const shared = {
      storage,
      pending: this.pending,
      now,
      lastPosition: 0 as LogPosition,
      openLeases: 0,
      budget,
    };
    this.catalog = new Catalog(storage, shared);
    this.accessTokens = new AccessTokens({ catalog: this.catalog, random: systemRandom, now });
    this.locations = new Locations(this.catalog, settings.locations);
    this.quotas = new Quotas(settings.limits ?? {}, clock);
    this.usage = new Usage({
      catalog: this.catalog,
      clock,
      onBackgroundError: (error) => components.onBackgroundError(error),
    });
    this.basins = new Basins({
      catalog: this.catalog,
      now,
      locationOf: (requested) => this.locations.locationOf(requested),
      onDeleted: () => this.deletion.schedule(),
    });
    this.streams = new Streams({
      catalog: this.catalog,
      basins: this.basins,
      now,
      onReconfigured: (address, config) => this.streamers.reconfigure(address, config),
      onCreated: ({ basin }) => this.usage.streamMade(basin),
      onDeleted: (address) => {
        this.streamers.retire(address);
        this.deletion.schedule();
      },
    });
    this.streamers = new Streamers(shared, this.streams, (address) => this.noteEmptied(address));
    this.intake = new AppendIntake(settings.appendInflightBytes, clock, components.appendObserver);
    const upkeep = new UsageUpkeep(this.catalog, this.usage);
    const onError = (error: unknown): void => components.onBackgroundError(error);
    this.deletion = new Deletion({
      catalog: this.catalog,
      streamers: this.streamers,
      clock,
      usage: upkeep,
      onError,
    });
    this.census = new Census({
      catalog: this.catalog,
      usage: upkeep,
      now,
      onMarked: () => this.deletion.schedule(),
      onError,
    });
    this.ticker = createTicker(components, [
      () => this.streamers.sweep(),
      () =>
        visitDueStreams({
          catalog: this.catalog,
          streamers: this.streamers,
          now,
          onTrimmed: ({ basin, streamId }) => this.usage.resized(basin, streamId),
          deleteStream: (address) => this.streams.delete(address),
          onError,
        }),
      () => this.census.run(),
      () => this.deletion.run(),
      () => this.accessTokens.sweep(),
      () => upkeep.expire(),
      () => this.quotas.sweep(),
    ]);
  }

  /** Replies that wait for durability. */
  get pendingReplies(): number {
    return this.pending.length;
  }

  /** Undefined while the store is usable, else why it is not. */
  get unhealthy(): string | undefined {
    const { status } = this.storage;
    return status === "open" ? undefined : `storage is ${status}`;
  }

  /** Resolves when everything that the caller may have seen is durable; undefined when it is. */
  barrier(): Promise<void> | undefined {
    return this.catalog.barrier();
  }

  /** @throws {S2Error} when the stream is missing or going, or its key is missing */
  openAppend(
    request: StreamRequest,
    kind: "streaming" | "unary" = "streaming",
  ): AppendTarget | Promise<AppendTarget> {
    const streamer = this.streamers.open(request, "append", request.streamConfig);
    const inspect = appendInspection(request.access ?? ROOT_ACCESS);
    const usage = this.usage.appender({
      basin: request.basin,
      streamId: streamer.streamId,
      storageClass: () => streamer.resolvedConfig.storageClass,
    });
    const { tokenId } = request.access ?? ROOT_ACCESS;
    const pace = this.quotas.appendPace(streamer.streamId, tokenId, kind === "streaming");
    const plain: AppendTarget = { streamer, encrypt: undefined, inspect, pace, usage };
    if (streamer.cipher === undefined) return plain;
    return this.openEncryption(request, streamer, streamer.cipher).then((encryption) => ({
      ...plain,
      // Sealing and sequencing are one turn, so the accepted tail is where the batch will stand.
      encrypt: (batch) => encryption.encrypt(batch, streamer.tail.seqNum),
    }));
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
    const { storage, clock, random, budget } = this.components;
    const streamer = this.streamers.open(request, "read", request.streamConfig);
    const { cipher } = streamer;
    const encryption =
      cipher === undefined ? undefined : await this.openEncryption(request, streamer, cipher);
    const plan = await planRead(storage, streamer, query);
    const decrypt = encryption && ((stored: StoredBatch) => encryption.decrypt(stored));
    const { tokenId } = request.access ?? ROOT_ACCESS;
    const leave = this.quotas.enterReader(streamer.streamId, tokenId);
    const usage = this.usage.reader(request.basin, kind === "streaming");
    const context = { storage, clock, random, decrypt, usage, budget, expansion };
    const reader = createReader(context, streamer, plan);
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
    return answerMetrics(this.catalog, this.usage, target, query);
  }

  /** The stable tail: at least every acknowledged append, never an unacknowledged one. */
  checkTail(request: StreamRequest): StreamPosition {
    return this.streamers.open(request, "read", request.streamConfig).stableTail;
  }

  /**
   * Ends background work; pending replies fail now, unless they are durable. Nothing may be asked of the
   * backend any more.
   *
   * @returns resolves when what was counted is written, as far as the store takes it; never rejects
   */
  close(): Promise<void> {
    this.ticker.close();
    this.deletion.close();
    this.census.close();
    // Who gets no reply is not counted: the next process compares with the storage.
    const isAnswered = this.pending.length === 0;
    this.pending.close();
    return this.usage.close().then(() => {
      if (isAnswered && this.usage.hasSizes) this.census.confirm();
    });
  }

  private noteEmptied(address: StreamAddress): void {
    try {
      this.streams.emptied(address);
    } catch (error) {
      // The append stands; the background looks at the stream later.
      this.components.onBackgroundError(error);
    }
  }
}

/** A reader that tells when it is closed. Whoever opens a reader closes it, also at its end. */
function leaving(reader: Reader, leave: () => void): Reader {
  return {
    next: () => reader.next(),
    rest: () => reader.rest(),
    nudge: () => reader.nudge(),
    close() {
      reader.close();
      leave();
    },
  };
}

/** The failure that every request of a draining server gets. */
export function serverDraining(): S2Error {
  return new S2Error({ code: "server_draining", message: "server is draining: reconnect" });
}
