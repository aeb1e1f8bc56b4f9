// A stream that many writers of messages share, without sockets: their records interleave one by one, retries
// write records twice, writers crash in the middle and come back, commands and foreign records lie between.
// It remembers which messages are whole, so that what readers get can be judged.

import type { AppendInput, BatchSubmitTicket, ReadSession } from "@s2kit/client";
import {
  type AppendRecord,
  encodeUtf8,
  fenceRecord,
  type Random,
  randomInteger,
  type SequencedRecord,
  trimRecord,
} from "@s2kit/core";
import {
  type MessageCodec,
  type MessageSession,
  MessageWriter,
  readMessageHeaders,
} from "../src/patterns/index.js";

/** Which message, and bytes that belong to no other. */
export interface WorldMessage {
  readonly id: string;
  readonly body: Uint8Array;
}

/** Uses one buffer for everything that it encodes, as fast codecs do. */
export function reusingCodec(capacity: number): MessageCodec<WorldMessage> {
  const buffer = Buffer.alloc(capacity);
  return {
    encode({ id, body }) {
      const head = encodeUtf8(`${id}\n`);
      buffer.set(head);
      buffer.set(body, head.length);
      return buffer.subarray(0, head.length + body.length);
    },
    decode(bytes) {
      const end = bytes.indexOf(10);
      return {
        id: new TextDecoder().decode(bytes.subarray(0, end)),
        body: bytes.slice(end + 1),
      };
    },
  };
}

/** What a message of an id holds: differs in every byte from its neighbours. */
export function bodyOf(id: string, length: number): Uint8Array {
  let state = 7;
  for (const char of encodeUtf8(id)) state = (state * 31 + char) >>> 0;
  const body = new Uint8Array(length);
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    body[i] = state >>> 24;
  }
  return body;
}

interface Queued {
  readonly record: AppendRecord;
  /** Set on the last record of a message: the message is whole once it is in the log. */
  readonly completes: string | undefined;
}

/** A session whose records wait until the world takes them. */
class WorldSession implements MessageSession {
  readonly queue: Queued[] = [];
  /** In the log, and perhaps to be written again. */
  readonly recent: Queued[] = [];
  completing: string | undefined;
  #left = 0;

  submit({ records }: AppendInput): Promise<BatchSubmitTicket> {
    for (const record of records) {
      this.#left ||= readMessageHeaders(record.headers).frameRecords ?? 1;
      this.#left--;
      this.queue.push({ record, completes: this.#left === 0 ? this.completing : undefined });
    }
    return Promise.resolve({ ack: () => new Promise(() => undefined) } as never);
  }
}

interface WorldWriter {
  readonly name: string;
  readonly session: WorldSession;
  readonly writer: MessageWriter<WorldMessage>;
}

export interface WorldOptions {
  readonly writers: number;
  readonly chunkSize?: number | undefined;
  /** Bytes of a message, at random within. */
  readonly messageBytes: readonly [min: number, max: number];
}

export class MessageWorld {
  readonly log: SequencedRecord[] = [];
  /** Ids of messages that are whole, in the order in which they became so. */
  readonly whole: string[] = [];
  foreignCount = 0;
  commandCount = 0;
  repeatCount = 0;
  readonly #random: Random;
  readonly #options: WorldOptions;
  readonly #codec: MessageCodec<WorldMessage>;
  readonly #writers: WorldWriter[];
  readonly #completed = new Set<string>();
  #starts = 0;
  #nextMessage = 0;

  constructor(random: Random, options: WorldOptions) {
    this.#random = random;
    this.#options = options;
    this.#codec = reusingCodec(options.messageBytes[1] + 100);
    this.#writers = Array.from({ length: options.writers }, (_, i) => this.#start(`writer-${i}`));
  }

  get hasQueued(): boolean {
    return this.#writers.some(({ session }) => session.queue.length > 0);
  }

  /** One writer writes a message; its records wait. */
  async write(
    index: number = randomInteger(this.#random, 0, this.#writers.length - 1),
  ): Promise<void> {
    const { name, session, writer } = this.#writers[index] as WorldWriter;
    const id = `${name}/${this.#nextMessage++}`;
    const length = randomInteger(this.#random, ...this.#options.messageBytes);
    session.completing = id;
    writer.write({ id, body: bodyOf(id, length) }).catch(() => undefined);
    // The writer hands over in turns of its own.
    for (let i = 0; i < 8; i++) await Promise.resolve();
  }

  /** One record of one writer, at random, becomes durable. */
  take(): void {
    const busy = this.#writers.filter(({ session }) => session.queue.length > 0);
    const chosen = busy[randomInteger(this.#random, 0, busy.length - 1)];
    if (chosen !== undefined) this.#takeFrom(chosen.session);
  }

  /** A lost acknowledgement: the last records of a writer are written again, in order. */
  repeat(): void {
    const { session } = this.#any();
    const again = session.recent.slice(-randomInteger(this.#random, 1, 6));
    this.repeatCount += again.length;
    for (const { record } of again) this.#append(record);
  }

  /** A writer dies with what it has not written; under its old name or a new one it comes back. */
  crash(): void {
    const index = randomInteger(this.#random, 0, this.#writers.length - 1);
    const { name } = this.#writers[index] as WorldWriter;
    this.#writers[index] = this.#start(name);
  }

  /** What others write into the same stream. */
  intrude(): void {
    const dice = randomInteger(this.#random, 0, 3);
    if (dice < 2) {
      this.commandCount++;
      return this.#append(dice === 0 ? fenceRecord("token") : trimRecord(0));
    }
    this.foreignCount++;
    const headers = dice === 2 ? [] : [[encodeUtf8("trace"), encodeUtf8("1")] as const];
    this.#append({ headers, body: encodeUtf8("not a message") });
  }

  /** A read session over what is there now, from a seqNum to the tail, in random batches. */
  session(fromSeqNum = 0): Pick<ReadSession<"bytes">, "batches" | "cancel"> {
    const { log } = this;
    const random = this.#random;
    const end = log.length;
    async function* batches(): AsyncGenerator<{ readonly records: readonly SequencedRecord[] }> {
      for (let at = fromSeqNum; at < end; ) {
        const next = Math.min(end, at + randomInteger(random, 1, 7));
        yield { records: log.slice(at, next) };
        at = next;
      }
    }
    return {
      batches: () => batches() as AsyncIterableIterator<never>,
      cancel: () => Promise.resolve(),
    };
  }

  #start(name: string): WorldWriter {
    const session = new WorldSession();
    this.#starts++;
    const isNamed = this.#random.next() < 0.5;
    const options = isNamed ? { writerId: name, dedupeSeq: this.#starts * 2 ** 20 } : {};
    const writer = new MessageWriter(
      session,
      this.#codec,
      { chunkSize: this.#options.chunkSize, ...options },
      { random: this.#random },
    );
    return { name, session, writer };
  }

  #takeFrom(session: WorldSession): void {
    const queued = session.queue.shift() as Queued;
    this.#append(queued.record);
    session.recent.push(queued);
    const { completes } = queued;
    if (completes === undefined || this.#completed.has(completes)) return;
    this.#completed.add(completes);
    this.whole.push(completes);
  }

  #append({ headers, body }: AppendRecord): void {
    this.log.push({ seqNum: this.log.length, timestamp: 0, headers, body });
  }

  #any(): WorldWriter {
    return this.#writers[randomInteger(this.#random, 0, this.#writers.length - 1)] as WorldWriter;
  }
}
