// Appends typed messages through an append session: encodes, cuts, numbers, and tells where each message
// went. The session stays its owner's. Spec: SDK section 12.1.

import type { AppendSession } from "@s2kit/client";
import {
  type AppendAck,
  type Random,
  requireSafeU64,
  S2Error,
  type StreamPosition,
  systemRandom,
} from "@s2kit/core";
import type { MessageCodec } from "./codec.js";
import { DEFAULT_MAX_FRAME_BYTES } from "./frame-assembler.js";
import { MAX_CHUNK_BYTES, MessageFramer } from "./message-framer.js";

export interface MessageWriterOptions {
  /** Most payload bytes of a record. Default and at most a little under 1 MiB. */
  readonly chunkSize?: number | undefined;
  /** Most payload bytes of a message. Default 100 MiB. */
  readonly maxFrameBytes?: number | undefined;
  /** Numbers records, so that readers can drop what a retry wrote twice. Default true. */
  readonly dedupe?: boolean | undefined;
  /** First number; for writers that go on after a restart under the same id. Default 0. */
  readonly dedupeSeq?: number | undefined;
  /** Default 12 random characters. */
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

export type MessageSession = Pick<AppendSession, "submit">;

const WRITER_ID_CHARS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const WRITER_ID_LENGTH = 12;

export class MessageWriter<M> {
  private readonly session: MessageSession;
  private readonly codec: MessageCodec<M>;
  private readonly framer: MessageFramer;
  private nextMatchSeqNum: number | undefined;
  /** Batches of messages must not interleave: each message waits for the one before to be taken. */
  private last: Promise<unknown> = Promise.resolve();

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
    if (matchSeqNum !== undefined) requireSafeU64(matchSeqNum, "matchSeqNum");
    const writerId = options.writerId ?? randomId(components.random ?? systemRandom);
    this.session = session;
    this.codec = codec;
    this.nextMatchSeqNum = matchSeqNum;
    this.framer = new MessageFramer(
      { chunkSize, maxFrameBytes, writerId: dedupe ? writerId : undefined },
      dedupeSeq,
    );
  }

  /**
   * Appends a message and waits until it is durable. Do not await for pipelining: order is that of calls.
   *
   * @throws {S2Error} `INVALID_ARGUMENT` or `FRAME_SIZE` for a message that cannot be framed, which
   *   harms no other; or the session's failure
   */
  async write(message: M): Promise<MessagePosition> {
    const batches = this.framer.frame(this.codec.encode(message));
    const taken = this.last.then(async () => {
      const acks: Promise<AppendAck>[] = [];
      for (const records of batches) {
        const matchSeqNum = this.nextMatchSeqNum;
        const ticket = await this.session.submit({ records, matchSeqNum });
        if (matchSeqNum !== undefined) this.nextMatchSeqNum = matchSeqNum + records.length;
        acks.push(ticket.ack());
      }
      return acks;
    });
    this.last = taken.catch(() => undefined);
    const acks = await Promise.all(await taken);
    const [first, final] = [acks[0], acks.at(-1)] as [AppendAck, AppendAck];
    return { start: first.start, end: final.end };
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

function randomId(random: Random): string {
  return Array.from(
    random.bytes(WRITER_ID_LENGTH),
    (byte) => WRITER_ID_CHARS[byte % WRITER_ID_CHARS.length],
  ).join("");
}
