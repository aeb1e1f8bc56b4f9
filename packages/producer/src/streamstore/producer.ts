// The producer as the official client has it, over ours: its batching is described by a transform,
// its acknowledgements have Dates. Spec: sdk#the-official-face, sdk#producer.

import {
  type AppendAck,
  type AppendInput,
  type AppendRecord,
  type AppendSession,
  OfficialAppendSession,
  S2Error,
  translateError,
} from "@s2kit/client/streamstore";
import type { AppendAck as OurAck } from "@s2kit/core";
import { Producer as OurProducer } from "../producer.js";
import type { IndexedAppendAck as OurIndexedAck } from "../ticket.js";
import type { BatchTransform } from "./batch-transform.js";

/** Where one record went. */
export class IndexedAppendAck {
  /** Place of the record in its batch. */
  readonly index: number;
  /** Of the whole batch. */
  readonly ack: AppendAck;

  constructor(index: number, ack: AppendAck) {
    this.index = index;
    this.ack = ack;
  }

  batchAppendAck(): AppendAck {
    return this.ack;
  }

  /** The seqNum that the record got. */
  seqNum(): number {
    return this.ack.start.seqNum + this.index;
  }
}

/** What became of a submitted record. */
export class RecordSubmitTicket {
  readonly #outcome: Promise<IndexedAppendAck>;

  constructor(ackPromise: Promise<IndexedAppendAck>) {
    this.#outcome = ackPromise;
    ackPromise.catch(() => undefined);
  }

  /** Resolves when the record is durable. */
  ack(): Promise<IndexedAppendAck> {
    return this.#outcome;
  }
}

/** Appends single records in batches; each gets a ticket of its own. */
export class Producer implements AsyncDisposable {
  readonly batchTransform: BatchTransform;
  /** Holds the transform, whose work this producer does itself. */
  readonly transformWriter: WritableStreamDefaultWriter<AppendRecord>;
  /** As the writer. */
  readonly transformReader: ReadableStreamDefaultReader<AppendInput>;
  readonly appendSession: AppendSession;
  /** Settles when the producer has ended, whatever way. */
  readonly pump: Promise<void>;
  readonly #producer: OurProducer;
  #acks: ReadableStream<IndexedAppendAck> | undefined;
  #records: WritableStream<AppendRecord> | undefined;
  #end: () => void = () => undefined;

  /** @throws {S2Error} for a session that is none of this face */
  constructor(batchTransform: BatchTransform, appendSession: AppendSession, _debugName?: string) {
    if (!(appendSession instanceof OfficialAppendSession))
      throw new S2Error({ message: "the session must come from stream.appendSession()" });
    this.batchTransform = batchTransform;
    this.appendSession = appendSession;
    this.transformWriter = batchTransform.writable.getWriter();
    this.transformReader = batchTransform.readable.getReader();
    this.pump = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#producer = new OurProducer(appendSession.ours, batchTransform.options);
  }

  /** Acknowledgements of single records in order, from the first access on. */
  get readable(): ReadableStream<IndexedAppendAck> {
    if (this.#acks !== undefined) return this.#acks;
    const reader = this.#producer.readable.getReader();
    this.#acks = new ReadableStream<IndexedAppendAck>(
      {
        async pull(controller) {
          try {
            const { done, value } = await reader.read();
            if (done) controller.close();
            else controller.enqueue(indexedAckOf(value));
          } catch (caught) {
            controller.error(translateError(caught));
          }
        },
        cancel: (reason) => reader.cancel(reason),
      },
      { highWaterMark: 0 },
    );
    return this.#acks;
  }

  /** Writes are submits; closing it closes the producer. */
  get writable(): WritableStream<AppendRecord> {
    this.#records ??= new WritableStream<AppendRecord>({
      write: async (record) => {
        await this.submit(record);
      },
      close: () => this.close(),
      abort: (reason) => {
        this.#producer.abort(reason);
        this.#end();
      },
    });
    return this.#records;
  }

  /** Takes a record once there is room for it, in the order of calls. */
  async submit(record: AppendRecord): Promise<RecordSubmitTicket> {
    try {
      const ticket = await this.#producer.submit(record);
      return new RecordSubmitTicket(
        ticket.ack().then(indexedAckOf, (caught: unknown) => {
          throw translateError(caught);
        }),
      );
    } catch (caught) {
      throw translateError(caught);
    }
  }

  /** Resolves when everything submitted before is durable. */
  async flush(): Promise<void> {
    await this.#producer.flush().catch((caught: unknown) => {
      throw translateError(caught);
    });
  }

  /** Takes nothing more, makes everything durable and closes the session. */
  async close(): Promise<void> {
    try {
      await this.#producer.close();
    } catch (caught) {
      throw translateError(caught);
    } finally {
      this.#end();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function indexedAckOf({ index, ack }: OurIndexedAck): IndexedAppendAck {
  return new IndexedAppendAck(index, {
    start: positionOf(ack.start),
    end: positionOf(ack.end),
    tail: positionOf(ack.tail),
  });
}

function positionOf({ seqNum, timestamp }: OurAck["start"]): AppendAck["start"] {
  return { seqNum, timestamp: new Date(timestamp) };
}
