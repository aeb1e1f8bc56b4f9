// Puts the records of messages together again, for any number of writers at once. A declared size
// is checked before it is believed, buffers grow with what really comes, and what is open is
// bounded in number and in bytes. What becomes part of no message is told. Spec: sdk#messages.

import { S2Error } from "@s2kit/core";
import type { DropReason, OnDropped } from "./dropped.js";
import { isMarked, type MessageHeaders, writerKey } from "./message-headers.js";
import { OpenFrame } from "./open-frame.js";

/** Largest message that is believed: 100 MiB. */
export const DEFAULT_MAX_FRAME_BYTES: number = 100 * 1024 * 1024;
const DEFAULT_MAX_OPEN_BYTES: number = 256 * 1024 * 1024;
const DEFAULT_MAX_OPEN_FRAMES = 64;
const DEFAULT_MAX_IDLE_RECORDS = 100_000;

/** How much may be incomplete at once. */
export interface OpenFrameBounds {
  /** Messages that may be incomplete at once: as many writers may interleave. Default 64. */
  readonly maxOpenFrames?: number | undefined;
  /**
   * Bytes that incomplete messages may hold together. Default 256 MiB, or `maxFrameBytes` if that
   * is more; not below `maxFrameBytes`.
   */
  readonly maxOpenBytes?: number | undefined;
  /** A message that does not grow while so many other records pass is given up. Default 100,000. */
  readonly maxIdleRecords?: number | undefined;
  /**
   * Lets records without any header join a message whose first record names no writer and has no
   * number, as writers without de-duplication wrote them. Only for streams with one writer. Default
   * false.
   */
  readonly joinUnmarked?: boolean | undefined;
  readonly onDropped?: OnDropped | undefined;
}

/** A message as bytes, the seqNum of its first record, and how many it had. */
export interface AssembledFrame {
  readonly payload: Uint8Array;
  readonly startSeqNum: number;
  readonly records: number;
}

/** Puts the records of messages together again. */
export class FrameAssembler {
  readonly #maxFrameBytes: number;
  readonly #maxOpenFrames: number;
  readonly #maxOpenBytes: number;
  readonly #maxIdleRecords: number;
  readonly #joinUnmarked: boolean;
  readonly #onDropped: OnDropped | undefined;
  /** By writer; the one that grew last is last. */
  readonly #open = new Map<string, OpenFrame>();
  #heldBytes = 0;
  #pushed = 0;

