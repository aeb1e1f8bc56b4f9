// An append session that acknowledges when a test says so, and remembers what it was given.

import type { AppendInput, AppendSession, BatchSubmitTicket } from "@s2kit/client";
import { type AppendAck, type Deferred, deferred, S2Error } from "@s2kit/core";
import type { ProducerSession } from "../src/index.js";

interface Taken {
  readonly input: AppendInput;
  readonly outcome: Deferred<AppendAck>;
}

export class FakeSession implements ProducerSession {
  /** Batches that were accepted, oldest first. */
  readonly taken: Taken[] = [];
  /** How many batches may be unacknowledged; more waits. */
  maxInflight: number = Number.POSITIVE_INFINITY;
  closeCount = 0;
  abortReason: unknown;
  #acked = 0;
  #nextSeqNum = 0;
  readonly #waiting: (() => void)[] = [];

  get bodies(): string[][] {
    return this.taken.map(({ input }) =>
      input.records.map(({ body }) => Buffer.from(body).toString()),
    );
  }

  trySubmit(input: AppendInput): BatchSubmitTicket | undefined {
    if (this.taken.length - this.#acked >= this.maxInflight) return undefined;
    const outcome: Deferred<AppendAck> = deferred();
    outcome.promise.catch(() => undefined);
    this.taken.push({ input, outcome });
    return { ack: () => outcome.promise } as unknown as BatchSubmitTicket;
  }

  async submit(input: AppendInput): ReturnType<AppendSession["submit"]> {
    for (;;) {
      const ticket = this.trySubmit(input);
      if (ticket !== undefined) return ticket;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Acknowledges the oldest batch, or all. */
  ack(count = 1): void {
    for (let i = 0; i < count; i++) {
      const head = this.taken[this.#acked++];
      const length = head?.input.records.length ?? 0;
      const at = (seqNum: number): AppendAck["start"] => ({ seqNum, timestamp: 0 });
      const start = this.#nextSeqNum;
      this.#nextSeqNum += length;
      head?.outcome.resolve({
        start: at(start),
        end: at(this.#nextSeqNum),
        tail: at(this.#nextSeqNum),
      });
    }
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  ackAll(): void {
    this.ack(this.taken.length - this.#acked);
  }

  /** Fails everything unacknowledged with one error. */
  fail(error: S2Error = new S2Error({ code: "storage", message: "broken" })): S2Error {
    for (const { outcome } of this.taken.slice(this.#acked)) outcome.reject(error);
    return error;
  }

  close(): Promise<void> {
    this.closeCount++;
    return Promise.resolve();
  }

  abort(reason?: unknown): void {
    this.abortReason = reason;
  }
}

/** Lets promises and immediate callbacks settle. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (caught) {
    return caught;
  }
  throw new Error("expected a rejection");
}
