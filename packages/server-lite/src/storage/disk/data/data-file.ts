// A data file: sealed batches stream by stream, written once, in order, and never changed.
//
//      +--------------------------------------------------------------+
//      | header sector: magic, version, file id, checksum; zero       |  4096
//      +--------------------------------------------------------------+
//      | extents, by stream id and seqNum, back to back: extent.ts    |
//      +--------------------------------------------------------------+
//      | footer: an entry of 96 bytes per extent, in the same order   |
//      +--------------------------------------------------------------+
//      | trailer: magic, version, file id, footer offset (u64 each),  |  64
//      | extents, checksum of the footer, zero, checksum of the trailer
//      +--------------------------------------------------------------+
//
// The trailer is written last, so a whole one means a whole file; the state store says which files
// are in use. Writing is fed batch by batch and bounded in memory; reading proves each extent.

import { crc32 } from "node:zlib";
import { assert } from "@s2kit/core";
import { forfeit, type LentBuffers } from "../../../lending/lent-buffers.js";
import { storageError } from "../../durability.js";
import { checksumOf } from "../../log/checksum.js";
import {
  EXTENT_ENTRY_BYTES,
  type Extent,
  readExtent,
  TARGET_EXTENT_BYTES,
  writeExtent,
} from "../../log/extent.js";
import { readU64, SECTOR_BYTES, viewOf, writeU64 } from "../../log/group.js";
import type { Pacing } from "../../log/pacing.js";
import {
  countOf,
  getPair,
  ROW_BYTES,
  ROW_WORDS,
  WORD_CHECKSUM,
  WORD_FIRST_TIMESTAMP,
  WORD_LAST_TIMESTAMP,
  WORD_LENGTH,
  WORD_OFFSET,
  WORD_PROVEN,
  WORD_SEQ_NUM,
  WORD_WRITTEN,
} from "../../log/row.js";
import type { Disk, DiskFile } from "../medium/disk.js";

/** "s2df" */
const DATA_MAGIC = 0x6664_3273;
const DATA_FORMAT_VERSION = 1;
const TRAILER_BYTES = 64;
const MAX_EXTENT_ROWS = 4096;
const FIRST_DRAFT_ROWS = 64;
const FLUSH_BYTES = 2 * 1024 * 1024;

assert(FIRST_DRAFT_ROWS <= MAX_EXTENT_ROWS, "the rows of an extent fit into its largest draft");

export function dataFileName(fileId: number): string {
  return `${String(fileId).padStart(12, "0")}.seg`;
}

export function dataFileIdOf(name: string): number | undefined {
  return /^\d{12}\.seg$/.test(name) ? Number(name.slice(0, 12)) : undefined;
}

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
    const footer = new Uint8Array(this.extents.length * EXTENT_ENTRY_BYTES + TRAILER_BYTES);
    this.extents.forEach((extent, at) => writeExtent(footer, at * EXTENT_ENTRY_BYTES, extent));
    const trailer = footer.subarray(footer.length - TRAILER_BYTES);
    const view = viewOf(trailer);
    writeHead(view, this.fileId);
    writeU64(view, 16, this.fileEnd);
    writeU64(view, 24, this.extents.length);
    view.setUint32(32, crc32(footer.subarray(0, footer.length - TRAILER_BYTES)), true);
    view.setUint32(60, crc32(trailer.subarray(0, 60)), true);
    await this.file.write(footer, this.fileEnd);
    const header = new Uint8Array(SECTOR_BYTES);
    const headerView = viewOf(header);
    writeHead(headerView, this.fileId);
    headerView.setUint32(16, crc32(header.subarray(0, 16)), true);
    await this.file.write(header, 0);
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

/** Proves the rows of an extent by its checksum, and each payload by its row's. */
export function isSoundExtent(extent: Extent, bytes: Uint8Array): boolean {
  const rowsBytes = extent.rows * ROW_BYTES;
  if (rowsBytes > bytes.length || crc32(bytes.subarray(0, rowsBytes)) !== extent.checksum)
    return false;
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, rowsBytes >> 2);
  for (let base = 0; base < words.length; base += ROW_WORDS) {
    const start = words[base + WORD_OFFSET] as number;
    const end = start + (words[base + WORD_LENGTH] as number);
    if (end > bytes.length || checksumOf(bytes, start, end) !== words[base + WORD_CHECKSUM])
      return false;
  }
  return true;
}

/**
 * Reads an extent whole.
 *
 * @param isProven - its checksum was looked at before
 * @param buffers - lend the memory for it, which the caller holds; default: fresh memory
 * @throws {S2Error} `storage` when it is damaged
 */
export async function loadExtent(
  file: DiskFile,
  extent: Extent,
  path: string,
  isProven = false,
  buffers?: LentBuffers,
): Promise<Uint8Array> {
  const bytes = buffers?.lend(extent.length) ?? new Uint8Array(extent.length);
  try {
    const count = await file.read(bytes, extent.offset);
    if (count === bytes.length && (isProven || isSoundExtent(extent, bytes))) return bytes;
  } catch (error) {
    forfeit(bytes.buffer);
    throw error;
  }
  forfeit(bytes.buffer);
  throw storageError(`a stored extent is damaged: run verify file=${path} offset=${extent.offset}`);
}

/** {@link loadFooter} by directory and number. */
export function readFooterOf(
  disk: Disk,
  directory: string,
  fileId: number,
): Promise<Extent[] | undefined> {
  return loadFooter(disk, `${directory}/${dataFileName(fileId)}`, fileId);
}

/** Reads the footer of a whole file; undefined when the file is not whole. */
export async function loadFooter(
  disk: Disk,
  path: string,
  fileId: number,
): Promise<Extent[] | undefined> {
  const file = await disk.open(path);
  try {
    const size = await file.size();
    if (size < SECTOR_BYTES + TRAILER_BYTES) return undefined;
    const header = new Uint8Array(20);
    await file.read(header, 0);
    const trailer = new Uint8Array(TRAILER_BYTES);
    await file.read(trailer, size - TRAILER_BYTES);
    const view = viewOf(trailer);
    const footerAt = readU64(view, 16);
    const count = readU64(view, 24);
    if (!isHead(viewOf(header), fileId) || !isHead(view, fileId)) return undefined;
    if (viewOf(header).getUint32(16, true) !== crc32(header.subarray(0, 16))) return undefined;
    if (view.getUint32(60, true) !== crc32(trailer.subarray(0, 60))) return undefined;
    if (footerAt + count * EXTENT_ENTRY_BYTES + TRAILER_BYTES !== size) return undefined;
    const footer = new Uint8Array(count * EXTENT_ENTRY_BYTES);
    await file.read(footer, footerAt);
    if (view.getUint32(32, true) !== crc32(footer)) return undefined;
    return Array.from({ length: count }, (_, at) => readExtent(footer, at * EXTENT_ENTRY_BYTES));
  } finally {
    await file.close();
  }
}

function writeHead(view: DataView, fileId: number): void {
  view.setUint32(0, DATA_MAGIC, true);
  view.setUint32(4, DATA_FORMAT_VERSION, true);
  writeU64(view, 8, fileId);
}

function isHead(view: DataView, fileId: number): boolean {
  return (
    view.getUint32(0, true) === DATA_MAGIC &&
    view.getUint32(4, true) === DATA_FORMAT_VERSION &&
    readU64(view, 8) === fileId
  );
}

function doubled(words: Uint32Array): Uint32Array<ArrayBuffer> {
  const grown = new Uint32Array(words.length * 2);
  grown.set(words);
  return grown;
}
