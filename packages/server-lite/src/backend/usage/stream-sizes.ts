// Which streams changed in size since their rows were last written, and by how much. What a session
// was told about its appends is enough when it follows on from the row without a gap; otherwise
// (the process died before it wrote, or a reply was lost) the size is counted from the storage.

import type { AppendAck } from "@s2kit/core";
import { giveBackRuns } from "../../lending/lent-buffers.js";
import type { Storage, StreamId } from "../../storage/storage.js";
import { turn } from "../../waiting/turn.js";

/** What the appends to a stream came to, or that something else changed. */
export interface SizeChange {
  readonly basin: string;
  /** Where the counted appends begin; undefined when there are none. */
  fromSeqNum: number | undefined;
  endSeqNum: number;
  meteredBytes: number;
  /** False when appends in between were not told. */
  isWhole: boolean;
}

/** How far a row has counted: everything below the seqNum came to so many bytes. */
export interface Counted {
  readonly seqNum: number;
  readonly appended: number;
}

const READ_BYTES = 1024 * 1024;

export class StreamSizes {
  readonly changes: Map<StreamId, SizeChange> = new Map();
  /** Streams to be counted from the storage, with their basins. */
  readonly unknown: Map<StreamId, string> = new Map();

  appended(basin: string, streamId: StreamId, ack: AppendAck, meteredBytes: number): void {
    const { start, end } = ack;
    const change = this.changes.get(streamId);
    if (change === undefined)
      this.changes.set(streamId, {
        basin,
        fromSeqNum: start.seqNum,
        endSeqNum: end.seqNum,
        meteredBytes,
        isWhole: true,
      });
    else {
      if (change.fromSeqNum === undefined) change.fromSeqNum = start.seqNum;
      else if (change.endSeqNum !== start.seqNum) change.isWhole = false;
      change.endSeqNum = end.seqNum;
      change.meteredBytes += meteredBytes;
    }
  }

  /** Something other than an append changed the size. */
  touched(basin: string, streamId: StreamId): void {
    if (this.changes.has(streamId)) return;
    const nothing = { fromSeqNum: undefined, endSeqNum: 0, meteredBytes: 0, isWhole: true };
    this.changes.set(streamId, { basin, ...nothing });
  }

  /** The row after a change; undefined when it does not follow on from the row. */
  advance(streamId: StreamId, change: SizeChange, row: Counted): Counted | undefined {
    if (this.unknown.has(streamId)) return undefined;
    if (change.fromSeqNum === undefined) return row;
    if (!change.isWhole || change.fromSeqNum !== row.seqNum) return undefined;
    return { seqNum: change.endSeqNum, appended: row.appended + change.meteredBytes };
  }

  /**
   * Counts on from a row over what the storage has, to the end of it. Bytes of records that were
   * trimmed before are taken to be like those behind them: what is left of the stream is exact.
   *
   * @returns undefined when the stream went, or `isStopped` said so
   */
  async count(
    storage: Storage,
    streamId: StreamId,
    row: Counted,
    isStopped: () => boolean,
  ): Promise<Counted | undefined> {
    let { seqNum } = row;
    let first = seqNum;
    let bytes = 0;
    const limits = { maxBytes: READ_BYTES, endSeqNum: Number.MAX_SAFE_INTEGER };
    for (;;) {
      const batches = await storage.read(streamId, seqNum, limits);
      // What is looked at are numbers.
      giveBackRuns(batches);
      const state = storage.streamState(streamId);
      if (isStopped() || state === undefined) return undefined;
      for (const batch of batches) {
        if (batch.firstSeqNum > seqNum) [first, bytes] = [batch.firstSeqNum, 0];
        seqNum = batch.firstSeqNum + batch.count;
        bytes += batch.meteredBytes;
      }
      if (batches.length === 0) {
        // All of it was trimmed: there is nothing to count, and nothing left.
        if (state.trimPoint > seqNum)
          [first, seqNum, bytes] = [state.trimPoint, state.trimPoint, 0];
        break;
      }
      const told = this.changes.get(streamId)?.endSeqNum ?? 0;
      if (seqNum === told || (seqNum === state.tail.seqNum && told < seqNum)) break;
      await turn();
    }
    const share = seqNum > first ? (seqNum - row.seqNum) / (seqNum - first) : 1;
    return { seqNum, appended: row.appended + Math.round(bytes * share) };
  }
}
