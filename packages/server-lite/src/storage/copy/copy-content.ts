// Copies what a store holds into another one, over the waist: each batch as it is stored, under its
// number, with its times; then the metadata, byte for byte. What the target has already is left, so
// a copy that was cut short goes on. Nothing is interpreted: what the rules above mean by a row, or
// by a sealed record, they find again.

import { assert } from "@s2kit/core";
import { AppendBatch, scanStoredBatch } from "@s2kit/core/server";
import { storageError } from "../durability.js";
import type {
  CreateStreamMutation,
  Mutation,
  StoredBatch,
  StreamId,
  StreamState,
} from "../storage.js";
import { type CopiedStore, type CopyProgress, walkMetadata, walkStream } from "./copied-store.js";
import type { TargetWriter } from "./target-writer.js";

/** Metadata of one commit, in entries and in bytes. */
const MAX_ENTRIES = 500;
const MAX_ENTRY_BYTES = 1024 * 1024;

export class ContentCopy {
  private readonly source: CopiedStore;
  private readonly writer: TargetWriter;
  private readonly onProgress: (progress: CopyProgress) => void;
  private readonly batch = new AppendBatch();
  private streams = 0;
  private records = 0;
  private bytes = 0;

  constructor(
    source: CopiedStore,
    writer: TargetWriter,
    onProgress: (progress: CopyProgress) => void,
  ) {
    this.source = source;
    this.writer = writer;
    this.onProgress = onProgress;
  }

  /** Records that were copied now, not by an earlier run. */
  get copiedRecords(): number {
    return this.records;
  }

  /** @throws {S2Error} `storage` when one of the stores is damaged or fails; `ABORTED` */
  async run(): Promise<void> {
    for (const [streamId, state] of this.source.allStreams()) {
      await this.stream(streamId, state);
      this.streams++;
      this.tell();
    }
    await this.metadata();
    await this.writer.drain();
  }

  private async stream(streamId: StreamId, state: StreamState): Promise<void> {
    const { seqNum: tail } = state.tail;
    const found = this.writer.store.streamState(streamId);
    if (found !== undefined && found.tail.seqNum > tail)
      throw storageError(
        `the copy has records that its source does not have: remove it, and begin anew stream=${streamId}`,
      );
    const from = Math.max(found?.tail.seqNum ?? 0, state.trimPoint);
    let isMade = found !== undefined;
    await walkStream(this.source, streamId, { from, to: tail }, async (batch) => {
      const mutations = this.mutationsOf(streamId, state, batch, isMade);
      isMade = true;
      await this.writer.commit(mutations, batch.bytes.length);
      this.records += batch.count;
      this.bytes += batch.bytes.length;
      this.tell();
    });
    if (!isMade) await this.writer.commit([createOf(streamId, state, state.tail)], 0);
  }

  private mutationsOf(
    streamId: StreamId,
    state: StreamState,
    stored: StoredBatch,
    isMade: boolean,
  ): readonly Mutation[] {
    const { bytes, firstSeqNum, firstTimestamp, meteredBytes, writtenMs } = stored;
    const batch = scanStoredBatch(bytes, meteredBytes, this.batch);
    assert(batch.count === stored.count, "a stored batch has as many records as it says");
    // A batch is stored whole, whatever of it is trimmed.
    const isCut = state.trimPoint > firstSeqNum;
    const append: Mutation = {
      kind: "append",
      streamId,
      batch,
      firstSeqNum,
      writtenMs,
      ...(isCut ? { trimPoint: state.trimPoint } : {}),
    };
    if (isMade) return [append];
    const first = { seqNum: firstSeqNum, timestamp: firstTimestamp };
    return [createOf(streamId, state, first), append];
  }

  private async metadata(): Promise<void> {
    const { store } = this.writer;
    let puts: Mutation[] = [];
    let bytes = 0;
    const flush = async (): Promise<void> => {
      if (puts.length > 0) await this.writer.commit(puts, bytes);
      puts = [];
      bytes = 0;
    };
    for (const { key, value } of walkMetadata(this.source)) {
      const found = store.getMeta(key);
      if (found !== undefined && Buffer.compare(found, value) === 0) continue;
      puts.push({ kind: "put", key, value });
      bytes += key.length + value.length;
      if (puts.length >= MAX_ENTRIES || bytes >= MAX_ENTRY_BYTES) await flush();
    }
    await flush();
  }

  private tell(): void {
    const { streams, records, bytes } = this;
    this.onProgress({ phase: "copy", streams, records, bytes });
  }
}

/** The stream as it is before its first batch; as it is, when it has none. */
function createOf(
  streamId: StreamId,
  { fencingToken, lastWriteMs }: StreamState,
  tail: StreamState["tail"],
): CreateStreamMutation {
  const start = { tail, fencingToken };
  return { kind: "create-stream", streamId, writtenMs: lastWriteMs, start };
}
