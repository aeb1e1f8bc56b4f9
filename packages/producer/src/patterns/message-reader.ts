// Reads typed messages from a read session of bytes: skips commands, drops duplicates, then
// reassembles, then decodes. It pulls, so a slow consumer slows the server. Spec: sdk#messages.

import type { ReadSession } from "@s2kit/client";
import { isCommandRecord, S2Error, type SequencedRecord } from "@s2kit/core";
import type { MessageCodec } from "./codec.js";
import { DedupeFilter } from "./dedupe-filter.js";
import type { DroppedRecords, OnDropped } from "./dropped.js";
import { FrameAssembler, type OpenFrameBounds } from "./frame-assembler.js";
import { checkpointOf, filterOf, type MessageCheckpoint } from "./message-checkpoint.js";
import { readMessageHeaders } from "./message-headers.js";

/**
 * Bounds of what is open are those of {@link OpenFrameBounds}; at one the reader ends with
 * `FRAME_SIZE`.
 */
export interface MessageReaderOptions extends Omit<OpenFrameBounds, "onDropped"> {
  /** Drops records that a writer sent twice. Default true. */
  readonly dedupe?: boolean | undefined;
  /** Largest message that is believed. Default 100 MiB. */
  readonly maxFrameBytes?: number | undefined;
  /**
   * Goes on where an earlier reader was: nothing that it gave comes again, nothing is left out. The
   * session must start at its `seqNum`.
   */
  readonly checkpoint?: MessageCheckpoint | undefined;
  /** Hears of each record that became part of no message. */
  readonly onDropped?: OnDropped | undefined;
}

/** A message and where it came from. */
export interface ReceivedMessage<M> {
  readonly message: M;
  /** seqNum of its first record. */
  readonly startSeqNum: number;
  /**
   * seqNum behind its last record. Where other writers interleave, go on from a checkpoint instead.
   */
  readonly endSeqNum: number;
  /**
   * Where to go on once this message is handled. To be asked for before the next message is.
   *
   * @throws {S2Error} `INVALID_ARGUMENT` afterwards: it would skip what came in between
   */
  checkpoint(): MessageCheckpoint;
}

/**
 * The messages of a session, in the order of their last records; those of one writer in the order
 * in which it wrote them. Leaving the loop, and any failure, cancels the session.
 *
 * @throws {S2Error} `FRAME_SIZE` for a declared size out of bounds or too much that is incomplete,
 *   `PROTOCOL_ERROR` for malformed headers or a payload that does not decode, `INVALID_ARGUMENT`
 *   for an option out of range
 */
export async function* readMessages<M>(
  session: Pick<ReadSession<"bytes">, "batches" | "cancel">,
  codec: MessageCodec<M>,
  options: MessageReaderOptions = {},
): AsyncGenerator<ReceivedMessage<M>, void, undefined> {
  try {
    const reader = new MessageReader(codec, options);
    const batches = session.batches();
    // No variable here is of a batch when the next one is waited for: it would stay in memory.
    while (await reader.refill(batches))
      for (let next = reader.next(); next !== undefined; next = reader.next()) yield next;
    reader.end();
  } finally {
    await session.cancel();
  }
}

/** The same as a web stream without a buffer of its own. */
export function messageStream<M>(
  ...args: Parameters<typeof readMessages<M>>
): ReadableStream<ReceivedMessage<M>> {
  const messages = readMessages(...args);
  let isCancelled = false;
  return new ReadableStream<ReceivedMessage<M>>(
    {
      async pull(controller) {
        const { done, value } = await messages.next();
        if (isCancelled) return;
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        isCancelled = true;
        // First: a pull that waits for records ends by it, and returning waits for that pull.
        await args[0].cancel();
        await messages.return();
      },
    },
    { highWaterMark: 0 },
  );
}

