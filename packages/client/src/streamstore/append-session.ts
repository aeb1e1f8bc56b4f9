// An append session as the official client has it, over one of ours. Acknowledgements have Dates;
// streams come into being when they are asked for. Spec: sdk#the-official-face, sdk#appending.

import type * as ours from "@s2kit/client";
import { type S2Error, translateError, translating } from "./errors.js";
import type { StreamIterator } from "./read-session.js";
import { type AppendAck, type AppendInput, ackOf } from "./records.js";

/** Acknowledgements, which can be read or iterated. */
export interface AcksStream extends ReadableStream<AppendAck>, AsyncIterable<AppendAck> {
  [Symbol.asyncIterator](): StreamIterator<AppendAck>;
}

/** What became of a submitted batch. */
export class BatchSubmitTicket {
  readonly #outcome: Promise<AppendAck>;
  /** Metered bytes of the batch. */
  readonly bytes: number;
  readonly numRecords: number;

  constructor(outcome: Promise<AppendAck>, bytes: number, numRecords: number) {
    this.#outcome = outcome;
    this.bytes = bytes;
    this.numRecords = numRecords;
    outcome.catch(() => undefined);
  }

  /** Resolves when the batch is durable. */
  ack(): Promise<AppendAck> {
    return this.#outcome;
  }
}

/** Ordered, pipelined appends to one stream. */
export interface AppendSession extends AsyncDisposable {
  /** Acknowledgements in order, from the first access on. */
  readonly readable: ReadableStream<AppendAck>;
  /** Writes are submits; closing it closes the session. */
  readonly writable: WritableStream<AppendInput>;
  /** Takes a batch once there is room for it, in the order of calls. */
  submit(input: AppendInput): Promise<BatchSubmitTicket>;
  /** Takes nothing more, and waits until all is durable. */
  close(): Promise<void>;
  /** The same stream as `readable`. */
  acks(): AcksStream;
  lastAckedPosition(): AppendAck | undefined;
  /** Why the session ended, if it failed. */
  failureCause(): S2Error | undefined;
}

/** What our session takes of a batch. @internal */
export function batchOf(input: AppendInput): ours.BatchInput {
  const { records, matchSeqNum, fencingToken } = input;
  return {
    records,
    ...(matchSeqNum === undefined ? {} : { matchSeqNum }),
    ...(fencingToken === undefined ? {} : { fencingToken }),
  };
}

/** @internal */
export class OfficialAppendSession implements AppendSession {
  /** Of the producer of this face, which needs no adapter in between. */
  readonly ours: ours.AppendSession;
  #acks: AcksStream | undefined;
  #inputs: WritableStream<AppendInput> | undefined;

  constructor(session: ours.AppendSession) {
    this.ours = session;
  }

  get readable(): ReadableStream<AppendAck> {
    return this.acks();
  }

  get writable(): WritableStream<AppendInput> {
    this.#inputs ??= new WritableStream<AppendInput>({
      write: async (input) => {
        await this.submit(input);
      },
      close: () => this.close(),
      abort: (reason) => this.ours.abort(reason),
    });
    return this.#inputs;
  }

  async submit(input: AppendInput): Promise<BatchSubmitTicket> {
    const ticket = await translating(() => this.ours.submit(batchOf(input)));
    const outcome = ticket.ack().then(ackOf, (caught: unknown) => {
      throw translateError(caught);
    });
    return new BatchSubmitTicket(outcome, ticket.bytes, ticket.numRecords);
  }

  close(): Promise<void> {
    return translating(() => this.ours.close());
  }

  acks(): AcksStream {
    if (this.#acks !== undefined) return this.#acks;
    const reader = this.ours.readable.getReader();
    this.#acks = new ReadableStream<AppendAck>(
      {
        async pull(controller) {
          try {
            const { done, value } = await reader.read();
            if (done) controller.close();
            else controller.enqueue(ackOf(value));
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

  lastAckedPosition(): AppendAck | undefined {
    const last = this.ours.lastAckedPosition();
    return last && ackOf(last);
  }

  failureCause(): S2Error | undefined {
    const cause = this.ours.failureCause();
    return cause && translateError(cause);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
