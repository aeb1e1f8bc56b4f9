// What the load knows of its streams: how far each was acknowledged and trimmed. The content of a record
// follows from its stream and seqNum, so that any answer can be proven without keeping the records.

import { type AppendRecord, decodeReadBatch, encodeUtf8 } from "@s2kit/core";

/** Of the record with seqNum 0; each later one has one more. */
export const FIRST_TIMESTAMP = 1_000_000;

export interface StreamShape {
  readonly name: string;
  readonly recordBytes: number;
  readonly batchRecords: number;
  /** Its share of the bytes. */
  readonly weight: number;
  /** Records that a queue keeps; undefined: never trimmed. */
  readonly keepRecords?: number;
}

/** What was wrong with an answer. */
export class Violation extends Error {
  override readonly name = "Violation";
}

export class StreamModel {
  readonly shape: StreamShape;
  /** End of what was acknowledged, and of what was sent. */
  ackedTail = 0;
  sentTail = 0;
  /** Trim points: of the last command that was acknowledged, and of the last that was sent. */
  ackedTrim = 0;
  sentTrim = 0;
  /** SeqNums of all trim commands: a read that began before a later trim may still answer with one. */
  readonly commands: Set<number> = new Set();

  constructor(shape: StreamShape) {
    this.shape = shape;
  }

  record(seqNum: number): AppendRecord {
    const head = `${this.shape.name}.${seqNum}.`;
    const body = Buffer.alloc(this.shape.recordBytes, seqNum & 0xff);
    body.set(encodeUtf8(head));
    return { timestamp: FIRST_TIMESTAMP + seqNum, headers: [], body };
  }

  /** A new life of the server: what was not acknowledged is there or not. */
  recovered(tail: number): void {
    if (tail < this.ackedTail || tail > this.sentTail)
      this.fail(`the tail is wrong after a restart tail=${tail}`);
    this.ackedTail = tail;
    this.sentTail = tail;
    // A trim that was not acknowledged took effect if its command is there.
    const isTrimmed = [...this.commands].every((command) => command < tail);
    if (isTrimmed) this.ackedTrim = this.sentTrim;
    else this.sentTrim = this.ackedTrim;
    for (const command of this.commands) if (command >= tail) this.commands.delete(command);
  }

  /**
   * Proves the records of an answer.
   *
   * @param next - seqNum that the reader wants
   * @param ackedTrim - trim point that was acknowledged before the reader asked
   * @returns the seqNum that it wants then
   */
  prove(message: Uint8Array, next: number, ackedTrim: number): number {
    let wanted = next;
    for (const { seqNum, timestamp, headers, body } of decodeReadBatch(message).records) {
      if (seqNum < wanted) this.fail(`a repeat wanted=${wanted} found=${seqNum}`);
      if (seqNum > Math.max(wanted, this.sentTrim))
        this.fail(`a hole wanted=${wanted} found=${seqNum} trimmed=${this.sentTrim}`);
      if (seqNum < ackedTrim) this.fail(`trimmed data found=${seqNum} trimmed=${ackedTrim}`);
      if (seqNum >= this.sentTail) this.fail(`a record that nobody sent found=${seqNum}`);
      const head = encodeUtf8(`${this.shape.name}.${seqNum}.`);
      const isExact =
        body.length === this.shape.recordBytes &&
        timestamp === FIRST_TIMESTAMP + seqNum &&
        Buffer.compare(body.subarray(0, head.length), head) === 0 &&
        body.at(-1) === (seqNum & 0xff);
      if (headers.length === 0 ? !isExact : !this.commands.has(seqNum))
        this.fail(`another record at=${seqNum} bytes=${body.length} timestamp=${timestamp}`);
      wanted = seqNum + 1;
    }
    return wanted;
  }

  fail(what: string): never {
    throw new Violation(
      `${what} stream=${this.shape.name} acked=${this.ackedTail} sent=${this.sentTail}`,
    );
  }
}
