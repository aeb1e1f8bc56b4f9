// Reads a segment file group by group and proves each one: header, rows, payloads, and that it is
// the next of the log. Stops at the first misfit and says what it was. Recovery, rewrite and
// `verify` all read the log through this; it never changes a file.

import { assert } from "@s2kit/core";
import {
  alignUp,
  GROUP_HEADER_BYTES,
  type GroupHeader,
  readGroupHeader,
  SECTOR_BYTES,
} from "../../log/group.js";
import type { GroupProof } from "../../log/group-proof.js";
import type { LogCursor, ScannedGroup } from "../../log/log-cursor.js";
import { proveRows } from "../../log/proven-group.js";
import type { DiskFile } from "../medium/disk.js";

const WINDOW_BYTES = 4 * 1024 * 1024;

assert(WINDOW_BYTES % SECTOR_BYTES === 0, "groups begin where sectors do, in each window");

export interface ScanOptions {
  readonly storeKey: number;
  /** Size of the file; nothing behind is read. */
  readonly fileBytes: number;
  readonly proof: GroupProof;
}

export class LogScan {
  /** What stopped the scan; empty at a clean start of the unused rest. */
  misfit = "";
  cursor: LogCursor;
  private readonly file: DiskFile;
  private readonly options: ScanOptions;
  private window = new Uint8Array(0);
  private windowStart = 0;
  private windowBytes = 0;

  constructor(file: DiskFile, cursor: LogCursor, options: ScanOptions) {
    this.file = file;
    this.cursor = cursor;
    this.options = options;
  }

  /** The next group, or undefined at the first misfit. @throws on a failed read */
  async next(): Promise<ScannedGroup | undefined> {
    const { cursor, options } = this;
    if (cursor.offset + SECTOR_BYTES > options.fileBytes) return this.stop("end of segment");
    await this.fill(cursor.offset, SECTOR_BYTES);
    const header = readGroupHeader(this.at(cursor.offset, SECTOR_BYTES), options.storeKey);
    if (header === undefined) return this.stop("no group");
    const misfit = options.proof.misfitOf(header, cursor);
    if (misfit !== undefined) return this.stop(misfit);
    if (cursor.offset + header.length > options.fileBytes)
      return this.stop(`length=${header.length}`);
    await this.fill(cursor.offset, header.length);
    return this.prove(header);
  }

  private prove(header: GroupHeader): ScannedGroup | undefined {
    const { cursor } = this;
    const group = this.at(cursor.offset, header.length);
    const rows = proveRows(group, header, cursor.offset, this.options.proof);
    if (typeof rows === "string") return this.stop(rows);
    const offset = cursor.offset;
    this.cursor = {
      generation: cursor.generation,
      offset: offset + alignUp(header.length, SECTOR_BYTES),
      sequence: header.sequence + 1,
      position: header.position + header.commits,
      ownerEpoch: header.ownerEpoch,
    };
    return { header, offset, ...rows, rowCount: header.rows, next: this.cursor };
  }

  private stop(misfit: string): undefined {
    this.misfit = misfit;
    return undefined;
  }

  private at(offset: number, length: number): Uint8Array {
    const start = offset - this.windowStart;
    return this.window.subarray(start, Math.min(start + length, this.windowBytes));
  }

  /** Brings a range into the window; offsets are whole sectors, so rows stay aligned in memory. */
  private async fill(offset: number, length: number): Promise<void> {
    const end = Math.min(offset + length, this.options.fileBytes);
    if (offset >= this.windowStart && end <= this.windowStart + this.windowBytes) return;
    const want = Math.min(
      Math.max(alignUp(length, SECTOR_BYTES), WINDOW_BYTES),
      this.options.fileBytes - offset,
    );
    // Groups handed out before are borrowed until now: the window may be reused.
    if (this.window.length < want) this.window = new Uint8Array(want);
    this.windowStart = offset;
    this.windowBytes = await this.file.read(this.window.subarray(0, want), offset);
  }
}

/**
 * Looks for a later group behind a misfit. There is one group in flight at a time, so a later one
 * proves that the misfit was once written whole: the log is damaged, not just unfinished.
 */
export async function findLaterGroup(
  file: DiskFile,
  generation: number,
  fromOffset: number,
  sequence: number,
  options: ScanOptions,
): Promise<number | undefined> {
  const window = new Uint8Array(Math.min(WINDOW_BYTES, options.fileBytes));
  for (let start = fromOffset; start < options.fileBytes; start += window.length) {
    const count = await file.read(window, start);
    for (let at = 0; at + GROUP_HEADER_BYTES <= count; at += SECTOR_BYTES) {
      const header = readGroupHeader(
        window.subarray(at, at + GROUP_HEADER_BYTES),
        options.storeKey,
      );
      if (header?.generation === generation && header.sequence > sequence) return start + at;
    }
    if (count < window.length) break;
  }
  return undefined;
}
