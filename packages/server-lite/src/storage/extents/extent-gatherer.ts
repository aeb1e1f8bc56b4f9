// Gathers batches into extents, stream by stream, for whoever writes a data file: bounded in
// memory, extent after extent. Where the file lies, and when what has gathered leaves for it, is
// known by its writer. Pure but for memory.

import { crc32 } from "node:zlib";
import { assert } from "@s2kit/core";
import { type Extent, TARGET_EXTENT_BYTES } from "../log/extent.js";
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
} from "../log/row.js";

const MAX_EXTENT_ROWS = 4096;
const FIRST_DRAFT_ROWS = 64;

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

/** Closed extents, side by side. */
export interface GatheredExtents {
  readonly pieces: readonly Uint8Array[];
  readonly bytes: number;
  /** Where in the file they go. */
  readonly offset: number;
}

export class ExtentGatherer {
  /** All that were closed so far. */
  readonly extents: Extent[] = [];
  private readonly fileId: number;
  private readonly firstOffset: number;
  /** Where the next extents go that are taken. */
  private takenEnd: number;
  private readonly draft: Draft = {
    streamId: 0,
    endSeqNum: 0,
    words: new Uint32Array(FIRST_DRAFT_ROWS * ROW_WORDS),
    rows: 0,
    payloads: [],
    payloadBytes: 0,
  };
  /** Closed extents that were not taken yet. */
  private pending: Uint8Array[] = [];
  private pendingSum = 0;

  /** @param firstOffset - where the first extent of the file begins */
  constructor(fileId: number, firstOffset: number) {
    this.fileId = fileId;
    this.firstOffset = firstOffset;
    this.takenEnd = firstOffset;
  }

  /** Bytes of all closed extents. */
  get bytes(): number {
    return this.end - this.firstOffset;
  }

  /** Where the closed extents end in the file. */
  get end(): number {
    return this.takenEnd + this.pendingSum;
  }

  /** Bytes of closed extents that wait to be taken. */
  get pendingBytes(): number {
    return this.pendingSum;
  }

  /** Bytes of the extent that is open. */
  get openBytes(): number {
    return this.draft.payloadBytes + this.draft.rows * ROW_BYTES;
  }

  /**
   * Adds a batch; streams in ascending order, batches in seqNum order.
   *
   * @param payload - proven by the caller; borrowed until it was taken
   */
  add(streamId: number, words: Uint32Array, base: number, payload: Uint8Array): void {
    const { draft } = this;
    const isFull =
      draft.rows === MAX_EXTENT_ROWS || this.openBytes + payload.length > TARGET_EXTENT_BYTES;
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
  }

  /** Closes the open extent, and hands out what waits; undefined when nothing does. */
  take(): GatheredExtents | undefined {
    if (this.draft.rows > 0) this.closeExtent();
    return this.takeClosed();
  }

  /** Hands out what is closed: the open extent goes on, and with it what it borrowed. */
  takeClosed(): GatheredExtents | undefined {
    if (this.pendingSum === 0) return undefined;
    const taken = { pieces: this.pending, bytes: this.pendingSum, offset: this.takenEnd };
    this.takenEnd += this.pendingSum;
    this.pending = [];
    this.pendingSum = 0;
    return taken;
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
      offset: this.end,
      length,
      checksum: crc32(rowBytes),
      rows: draft.rows,
    });
    this.pending.push(rowBytes, ...draft.payloads);
    this.pendingSum += length;
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