  /** @throws {S2Error} `INVALID_ARGUMENT` naming the bound that is out of range */
  constructor(maxFrameBytes: number = DEFAULT_MAX_FRAME_BYTES, bounds: OpenFrameBounds = {}) {
    this.#maxFrameBytes = atLeast("maxFrameBytes", maxFrameBytes, 1);
    this.#maxOpenFrames = atLeast(
      "maxOpenFrames",
      bounds.maxOpenFrames ?? DEFAULT_MAX_OPEN_FRAMES,
      1,
    );
    this.#maxOpenBytes = atLeast(
      "maxOpenBytes",
      bounds.maxOpenBytes ?? Math.max(DEFAULT_MAX_OPEN_BYTES, maxFrameBytes),
      maxFrameBytes,
    );
    this.#maxIdleRecords = atLeast(
      "maxIdleRecords",
      bounds.maxIdleRecords ?? DEFAULT_MAX_IDLE_RECORDS,
      1,
    );
    this.#joinUnmarked = bounds.joinUnmarked ?? false;
    this.#onDropped = bounds.onDropped;
  }

  /** Messages that are incomplete now, in no order. */
  get openFrames(): Iterable<OpenFrame> {
    return this.#open.values();
  }

  /** Takes one record, as {@link assemble}, where positions do not matter. */
  push(headers: MessageHeaders, body: Uint8Array): Uint8Array | undefined {
    return this.assemble(headers, body, this.#pushed++)?.payload;
  }

  /**
   * Takes one record; gives the message that it completes. Not for command records.
   *
   * @param seqNum - rises from call to call
   * @throws {S2Error} `FRAME_SIZE` for a declared size out of bounds, or when more would be open
   *   than the bounds allow; it can go on after that
   */
  assemble(headers: MessageHeaders, body: Uint8Array, seqNum: number): AssembledFrame | undefined {
    this.#giveUpStalled(seqNum);
    const { frameBytes, frameRecords } = headers;
    if (frameBytes !== undefined || frameRecords !== undefined)
      return this.#begin(headers, body, seqNum);
    const frame = this.#open.get(writerKey(headers));
    // Without a mark of its own a record joins nothing but a message that has none either.
    const reason = isMarked(headers) ? "headless" : "foreign";
    if (frame === undefined || frame.isMarked !== isMarked(headers))
      return this.#dropRecord(reason, headers, seqNum);
    if (frame.isRepeat(headers.dedupeSeq)) return this.#dropRecord("duplicate", headers, seqNum);
    return this.#grow(frame, headers, body, seqNum);
  }

  /** Tells of everything that stays incomplete, as nothing more will come. */
  end(): void {
    for (const frame of this.#open.values()) this.#dropFrame("unfinished", frame);
  }

  #begin(headers: MessageHeaders, body: Uint8Array, seqNum: number): AssembledFrame | undefined {
    const before = this.#open.get(writerKey(headers));
    if (before !== undefined) this.#dropFrame("abandoned", before);
    const { bytes, records } = this.#declared(headers);
    if (records > 1 && !isMarked(headers) && !this.#joinUnmarked)
      return this.#dropRecord("unmarked", headers, seqNum);
    if (records > 1 && this.#open.size >= this.#maxOpenFrames)
      throw frameSize(
        `more messages are incomplete at once than maxOpenFrames allows maxOpenFrames=${this.#maxOpenFrames} seqNum=${seqNum}`,
      );
    const frame = new OpenFrame(headers, bytes, records, seqNum);
    return this.#grow(frame, headers, body, seqNum);
  }

  #declared({ frameBytes: bytes, frameRecords: records }: MessageHeaders): {
    readonly bytes: number;
    readonly records: number;
  } {
    if (bytes === undefined || records === undefined || bytes < 1 || bytes > this.#maxFrameBytes)
      throw frameSize(`frame size is out of bounds bytes=${bytes} maxBytes=${this.#maxFrameBytes}`);
    if (records < 1 || records > bytes)
      throw frameSize(`frame cannot have so many records records=${records} bytes=${bytes}`);
    return { bytes, records };
  }

  #grow(
    frame: OpenFrame,
    headers: MessageHeaders,
    body: Uint8Array,
    seqNum: number,
  ): AssembledFrame | undefined {
    const extraBytes = frame.extraBytesFor(body);
    if (this.#heldBytes + extraBytes > this.#maxOpenBytes)
      throw frameSize(
        `incomplete messages hold more bytes than maxOpenBytes allows maxOpenBytes=${this.#maxOpenBytes} seqNum=${seqNum}`,
      );
    this.#forget(frame);
    const state = frame.add(headers, body, seqNum);
    switch (state) {
      case "open":
        this.#open.set(frame.key, frame);
        this.#heldBytes += frame.heldBytes;
        return undefined;
      case "whole":
        return { payload: frame.payload, startSeqNum: frame.startSeqNum, records: frame.count };
      case "mismatch":
        this.#tell("mismatch", frame);
        return undefined;
    }
  }

  /** The first of the map grew longest ago. */
  #giveUpStalled(seqNum: number): void {
    for (const frame of this.#open.values()) {
      if (seqNum - frame.endSeqNum < this.#maxIdleRecords) return;
      this.#dropFrame("stalled", frame);
    }
  }

  #dropFrame(reason: DropReason, frame: OpenFrame): void {
    this.#forget(frame);
    this.#tell(reason, frame);
  }

  #forget(frame: OpenFrame): void {
    if (this.#open.delete(frame.key)) this.#heldBytes -= frame.heldBytes;
  }

  #tell(reason: DropReason, frame: OpenFrame): void {
    const { writerId, startSeqNum, endSeqNum, count } = frame;
    this.#onDropped?.({ reason, writerId, startSeqNum, endSeqNum, records: count });
  }

  #dropRecord(reason: DropReason, { writerId }: MessageHeaders, seqNum: number): undefined {
    this.#onDropped?.({
      reason,
      writerId,
      startSeqNum: seqNum,
      endSeqNum: seqNum + 1,
      records: 1,
    });
  }
}

function atLeast(bound: string, value: number, min: number): number {
  if (Number.isSafeInteger(value) && value >= min) return value;
  throw new S2Error({
    code: "INVALID_ARGUMENT",
    message: `${bound} must be an integer of at least ${min} value=${value}`,
  });
}

function frameSize(message: string): S2Error {
  return new S2Error({ code: "FRAME_SIZE", message, origin: "server" });
}
