// Writes a data file: fed batch by batch, bounded in memory, extent after extent; header, footer
// and trailer at the end. What the bytes are is in `data-file`, how extents come about in
// `extent-gatherer`. Called by the background of the engine.

import { encodeFooter } from "../../extents/extent-footer.js";
import { ExtentGatherer } from "../../extents/extent-gatherer.js";
import type { Extent } from "../../log/extent.js";
import { SECTOR_BYTES } from "../../log/group.js";
import type { Pacing } from "../../log/pacing.js";
import type { DiskFile } from "../medium/disk.js";
import { encodeHeader } from "./data-file.js";

const FLUSH_BYTES = 2 * 1024 * 1024;

export class DataFileWriter {
  private readonly pacing: Pacing;
  private readonly file: DiskFile;
  private readonly fileId: number;
  private readonly gatherer: ExtentGatherer;
  private staging = new Uint8Array(0);

  constructor(file: DiskFile, fileId: number, pacing: Pacing) {
    this.pacing = pacing;
    this.file = file;
    this.fileId = fileId;
    this.gatherer = new ExtentGatherer(fileId, SECTOR_BYTES);
  }

  /** Those that are closed. */
  get extents(): readonly Extent[] {
    return this.gatherer.extents;
  }

  /** Bytes of the extents that were closed so far. */
  get bytes(): number {
    return this.gatherer.bytes;
  }

  /**
   * Adds a batch; streams in ascending order, batches in seqNum order.
   *
   * @param payload - proven by the caller; borrowed until the next {@link DataFileWriter.flush}
   * @returns true when enough has gathered for a flush
   */
  add(streamId: number, words: Uint32Array, base: number, payload: Uint8Array): boolean {
    this.gatherer.add(streamId, words, base, payload);
    return this.gatherer.pendingBytes >= FLUSH_BYTES;
  }

  /** Writes what has gathered; payloads given so far are no longer needed. */
  async flush(): Promise<void> {
    const taken = this.gatherer.take();
    if (taken === undefined) return;
    const startMs = this.pacing.now();
    await this.file.write(this.staged(taken.pieces, taken.bytes), taken.offset);
    // Synced bit by bit: a large sync at the end would stall the log's writes behind it.
    await this.file.sync();
    await this.pacing.pace(this.pacing.now() - startMs);
  }

  /** Writes footer and trailer and syncs the file; its name is the caller's. */
  async finish(): Promise<void> {
    await this.flush();
    const { end } = this.gatherer;
    await this.file.write(encodeFooter(this.extents, this.fileId, end), end);
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
}
