// Writes a data file: fed batch by batch, bounded in memory, extent after extent; header, footer
// and trailer at the end. What the bytes are is in `data-file`. Called by the background of the
// engine.

import { crc32 } from "node:zlib";
import { assert } from "@s2kit/core";
import { type Extent, TARGET_EXTENT_BYTES } from "../../log/extent.js";
import { SECTOR_BYTES } from "../../log/group.js";
import type { Pacing } from "../../log/pacing.js";
import {
  countOf,
  getPair,
  ROW_BYTES,
  ROW_WORDS,
  WORD_FIRST_TIMESTAMP,
  WORD_LAST_TIMESTAMP,
  WORD_OFFSET,
  WORD_PROVEN,
  WORD_SEQ_NUM,
  WORD_WRITTEN,
} from "../../log/row.js";
import type { DiskFile } from "../medium/disk.js";
import { encodeFooter, encodeHeader } from "./data-file.js";

const MAX_EXTENT_ROWS = 4096;
const FIRST_DRAFT_ROWS = 64;
const FLUSH_BYTES = 2 * 1024 * 1024;

assert(FIRST_DRAFT_ROWS <= MAX_EXTENT_ROWS, "the rows of an extent fit into its largest draft");

/** Batches of one stream that will be an extent. */
interface Draft {
  streamId: number;
  endSeqNum: number;
  words: Uint32Array<ArrayBuffer>;
  rows: number;
  payloads: Uint8Array[];
  payloadBytes: number;
}

export class DataFileWriter {
  readonly extents: Extent[] = [];
  private readonly pacing: Pacing;
  private readonly file: DiskFile;
  private readonly fileId: number;
  private fileEnd = SECTOR_BYTES;
  private readonly draft: Draft = {
    streamId: 0,
    endSeqNum: 0,
    words: new Uint32Array(FIRST_DRAFT_ROWS * ROW_WORDS),
    rows: 0,
    payloads: [],
    payloadBytes: 0,
  };
  /** Closed extents that are not written yet. */
  private pending: Uint8Array[] = [];
  private pendingBytes = 0;
  private staging = new Uint8Array(0);

  constructor(file: DiskFile, fileId: number, pacing: Pacing) {
    this.pacing = pacing;
    this.file = file;
    this.fileId = fileId;
  }

  /** Bytes of the extents that were written so far. */
  get bytes(): number {
    return this.fileEnd - SECTOR_BYTES + this.pendingBytes;
  }

  /**
   * Adds a batch; streams in ascending order, batches in seqNum order.
   *
   * @param payload - proven by the caller; borrowed until the next {@link DataFileWriter.flush}
   * @returns true when enough has gathered for a flush
   */
  add(streamId: number, words: Uint32Array, base: number, payload: Uint8Array): boolean {
    const { draft } = this;
    const isFull =
      draft.rows === MAX_EXTENT_ROWS ||
      draft.payloadBytes + payload.length + draft.rows * ROW_BYTES > TARGET_EXTENT_BYTES;
    // Merged files need not be neighbours: another one may hold what lies between two batches.
    const seqNum = getPair(words, base + WORD_SEQ_NUM);
    const follows = draft.streamId === streamId && draft.endSeqNum === seqNum;
    if (draft.rows > 0 && (!follows || isFull)) this.closeExtent();
    draft.streamId = streamId;
    draft.endSeqNum = seqNum + countOf(words, base);
    const at = draft.rows * ROW_WORDS;
    if (at === draft.words.length) draft.words = doubled(draft.words);
    // Word by word: a view for 64 bytes costs more than they do.
    for (let word = 0; word < ROW_WORDS; word++)
      draft.words[at + word] = words[base + word] as number;
    draft.words[at + WORD_OFFSET] = draft.payloadBytes;
    draft.words[at + WORD_PROVEN] = 0;
    draft.payloads.push(payload);
    draft.payloadBytes += payload.length;
    draft.rows++;
    return this.pendingBytes >= FLUSH_BYTES;
  }

  /** Writes what has gathered; payloads given so far are no longer needed. */
  async flush(): Promise<void> {
    if (this.draft.rows > 0) this.closeExtent();
    const { pending, pendingBytes } = this;
    if (pendingBytes === 0) return;
    this.pending = [];
    this.pendingBytes = 0;
    const startMs = this.pacing.now();
    await this.file.write(this.staged(pending, pendingBytes), this.fileEnd);
    this.fileEnd += pendingBytes;
    // Synced bit by bit: a large sync at the end would stall the log's writes behind it.
    await this.file.sync();
    await this.pacing.pace(this.pacing.now() - startMs);
  }

  /** Writes footer and trailer and syncs the file; its name is the caller's. */
  async finish(): Promise<void> {
    await this.flush();
    await this.file.write(encodeFooter(this.extents, this.fileId, this.fileEnd), this.fileEnd);
    await this.file.write(encodeHeader(this.fileId), 0);
    await this.file.sync();
  }

  /**
   * The pieces side by side, in a buffer that is used again: fresh memory costs more than copying.
   */
  private staged(pieces: readonly Uint8Array[], length: number): Uint8Array {
    if (this.staging.length < length) this.staging = new Uint8Array(length + (length >> 1));
    let at = 0;
    for (const piece of pieces) {
      this.staging.set(piece, at);
      at += piece.length;
    }
    return this.staging.subarray(0, length);
  }

  private closeExtent(): void {
    const { draft } = this;
    const rowsBytes = draft.rows * ROW_BYTES;
    const { words } = draft;
    let oldest = Number.POSITIVE_INFINITY;
    let newest = 0;
    for (let row = 0; row < draft.rows; row++) {
      const base = row * ROW_WORDS;
      words[base + WORD_OFFSET] = (words[base + WORD_OFFSET] as number) + rowsBytes;
      const writtenMs = getPair(words, base + WORD_WRITTEN);
      oldest = Math.min(oldest, writtenMs);
      newest = Math.max(newest, writtenMs);
    }
    const last = (draft.rows - 1) * ROW_WORDS;
    const rowBytes = new Uint8Array(rowsBytes);
    rowBytes.set(new Uint8Array(words.buffer, 0, rowsBytes));
    const length = rowsBytes + draft.payloadBytes;
    this.extents.push({
      streamId: draft.streamId,
      firstSeqNum: getPair(words, WORD_SEQ_NUM),
      endSeqNum: getPair(words, last + WORD_SEQ_NUM) + countOf(words, last),
      firstTimestamp: getPair(words, WORD_FIRST_TIMESTAMP),
      lastTimestamp: getPair(words, last + WORD_LAST_TIMESTAMP),
      oldestWrittenMs: oldest,
      newestWrittenMs: newest,
      fileId: this.fileId,
      offset: this.fileEnd + this.pendingBytes,
      length,
      checksum: crc32(rowBytes),
      rows: draft.rows,
    });
    this.pending.push(rowBytes, ...draft.payloads);
    this.pendingBytes += length;
    draft.rows = 0;
    draft.payloadBytes = 0;
    draft.payloads = [];
  }
}

function doubled(words: Uint32Array): Uint32Array<ArrayBuffer> {
  const grown = new Uint32Array(words.length * 2);
  grown.set(words);
  return grown;
}
