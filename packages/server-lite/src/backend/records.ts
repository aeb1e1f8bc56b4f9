// What is done to the records of a stream: finds the shard that has it, opens its one writer, and
// puts together who appends or reads, with the key, the pace and the counts of the request.

import {
  type Clock,
  type Random,
  type ReadQuery,
  type StreamPosition,
  systemRandom,
} from "@s2kit/core";
import type { StreamCipher } from "@s2kit/core/control";
import type { AppendBatch } from "@s2kit/core/server";
import type { MemoryBudget } from "../memory/memory-budget.js";
import type { StoredBatch } from "../storage/storage.js";
import { ROOT_ACCESS } from "./access/access.js";
import { appendInspection } from "./access/authorize.js";
import type { Quotas } from "./access/quotas.js";
import type { AppendTarget } from "./append/append-intake.js";
import type { Streamer } from "./append/streamer.js";
import { openStreamEncryption, type StreamEncryption } from "./encryption/stream-encryption.js";
import { leaving } from "./read/leaving-reader.js";
import { planRead } from "./read/read-plan.js";
import type { Reader } from "./read/reader.js";
import { createReader } from "./read/stream-reader.js";
import type { Shard } from "./shard.js";
import type { Shards } from "./shards/shards.js";
import type { ReadStyle, StreamRequest } from "./stream-request.js";

export interface RecordsComponents {
  readonly shards: Shards;
  readonly quotas: Quotas;
  readonly clock: Clock;
  readonly random: Random;
  readonly budget?: MemoryBudget | undefined;
}

export class Records {
  private readonly components: RecordsComponents;
  private readonly shards: Shards;
  private readonly quotas: Quotas;

  constructor(components: RecordsComponents) {
    this.components = components;
    this.shards = components.shards;
    this.quotas = components.quotas;
  }

  /** @throws {S2Error} when the stream is missing or going, or its key is missing */
  openAppend(
    request: StreamRequest,
    kind: "streaming" | "unary" = "streaming",
  ): AppendTarget | Promise<AppendTarget> {
    const { streamers, usage: counted } = this.shards.of(request);
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
   * @throws {S2Error} 416 and everything that {@link Records.openAppend} throws
   */
  async openRead(
    request: StreamRequest,
    query: ReadQuery,
    { kind = "streaming", expansion = 1 }: ReadStyle = {},
  ): Promise<Reader> {
    const shard = this.shards.of(request);
    const streamer = shard.streamers.open(request, "read", request.streamConfig);
    // Were it forgotten while storage looks, the reader would follow one that nobody writes to.
    const lease = streamer.lease();
    try {
      return await this.openReader({ shard, streamer }, request, query, { kind, expansion });
    } finally {
      lease[Symbol.dispose]();
    }
  }

  private async openReader(
    { shard, streamer }: { readonly shard: Shard; readonly streamer: Streamer },
    request: StreamRequest,
    query: ReadQuery,
    { kind, expansion }: Required<ReadStyle>,
  ): Promise<Reader> {
    const { clock, random, budget } = this.components;
    const { storage, usage: counted } = shard;
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

  /** The stable tail: at least every acknowledged append, never an unacknowledged one. */
  checkTail(request: StreamRequest): StreamPosition {
    const { streamers } = this.shards.of(request);
    return streamers.open(request, "read", request.streamConfig).stableTail;
  }
}
