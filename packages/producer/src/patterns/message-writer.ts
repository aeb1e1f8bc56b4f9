// Appends typed messages through an append session: encodes, cuts, numbers, and tells where each
// message went. The session stays its owner's. Spec: sdk#messages.

import type { AppendSession } from "@s2kit/client";
import {
  type AppendAck,
  isWellFormed,
  type Random,
  requireSafeU64,
  S2Error,
  type StreamPosition,
  systemRandom,
  utf8ByteLength,
} from "@s2kit/core";
import type { MessageCodec } from "./codec.js";
import { DEFAULT_MAX_FRAME_BYTES } from "./frame-assembler.js";
import { MAX_CHUNK_BYTES, MessageFramer } from "./message-framer.js";
import { MAX_WRITER_ID_BYTES } from "./message-headers.js";

/** How messages are cut and numbered. */
export interface MessageWriterOptions {
  /** Most payload bytes of a record. Default and at most a little under 1 MiB. */
  readonly chunkSize?: number | undefined;
  /** Most payload bytes of a message. Default 100 MiB. */
  readonly maxFrameBytes?: number | undefined;
  /**
   * Numbers records, so that readers can drop what a retry wrote twice. Default true. Without it a
   * retry may repeat messages, or spoil one: use it with `appendRetryPolicy: "noSideEffects"`.
   */
  readonly dedupe?: boolean | undefined;
  /**
   * First number. Default 0 for a random `writerId`, required with one of yours: readers drop every
   * number that is not above the last one of its writer. After a restart go on above everything
   * that may have been written, for example with the count of starts times 2^32, from where you
   * keep it.
   */
  readonly dedupeSeq?: number | undefined;
  /**
   * Tells this writer from others of the stream: 1 to 128 bytes, never used by two at once. Default
   * 12 random characters, new with each writer.
   */
  readonly writerId?: string | undefined;
  /** Of the first record; counts on from there. */
  readonly matchSeqNum?: number | undefined;
}

/** Where a message is in the stream. */
export interface MessagePosition {
  readonly start: StreamPosition;
  /** Exclusive. */
  readonly end: StreamPosition;
}

/** What became of a message that was taken. Nobody needs to wait for it. */
export interface MessageTicket {
  /** Resolves when the message is durable. */
  ack(): Promise<MessagePosition>;
}

/** What a writer needs of an append session. */
export type MessageSession = Pick<AppendSession, "submit">;

const WRITER_ID_CHARS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const WRITER_ID_LENGTH = 12;

/** Appends typed messages of any size. */
export class MessageWriter<M> {
  readonly #session: MessageSession;
  readonly #codec: MessageCodec<M>;
  readonly #framer: MessageFramer;
  #nextMatchSeqNum: number | undefined;
  /** Batches of messages must not interleave: each message waits for the one before to be taken. */
  #last: Promise<unknown> = Promise.resolve();

  /** @throws {S2Error} `INVALID_ARGUMENT` naming the option that is out of range */
  constructor(
    session: MessageSession,
    codec: MessageCodec<M>,
    options: MessageWriterOptions = {},
    components: { readonly random?: Random } = {},
  ) {
    const { chunkSize = MAX_CHUNK_BYTES, maxFrameBytes = DEFAULT_MAX_FRAME_BYTES } = options;
    if (!Number.isSafeInteger(chunkSize) || chunkSize < 1 || chunkSize > MAX_CHUNK_BYTES)
      throw new S2Error({
        code: "INVALID_ARGUMENT",
        message: `chunkSize must be 1 to ${MAX_CHUNK_BYTES} value=${chunkSize}`,
      });
    const { dedupe = true, dedupeSeq = 0, matchSeqNum } = options;
    requireSafeU64(maxFrameBytes, "maxFrameBytes");
    requireSafeU64(dedupeSeq, "dedupeSeq");
    if (options.writerId !== undefined) requireWriterId(options.writerId);
    if (dedupe && options.writerId !== undefined && options.dedupeSeq === undefined)
      throw new S2Error({
        code: "INVALID_ARGUMENT",
        message:
          "a writerId of yours needs a dedupeSeq: readers drop what is not above its last number; or leave both out",
      });
    if (matchSeqNum !== undefined) requireSafeU64(matchSeqNum, "matchSeqNum");
    const writerId = options.writerId ?? randomId(components.random ?? systemRandom);
    this.#session = session;
    this.#codec = codec;
    this.#nextMatchSeqNum = matchSeqNum;
    this.#framer = new MessageFramer(
      { chunkSize, maxFrameBytes, writerId, isNumbered: dedupe },
      dedupeSeq,
    );
  }

  /** The number of the next record: what a writer of the same id goes on with after this one. */
  get nextDedupeSeq(): number {
    return this.#framer.dedupeSeq;
  }

  /**
   * Appends a message and waits until it is durable. Do not await for pipelining: order is that of
   * calls.
   *
   * @throws {S2Error} `INVALID_ARGUMENT` or `FRAME_SIZE` for a message that cannot be framed, which
   *   harms no other; or the session's failure
   */
  async write(message: M): Promise<MessagePosition> {
    return (await this.submit(message)).ack();
  }

  /**
   * As `write`, but waits only until the session has taken the message: the ticket tells the rest.
   *
   * @throws {S2Error} as `write`
   */
  async submit(message: M): Promise<MessageTicket> {
    const batches = this.#framer.frame(this.#codec.encode(message));
    const taken = this.#last.then(async () => {
      const acks: Promise<AppendAck>[] = [];
      for (const records of batches) {
        const matchSeqNum = this.#nextMatchSeqNum;
        const ticket = await this.#session.submit({ records, matchSeqNum });
        if (matchSeqNum !== undefined) this.#nextMatchSeqNum = matchSeqNum + records.length;
        acks.push(ticket.ack());
      }
      return acks;
    });
    this.#last = taken.catch(() => undefined);
    const acks = await taken;
    return { ack: () => positionOf(acks) };
  }

  /** Each chunk is a message; closing it waits for all of them, and leaves the session open. */
  writable(): WritableStream<M> {
    return new WritableStream<M>({
      write: async (message) => {
        await this.write(message);
      },
    });
  }
}

async function positionOf(acks: readonly Promise<AppendAck>[]): Promise<MessagePosition> {
  const all = await Promise.all(acks);
  const [first, final] = [all[0], all.at(-1)] as [AppendAck, AppendAck];
  return { start: first.start, end: final.end };
}

/** @throws {S2Error} `INVALID_ARGUMENT` for an id that readers would not take */
function requireWriterId(writerId: string): void {
  const bytes = utf8ByteLength(writerId);
  if (bytes >= 1 && bytes <= MAX_WRITER_ID_BYTES && isWellFormed(writerId)) return;
  throw new S2Error({
    code: "INVALID_ARGUMENT",
    message: `writerId must be text of 1 to ${MAX_WRITER_ID_BYTES} bytes bytes=${bytes}`,
  });
}

function randomId(random: Random): string {
  return Array.from(
    random.bytes(WRITER_ID_LENGTH),
    (byte) => WRITER_ID_CHARS[byte % WRITER_ID_CHARS.length],
  ).join("");
}
