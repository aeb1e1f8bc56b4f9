// Gathers commits into groups. Knows where each group will lie in the log, so that rows and cached
// bytes have their final address from the start: payloads go straight into a slab, rows into the
// index of the segment. Seals a group when it is to be written, or when the next commit does not
// fit. Pure but for memory: no file, no time.

import { crc32 } from "node:zlib";
import { assert } from "@s2kit/core";
import { type AppendBatch, maxTranscodedBytes, transcodeBatch } from "@s2kit/core/server";
import { checksumOf } from "./checksum.js";
import { alignUp, GROUP_HEADER_BYTES, SECTOR_BYTES, writeGroupHeader } from "./group.js";
import type { LogCursor } from "./log-cursor.js";
import { ROW_BYTES, WORD_CHECKSUM, WORD_LENGTH, WORD_OFFSET } from "./row.js";
import { SegmentRows } from "./segment-rows.js";
import { createSlab, type Slab, slabBytesFor, type TailCache } from "./tail-cache.js";

/** A group ready to be written. */
export interface SealedGroup {
  readonly generation: number;
  readonly sequence: number;
  /** Where it goes in the segment file, and its bytes: whole sectors. */
  readonly fileOffset: number;
  readonly bytes: Uint8Array;
  /** Without the padding at the end. */
  readonly length: number;
  /** Log position that is durable when the group is. */
  readonly lastPosition: number;
  readonly commits: number;
  readonly segmentRows: SegmentRows;
  /** Rows of the segment up to and with this group. */
  readonly endRow: number;
}

export interface GroupBuilderOptions {
  readonly storeKey: number;
  readonly ownerEpoch: number;
  readonly segmentBytes: number;
  readonly slabBytes: number;
  readonly cache: TailCache;
  /** Where the log ends: the next group goes here. */
  readonly generation: number;
  readonly fileOffset: number;
  readonly sequence: number;
  readonly position: number;
  /** Index of the segment at `generation`. */
  readonly segmentRows: SegmentRows;
  /** Called when the log moves to the next segment, before anything is placed there. */
  readonly onSegment: (rows: SegmentRows) => void;
  /** Called with each group that closes because the next commit does not fit. */
  readonly onSealed: (group: SealedGroup) => void;
}

export class GroupBuilder {
  /** Commits placed so far, sealed or not. */
  position: number;
  private readonly options: GroupBuilderOptions;
  private rows: SegmentRows;
  private slab: Slab | undefined;
  private sequence: number;
  /** File offset of the open group's header. */
  private groupStart: number;
  private payloadEnd: number;
  private firstRow: number;
  private commits = 0;
  private hasGroup = false;
  private readonly starts = new Map<number, LogCursor>();

  constructor(options: GroupBuilderOptions) {
    this.options = options;
    this.rows = options.segmentRows;
    this.position = options.position;
    this.sequence = options.sequence;
    this.groupStart = options.fileOffset;
    this.payloadEnd = this.groupStart + GROUP_HEADER_BYTES;
    this.firstRow = this.rows.count;
  }

  get hasCommits(): boolean {
    return this.hasGroup;
  }

  /** Bytes of the open group so far. */
  get openBytes(): number {
    return this.hasGroup ? this.payloadEnd - this.groupStart : 0;
  }

  /** Bytes left in the segment that the next group goes to. */
  get segmentRoomBytes(): number {
    return (
      this.options.segmentBytes - this.payloadEnd - (this.rows.count - this.firstRow) * ROW_BYTES
    );
  }

  get segmentRows(): SegmentRows {
    return this.rows;
  }

  get generation(): number {
    return this.rows.generation;
  }

  /** Where the next group begins. */
  get cursor(): LogCursor {
    return {
      generation: this.rows.generation,
      offset: this.groupStart,
      sequence: this.sequence,
      position: this.position - this.commits + 1,
      ownerEpoch: this.options.ownerEpoch,
    };
  }

  /** Where a segment of this log begins; kept until {@link GroupBuilder.forgetBefore}. */
  startOf(generation: number): LogCursor | undefined {
    return this.starts.get(generation);
  }

  /** The largest commit, in payload bytes, that a segment can hold with this many rows. */
  static maxPayloadBytes(segmentBytes: number, rows: number): number {
    return segmentBytes - GROUP_HEADER_BYTES - ROW_BYTES - rows * ROW_BYTES - SECTOR_BYTES;
  }

  /** Remembers where a segment begins; those before the oldest in use are forgotten. */
  noteStart(start: LogCursor): void {
    this.starts.set(start.generation, start);
  }

  forgetBefore(generation: number): void {
    for (const known of this.starts.keys()) if (known < generation) this.starts.delete(known);
  }

  /** Opens the next commit; what it places stays in one group. */
  beginCommit(payloadBytes: number, rows: number): void {
    const needed = payloadBytes + (rows + 1) * ROW_BYTES;
    if (this.hasGroup && !this.fits(needed)) {
      const group = this.seal();
      assert(group !== undefined, "an open group seals");
      this.options.onSealed(group);
    }
    if (!this.hasGroup) this.openGroup(needed);
    this.commits++;
    this.position++;
  }

  /** Places the stored form of a batch; answers its row, whose other words the caller fills. */
  placeBatch(batch: AppendBatch, firstSeqNum: number): number {
    const slab = this.slab as Slab;
    const start = this.payloadEnd - slab.fileStart;
    const end = transcodeBatch(batch, firstSeqNum, slab.bytes, start);
    return this.placed(start, end);
  }

