// One message that is being put together: what came of it, in a buffer that grows up to the
// declared size and no further, however small the records are. Spec: sdk#messages.

import { isMarked, type MessageHeaders, writerKey } from "./message-headers.js";

const MIN_BUFFER_BYTES = 1024;

export class OpenFrame {
  readonly key: string;
  readonly writerId: string | undefined;
  /** False when its records say nothing of where they belong. */
  readonly isMarked: boolean;
  /** Number of its first record, if it has one. */
  readonly firstDedupeSeq: number | undefined;
  readonly startSeqNum: number;
  /** seqNum behind the last record that joined. */
  endSeqNum: number;
  /** Records that joined. */
  count = 0;
  readonly #bytes: number;
  readonly #records: number;
  #length = 0;
  #buffer = new Uint8Array(0);
  #lastDedupeSeq: number | undefined;

  /**
   * @param bytes - declared size of the message
   * @param records - declared number of records
   */
  constructor(headers: MessageHeaders, bytes: number, records: number, startSeqNum: number) {
    this.key = writerKey(headers);
    this.writerId = headers.writerId;
    this.isMarked = isMarked(headers);
    this.firstDedupeSeq = headers.dedupeSeq;
    this.#bytes = bytes;
    this.#records = records;
    this.startSeqNum = startSeqNum;
    this.endSeqNum = startSeqNum;
  }

  get heldBytes(): number {
    return this.#buffer.length;
  }

  /** Valid once the frame is whole. */
  get payload(): Uint8Array {
    return this.#buffer;
  }

  /** True for a number that this message has seen. */
  isRepeat(dedupeSeq: number | undefined): boolean {
    return (
      dedupeSeq !== undefined &&
      this.#lastDedupeSeq !== undefined &&
      dedupeSeq <= this.#lastDedupeSeq
    );
  }

  /** By how much the buffer would grow. */
  extraBytesFor(body: Uint8Array): number {
    return this.#capacityFor(body) - this.#buffer.length;
  }

  add(
    { dedupeSeq }: MessageHeaders,
    body: Uint8Array,
    seqNum: number,
  ): "open" | "whole" | "mismatch" {
    this.endSeqNum = seqNum + 1;
    this.count++;
    this.#lastDedupeSeq = dedupeSeq;
    if (this.#length + body.length > this.#bytes) return "mismatch";
    const capacity = this.#capacityFor(body);
    if (capacity > this.#buffer.length) {
      const grown = new Uint8Array(capacity);
      grown.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = grown;
    }
    this.#buffer.set(body, this.#length);
    this.#length += body.length;
    if (this.count < this.#records) return "open";
    return this.#length === this.#bytes ? "whole" : "mismatch";
  }

  /** Doubles, so that records of one byte are not copied over and over. */
  #capacityFor(body: Uint8Array): number {
    const needed = Math.min(this.#length + body.length, this.#bytes);
    if (needed <= this.#buffer.length) return this.#buffer.length;
    return Math.min(this.#bytes, Math.max(needed, 2 * this.#buffer.length, MIN_BUFFER_BYTES));
  }
}
