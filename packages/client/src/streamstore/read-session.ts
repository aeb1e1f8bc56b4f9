// A read session as the official client has it: a stream of records that can be iterated, piped and
// teed, over one of ours. It pulls one record at a time: what nobody asks for is not fetched.
// Spec: sdk#the-official-face, sdk#reading.

import type * as ours from "@s2kit/client";
import { translateError } from "./errors.js";
import { positionOf, type StreamPosition } from "./positions.js";
import { type ReadRecord, readRecordOf } from "./records.js";

/**
 * How streams of this face are iterated. The platform's own name for it is only in some of the
 * libraries of types that programs compile with.
 */
export interface StreamIterator<T> extends AsyncIterator<T, undefined> {
  next(): Promise<IteratorResult<T, undefined>>;
  [Symbol.asyncIterator](): StreamIterator<T>;
  [Symbol.asyncDispose](): PromiseLike<void>;
}

/** Records of one stream, in order, across reconnects. */
export interface ReadSession<Format extends "string" | "bytes" = "string">
  extends ReadableStream<ReadRecord<Format>>,
    AsyncIterable<ReadRecord<Format>>,
    AsyncDisposable {
  /** Behind the last record that was delivered: where to go on after a restart. */
  nextReadPosition(): StreamPosition | undefined;
  /** The newest tail that the server told. */
  lastObservedTail(): StreamPosition | undefined;
  /** True when everything up to that tail was delivered. */
  isCaughtUp(): boolean;
  /** Resolves when that is so. Keep reading meanwhile. */
  caughtUp(): Promise<StreamPosition>;
  [Symbol.asyncIterator](): StreamIterator<ReadRecord<Format>>;
}

/** @internal */
export class OfficialReadSession<F extends "string" | "bytes">
  extends ReadableStream<ReadRecord<F>>
  implements ReadSession<F>
{
  /** Of the patterns of this face, which read batches. */
  readonly ours: ours.ReadSession<F>;

  constructor(session: ours.ReadSession<F>) {
    let records: AsyncIterator<ours.ReadRecord<F>> | undefined;
    super(
      {
        async pull(controller) {
          try {
            const { done, value } = await (records ??= session[Symbol.asyncIterator]()).next();
            if (done === true) controller.close();
            else controller.enqueue(readRecordOf(value));
          } catch (caught) {
            controller.error(translateError(caught));
          }
        },
        cancel: () => session.cancel(),
      },
      { highWaterMark: 0 },
    );
    this.ours = session;
  }

  /** Also while a reader holds the stream: its next record is the end. */
  override cancel(reason?: unknown): Promise<void> {
    return this.locked ? this.ours.cancel() : super.cancel(reason);
  }

  /** Not the platform's own, which some runtimes refuse to subclasses. */
  override [Symbol.asyncIterator](): StreamIterator<ReadRecord<F>> {
    const reader = this.getReader();
    let isDone = false;
    const finish = async (): Promise<void> => {
      if (isDone) return;
      isDone = true;
      await reader.cancel().catch(() => undefined);
      reader.releaseLock();
    };
    const iterator: StreamIterator<ReadRecord<F>> = {
      async next(): Promise<IteratorResult<ReadRecord<F>, undefined>> {
        if (isDone) return { done: true, value: undefined };
        const { done, value } = await reader.read();
        if (!done) return { done: false, value };
        isDone = true;
        reader.releaseLock();
        return { done: true, value: undefined };
      },
      async return(value?: unknown): Promise<IteratorResult<ReadRecord<F>, undefined>> {
        await finish();
        return { done: true, value: value as undefined };
      },
      async throw(reason: unknown): Promise<IteratorResult<ReadRecord<F>, undefined>> {
        await finish();
        throw reason;
      },
      [Symbol.asyncIterator]: () => iterator,
      [Symbol.asyncDispose]: finish,
    };
    return iterator;
  }

  nextReadPosition(): StreamPosition | undefined {
    const next = this.ours.nextReadPosition();
    if (next !== undefined) return positionOf(next);
    // Without a record, the tail that was reached is where to go on.
    return this.ours.isCaughtUp() ? this.lastObservedTail() : undefined;
  }

  lastObservedTail(): StreamPosition | undefined {
    const tail = this.ours.lastObservedTail();
    return tail && positionOf(tail);
  }

  isCaughtUp(): boolean {
    return this.ours.isCaughtUp();
  }

  caughtUp(): Promise<StreamPosition> {
    const reached = this.ours.caughtUp().then(positionOf, (caught: unknown) => {
      throw translateError(caught);
    });
    reached.catch(() => undefined);
    return reached;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.ours.cancel();
  }
}