class MessageReader<M> {
  readonly #codec: MessageCodec<M>;
  readonly #filter: DedupeFilter | undefined;
  readonly #assembler: FrameAssembler;
  readonly #onDropped: OnDropped | undefined;
  /** Before here everything was given, and told, to an earlier reader. */
  readonly #deliveredSeqNum: number;
  #nextSeqNum = 0;
  /** Of the batch that is being read; undefined when all of it was. */
  #records: Iterator<SequencedRecord> | undefined;

  constructor(codec: MessageCodec<M>, options: MessageReaderOptions) {
    const { checkpoint, maxFrameBytes, onDropped, ...bounds } = options;
    const heard = checkpoint === undefined ? new DedupeFilter() : filterOf(checkpoint);
    this.#codec = codec;
    this.#filter = options.dedupe === false ? undefined : heard;
    this.#onDropped = onDropped;
    this.#deliveredSeqNum = checkpoint?.deliveredSeqNum ?? 0;
    this.#assembler = new FrameAssembler(maxFrameBytes, {
      ...bounds,
      onDropped: (dropped) => this.#tell(dropped),
    });
  }

  /** Waits for the next batch. @returns false at the end */
  async refill(
    batches: AsyncIterator<{ readonly records: readonly SequencedRecord[] }>,
  ): Promise<boolean> {
    const batch = await batches.next();
    if (batch.done === true) return false;
    this.#records = batch.value.records[Symbol.iterator]();
    return true;
  }

  /** The next message that the batch completes. */
  next(): ReceivedMessage<M> | undefined {
    for (;;) {
      const record = this.#records?.next();
      if (record === undefined || record.done === true) {
        this.#records = undefined;
        return undefined;
      }
      const received = this.#read(record.value);
      if (received !== undefined) return received;
    }
  }

  #read({ seqNum, headers, body }: SequencedRecord): ReceivedMessage<M> | undefined {
    this.#nextSeqNum = seqNum + 1;
    if (isCommandRecord({ headers })) return undefined;
    const meaning = readMessageHeaders(headers);
    if (this.#filter?.accepts(meaning) === false) {
      const { writerId } = meaning;
      this.#tell({
        reason: "duplicate",
        writerId,
        startSeqNum: seqNum,
        endSeqNum: seqNum + 1,
        records: 1,
      });
      return undefined;
    }
    const whole = this.#assembler.assemble(meaning, body, seqNum);
    if (whole === undefined || seqNum < this.#deliveredSeqNum) return undefined;
    const message = decoded(this.#codec, whole.payload, seqNum);
    return new Received(message, whole.startSeqNum, seqNum + 1, this);
  }

  /** Drops what is open, with the reason `unfinished`: the session ended by itself. */
  end(): void {
    this.#assembler.end();
  }

  checkpointAt(endSeqNum: number): MessageCheckpoint {
    if (endSeqNum === this.#nextSeqNum)
      return checkpointOf(this.#assembler, this.#filter, endSeqNum);
    throw new S2Error({
      code: "INVALID_ARGUMENT",
      message: `the checkpoint of a message must be taken before the next one is read endSeqNum=${endSeqNum}`,
    });
  }

  #tell(dropped: DroppedRecords): void {
    if (dropped.endSeqNum > this.#deliveredSeqNum) this.#onDropped?.(dropped);
  }
}

class Received<M> implements ReceivedMessage<M> {
  readonly message: M;
  readonly startSeqNum: number;
  readonly endSeqNum: number;
  readonly #reader: MessageReader<M>;

  constructor(message: M, startSeqNum: number, endSeqNum: number, reader: MessageReader<M>) {
    this.message = message;
    this.startSeqNum = startSeqNum;
    this.endSeqNum = endSeqNum;
    this.#reader = reader;
  }

  checkpoint(): MessageCheckpoint {
    return this.#reader.checkpointAt(this.endSeqNum);
  }
}

function decoded<M>(codec: MessageCodec<M>, payload: Uint8Array, seqNum: number): M {
  try {
    return codec.decode(payload);
  } catch (cause) {
    throw new S2Error({
      code: "PROTOCOL_ERROR",
      message: `message does not decode seqNum=${seqNum}`,
      cause,
    });
  }
}
