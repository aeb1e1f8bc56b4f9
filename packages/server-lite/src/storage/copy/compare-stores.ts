// The proof of a copy: walks two stores side by side, from what is on their media, and compares
// every state, every batch by its bytes and its times, and every entry of the metadata. Knows
// nothing of how the copy was made.

import { createHash, type Hash } from "node:crypto";
import type { StoredBatch, StreamId, StreamState } from "../storage.js";
import { type CopiedStore, type CopyProgress, walkMetadata, walkStream } from "./copied-store.js";
import { requireGoing } from "./target-writer.js";

/** What two stores have in common, or not. */
export interface StoreComparison {
  /** What differs, in words; empty when they are the same. At most {@link MAX_LISTED}. */
  readonly differences: readonly string[];
  readonly differenceCount: number;
  readonly streams: number;
  readonly records: number;
  /** Of the records, as they are stored. */
  readonly bytes: number;
  readonly metadataEntries: number;
}

/** More than this are counted, not listed. */
const MAX_LISTED = 20;

export interface CompareComponents {
  readonly signal?: AbortSignal | undefined;
  /** The first difference is enough. Default: false */
  readonly stopsEarly?: boolean;
  readonly onProgress: (progress: CopyProgress) => void;
}

/** @throws {S2Error} `storage` when one of them cannot be read; `ABORTED` */
export function compareStores(
  source: CopiedStore,
  copy: CopiedStore,
  components: CompareComponents,
): Promise<StoreComparison> {
  return new Comparison(source, copy, components).run();
}

class Comparison {
  private readonly source: CopiedStore;
  private readonly copy: CopiedStore;
  private readonly components: CompareComponents;
  private readonly differences: string[] = [];
  private readonly counts = {
    differenceCount: 0,
    streams: 0,
    records: 0,
    bytes: 0,
    metadataEntries: 0,
  };

  constructor(source: CopiedStore, copy: CopiedStore, components: CompareComponents) {
    this.source = source;
    this.copy = copy;
    this.components = components;
  }

  async run(): Promise<StoreComparison> {
    for (const [streamId, state] of this.source.allStreams()) {
      await this.stream(streamId, state);
      if (this.isOver) return this.result();
      this.counts.streams++;
      this.tell();
    }
    for (const [streamId] of this.copy.allStreams())
      if (this.source.streamState(streamId) === undefined)
        this.differ(`stream=${streamId} is in the copy alone`);
    this.metadata();
    return this.result();
  }

  private get isOver(): boolean {
    return this.components.stopsEarly === true && this.counts.differenceCount > 0;
  }

  private result(): StoreComparison {
    return { differences: this.differences, ...this.counts };
  }

  private async stream(streamId: StreamId, state: StreamState): Promise<void> {
    const found = this.copy.streamState(streamId);
    if (found === undefined) return this.differ(`stream=${streamId} is missing`);
    const [wanted, has] = [stateText(state), stateText(found)];
    if (wanted !== has)
      return this.differ(`stream=${streamId} has another state wanted=${wanted} found=${has}`);
    const [ours, theirs] = [
      await this.checksum(this.source, streamId, state, true),
      await this.checksum(this.copy, streamId, state, false),
    ];
    if (ours !== theirs)
      this.differ(`stream=${streamId} has other records wanted=${ours} found=${theirs}`);
  }

  /** Over every batch from the trim point to the tail. */
  private async checksum(
    store: CopiedStore,
    streamId: StreamId,
    { trimPoint, tail }: StreamState,
    counts: boolean,
  ): Promise<string> {
    const hash = createHash("sha256");
    await walkStream(store, streamId, { from: trimPoint, to: tail.seqNum }, (batch) => {
      requireGoing(this.components.signal);
      addBatch(hash, batch);
      if (!counts) return;
      this.counts.records +=
        batch.firstSeqNum + batch.count - Math.max(batch.firstSeqNum, trimPoint);
      this.counts.bytes += batch.bytes.length;
      this.tell();
    });
    return hash.digest("hex");
  }

  /** Both are in order, so one that is missing shows where it should be. */
  private metadata(): void {
    const copies = walkMetadata(this.copy);
    let copy = copies.next();
    for (const { key, value } of walkMetadata(this.source)) {
      this.counts.metadataEntries++;
      for (; copy.done !== true && Buffer.compare(copy.value.key, key) < 0; copy = copies.next())
        this.differ(`metadata key=${keyText(copy.value.key)} is in the copy alone`);
      if (copy.done === true || Buffer.compare(copy.value.key, key) !== 0) {
        this.differ(`metadata key=${keyText(key)} is missing`);
        continue;
      }
      if (Buffer.compare(copy.value.value, value) !== 0)
        this.differ(`metadata key=${keyText(key)} has another value`);
      copy = copies.next();
    }
    for (; copy.done !== true; copy = copies.next())
      this.differ(`metadata key=${keyText(copy.value.key)} is in the copy alone`);
  }

  private differ(what: string): void {
    this.counts.differenceCount++;
    if (this.differences.length < MAX_LISTED) this.differences.push(what);
  }

  private tell(): void {
    const { streams, records, bytes } = this.counts;
    this.components.onProgress({ phase: "verify", streams, records, bytes });
  }
}

function addBatch(hash: Hash, batch: StoredBatch): void {
  const { firstSeqNum, count, meteredBytes, firstTimestamp, lastTimestamp, writtenMs } = batch;
  const facts = [firstSeqNum, count, meteredBytes, firstTimestamp, lastTimestamp, writtenMs];
  hash.update(`${facts.join(" ")} ${batch.bytes.length}\n`);
  hash.update(batch.bytes);
}

/** Without the fencing token itself: it lets its holder write. */
function stateText({ tail, trimPoint, fencingToken, lastWriteMs }: StreamState): string {
  const token = createHash("sha256").update(fencingToken).digest("hex").slice(0, 8);
  return `tail:${tail.seqNum},${tail.timestamp} trimPoint:${trimPoint} written:${lastWriteMs} token:${token}`;
}

/** Keys are names; what is no text of theirs is shown as hex. */
function keyText(key: Uint8Array): string {
  const text = Buffer.from(key).toString("utf8");
  return /^[!-~]+$/.test(text) ? text : Buffer.from(key).toString("hex");
}
