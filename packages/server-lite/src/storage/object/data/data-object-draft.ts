// A data object while it is put together, in memory: fed batch by batch, staged bit by bit, so that
// no step of it holds up anybody, and sealed when it is full. Pure but for memory.

import { crc32 } from "node:zlib";
import { assert } from "@s2kit/core";
import { ExtentGatherer, type GatheredExtents } from "../../extents/extent-gatherer.js";
import type { Extent } from "../../log/extent.js";
import { encodeDataObject, FIRST_EXTENT_AT } from "../format/data-object.js";
import type { NumberedName } from "../format/names.js";
import type { Writer } from "../format/sealed-object.js";

/** Closed extents that are staged at once. */
const STAGE_BYTES = 1024 * 1024;
/** Smaller pieces are copied side by side: a write for each would cost more. */
const MIN_PIECE_BYTES = 64 * 1024;

export class DataObjectDraft {
  readonly fileId: number;
  private readonly gatherer: ExtentGatherer;
  private readonly pieces: Uint8Array[] = [];
  private checksum = 0;

  constructor(fileId: number) {
    this.fileId = fileId;
    this.gatherer = new ExtentGatherer(fileId, FIRST_EXTENT_AT);
  }

  /** Bytes of extents so far, closed or open. */
  get bytes(): number {
    return this.gatherer.bytes + this.gatherer.openBytes;
  }

  get isEmpty(): boolean {
    return this.bytes === 0;
  }

  /** Those that are closed: all of them once it is sealed. */
  get extents(): readonly Extent[] {
    return this.gatherer.extents;
  }

  /**
   * Adds a batch; streams in ascending order, batches in seqNum order.
   *
   * @param payload - proven by the caller; must not change until the object is put
   */
  add(streamId: number, words: Uint32Array, base: number, payload: Uint8Array): void {
    this.gatherer.add(streamId, words, base, payload);
    if (this.gatherer.pendingBytes >= STAGE_BYTES) this.stage(this.gatherer.takeClosed());
  }

  /** The parts of the object, as they are sent. Nothing can be added any more. */
  seal(name: NumberedName, writer: Writer, storeKey: number): Uint8Array[] {
    this.stage(this.gatherer.take());
    const { extents, pieces, checksum } = this;
    assert(extents.length > 0, "a data object has extents");
    return encodeDataObject(name, { writer, extents, pieces, checksum }, storeKey);
  }

  private stage(taken: GatheredExtents | undefined): void {
    if (taken === undefined) return;
    let small: Uint8Array[] = [];
    let smallBytes = 0;
    const join = (): void => {
      if (smallBytes > 0) this.push(joined(small, smallBytes));
      small = [];
      smallBytes = 0;
    };
    for (const piece of taken.pieces) {
      if (piece.length >= MIN_PIECE_BYTES) {
        join();
        this.push(piece);
        continue;
      }
      small.push(piece);
      smallBytes += piece.length;
    }
    join();
  }

  private push(piece: Uint8Array): void {
    this.checksum = crc32(piece, this.checksum);
    this.pieces.push(piece);
  }
}

function joined(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