  /** Places payload bytes: one or two pieces in a row. */
  placeBytes(first: Uint8Array, second?: Uint8Array): number {
    const slab = this.slab as Slab;
    const start = this.payloadEnd - slab.fileStart;
    slab.bytes.set(first, start);
    let end = start + first.length;
    if (second !== undefined) {
      slab.bytes.set(second, end);
      end += second.length;
    }
    return this.placed(start, end);
  }

  /** The payload of a row that was just placed. */
  payloadOf(row: number): Uint8Array {
    const slab = this.slab as Slab;
    const words = this.rows.wordsOf(row);
    const base = this.rows.baseOf(row);
    const start = (words[base + WORD_OFFSET] as number) - slab.fileStart;
    return slab.bytes.subarray(start, start + (words[base + WORD_LENGTH] as number));
  }

  /** Closes the open group, if there is one. */
  seal(): SealedGroup | undefined {
    if (!this.hasGroup) return undefined;
    const { options, slab, rows } = this;
    assert(slab !== undefined, "an open group has a slab");
    const start = this.groupStart - slab.fileStart;
    const payloadEnd = this.payloadEnd - slab.fileStart;
    const rowsAt = alignUp(payloadEnd, ROW_BYTES);
    const rowCount = rows.count - this.firstRow;
    const length = rowsAt + rowCount * ROW_BYTES - start;
    const end = start + alignUp(length, SECTOR_BYTES);
    slab.bytes.fill(0, payloadEnd, rowsAt);
    rows.copyTo(slab.words, rowsAt >> 2, this.firstRow, rows.count);
    slab.bytes.fill(0, start + length, end);
    const bytes = slab.bytes.subarray(start, end);
    const lastPosition = this.position;
    writeGroupHeader(
      bytes,
      {
        generation: rows.generation,
        sequence: this.sequence,
        position: lastPosition - this.commits + 1,
        ownerEpoch: options.ownerEpoch,
        length,
        commits: this.commits,
        rows: rowCount,
        rowsChecksum: crc32(slab.bytes.subarray(rowsAt, rowsAt + rowCount * ROW_BYTES)),
      },
      options.storeKey,
    );
    const group: SealedGroup = {
      generation: rows.generation,
      sequence: this.sequence++,
      fileOffset: this.groupStart,
      bytes,
      length,
      lastPosition,
      commits: this.commits,
      segmentRows: rows,
      endRow: rows.count,
    };
    this.hasGroup = false;
    this.commits = 0;
    this.startAt(this.groupStart + bytes.length);
    return group;
  }

  /** A group without commits: says that all before it is durable, and who owns the log. */
  sealEmpty(): SealedGroup {
    assert(!this.hasGroup, "an empty group needs no open one");
    this.openGroup(0);
    return this.seal() as SealedGroup;
  }

  /**
   * Goes on in the next segment, however much room is left: what is in this one is all there is.
   */
  beginSegment(): void {
    assert(!this.hasGroup, "a segment ends behind a group");
    this.rows = new SegmentRows(this.rows.generation + 1);
    this.slab = undefined;
    this.startAt(0);
    this.noteStart(this.cursor);
    this.options.onSegment(this.rows);
  }

  private placed(start: number, end: number): number {
    const { rows } = this;
    const slab = this.slab as Slab;
    this.payloadEnd = slab.fileStart + end;
    const row = rows.push();
    const words = rows.wordsOf(row);
    const base = rows.baseOf(row);
    words[base + WORD_OFFSET] = slab.fileStart + start;
    words[base + WORD_LENGTH] = end - start;
    words[base + WORD_CHECKSUM] = checksumOf(slab.bytes, start, end);
    return row;
  }

  private fits(needed: number): boolean {
    const slab = this.slab as Slab;
    const rowBytes = (this.rows.count - this.firstRow) * ROW_BYTES;
    const end = alignUp(this.payloadEnd + needed + rowBytes, SECTOR_BYTES);
    return end <= slab.fileStart + slab.bytes.length && end <= this.options.segmentBytes;
  }

  private openGroup(needed: number): void {
    const { options } = this;
    const groupBytes = alignUp(GROUP_HEADER_BYTES + needed, SECTOR_BYTES);
    if (this.groupStart + groupBytes > options.segmentBytes) {
      assert(groupBytes <= options.segmentBytes, "a commit fits into a segment");
      this.beginSegment();
    }
    const slab = this.slab;
    if (slab === undefined || this.groupStart + groupBytes > slab.fileStart + slab.bytes.length) {
      const bytes = slabBytesFor(groupBytes, options.slabBytes);
      const room = options.segmentBytes - this.groupStart;
      this.slab = createSlab(this.rows.generation, this.groupStart, Math.min(bytes, room));
      options.cache.add(this.slab);
    }
    this.hasGroup = true;
  }

  private startAt(fileOffset: number): void {
    this.groupStart = fileOffset;
    this.payloadEnd = fileOffset + GROUP_HEADER_BYTES;
    this.firstRow = this.rows.count;
  }
}

/** Payload room that a batch may need. */
export function batchRoomBytes(batch: AppendBatch): number {
  return maxTranscodedBytes(batch);
}
