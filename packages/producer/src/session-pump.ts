// Hands sealed batches to the append session in order: the next as soon as the session has accepted
// the one before. Counts the matching seqNum on, and tells what became of each batch.
// Spec: sdk#producer.

import type { AppendSession, BatchSubmitTicket } from "@s2kit/client";
import { type AppendAck, type AppendRecord, Fifo, S2Error } from "@s2kit/core";
import type { CollectedBatch } from "./batcher.js";
import type { BatchSettings } from "./options.js";
import type { BatchOutcome } from "./ticket.js";

/** What a producer needs of an append session: narrower than the session itself. */
export type ProducerSession = Pick<AppendSession, "submit" | "trySubmit" | "close" | "abort">;

export interface SealedBatch extends CollectedBatch {
  readonly outcome: BatchOutcome;
}

export interface SessionPumpComponents {
  readonly session: ProducerSession;
  /** Of each batch that is durable, in order; its outcome is told already. */
  onAck(batch: SealedBatch, ack: AppendAck): void;
  /** Nothing more can be handed over. */
  onFailure(error: S2Error): void;
}

export class SessionPump {
  readonly #settings: BatchSettings;
  readonly #components: SessionPumpComponents;
  readonly #sealed = new Fifo<SealedBatch>();
  #nextMatchSeqNum: number | undefined;
  /** Outcome of the newest sealed batch: acknowledgements come in order, so it stands for all. */
  #newest: Promise<AppendAck> | undefined;
  #state: "idle" | "waiting" | "ended" = "idle";

  constructor(settings: BatchSettings, components: SessionPumpComponents) {
    this.#settings = settings;
    this.#components = components;
    this.#nextMatchSeqNum = settings.matchSeqNum;
  }

  /** Settles when everything that was pushed has; undefined before the first. */
  get newest(): Promise<AppendAck> | undefined {
    return this.#newest;
  }

  push(batch: SealedBatch): void {
    this.#newest = batch.outcome.promise;
    this.#sealed.push(batch);
    this.#pump();
  }

  /** Hands over nothing more: what waits fails with this error. */
  end(error: S2Error): void {
    this.#state = "ended";
    for (const batch of this.#sealed) batch.outcome.reject(error);
    this.#sealed.clear();
  }

  #pump(): void {
    if (this.#state !== "idle") return;
    try {
      for (;;) {
        const batch = this.#sealed.peek();
        if (batch === undefined) return;
        const ticket = this.#components.session.trySubmit(this.#inputOf(batch));
        if (ticket === undefined) {
          void this.#waitForRoom(batch);
          return;
        }
        this.#accepted(ticket);
      }
    } catch (caught) {
      this.#components.onFailure(S2Error.from(caught));
    }
  }

  async #waitForRoom(batch: SealedBatch): Promise<void> {
    this.#state = "waiting";
    try {
      const ticket = await this.#components.session.submit(this.#inputOf(batch));
      if (this.#state !== "waiting") return;
      this.#state = "idle";
      this.#accepted(ticket);
    } catch (caught) {
      this.#components.onFailure(S2Error.from(caught));
    }
    this.#pump();
  }

  #inputOf(batch: SealedBatch): {
    readonly records: readonly AppendRecord[];
    readonly fencingToken: string | undefined;
    readonly matchSeqNum: number | undefined;
  } {
    return {
      records: batch.records,
      fencingToken: this.#settings.fencingToken,
      matchSeqNum: this.#nextMatchSeqNum,
    };
  }

  #accepted(ticket: BatchSubmitTicket): void {
    const batch = this.#sealed.shift() as SealedBatch;
    // Only a batch that was really sent moves the count on.
    if (this.#nextMatchSeqNum !== undefined) this.#nextMatchSeqNum += batch.records.length;
    ticket.ack().then(
      (ack) => {
        batch.outcome.resolve(ack);
        this.#components.onAck(batch, ack);
      },
      (caught: unknown) => {
        const error = S2Error.from(caught);
        batch.outcome.reject(error);
        this.#components.onFailure(error);
      },
    );
  }
}
