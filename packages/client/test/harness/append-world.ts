// A world for the append session without sockets: wires that a random schedule drives, a server log
// that remembers what really happened, and simulated time. Used by the model check.

import {
  type AppendInput,
  type AppendRecord,
  decodeAppendInput,
  decodeUtf8Lossy,
  encodeAppendInput,
  encodeUtf8,
  err,
  FRAME_HEAD_BYTES,
  ok,
  type Random,
  randomInteger,
  S2Error,
} from "@s2kit/core";
import { createSimulatedClock, type SimulatedClock } from "@s2kit/core/testing";
import { timeoutError } from "../../src/errors.js";
import type { AppendRetryPolicy } from "../../src/retry/policy.js";
import { AppendSessionCore } from "../../src/session/append/append-session-core.js";
import type { AppendWire, AppendWireHandlers, EncodedBatch } from "../../src/wire/append-wire.js";

const REQUEST_TIMEOUT_MILLIS = 5000;

/** A wire whose far end is the world's log. */
class WorldWire implements AppendWire {
  canSend = false;
  isOver = false;
  isFinishing = false;
  /** Sent and not yet looked at by the server. */
  readonly inbox: AppendInput[] = [];
  /** Durable and not yet acknowledged. */
  readonly unacked: { start: number; count: number }[] = [];
  readonly handlers: AppendWireHandlers;

  constructor(handlers: AppendWireHandlers) {
    this.handlers = handlers;
  }

  send(batch: EncodedBatch): void {
    if (!this.canSend) throw new Error("sent without room");
    this.inbox.push(decodeAppendInput(batch.frame.subarray(FRAME_HEAD_BYTES)));
  }

  finish(): void {
    this.isFinishing = true;
    this.canSend = false;
  }

  abort(): void {
    this.isOver = true;
    this.canSend = false;
  }

  retire(): void {}
}

export interface Submitted {
  readonly ids: readonly string[];
  outcome: "pending" | "failed" | { readonly start: number };
  error?: S2Error;
}

export class AppendWorld {
  readonly clock: SimulatedClock = createSimulatedClock();
  /** What the server made durable, by seqNum. */
  readonly log: string[] = [];
  readonly submitted: Submitted[] = [];
  readonly core: AppendSessionCore;
  ended: { readonly error: S2Error | undefined } | undefined;
  isHealthy = false;
  readonly #random: Random;
  #wire: WorldWire | undefined;
  #nextId = 0;

  constructor(random: Random, policy: AppendRetryPolicy, maxAttempts: number) {
    this.#random = random;
    this.core = new AppendSessionCore(
      {
        event: { operation: "append", basin: "test-basin", stream: "s" },
        clock: this.clock,
        random,
        hooks: {},
        retry: {
          maxAttempts,
          minBaseDelayMillis: 100,
          maxBaseDelayMillis: 1000,
          appendRetryPolicy: policy,
        },
        requestTimeoutMillis: REQUEST_TIMEOUT_MILLIS,
        openTimeoutMillis: 2 * REQUEST_TIMEOUT_MILLIS,
        openWire: (handlers) => {
          if (this.#wire?.isOver === false) throw new Error("two wires at once");
          this.#wire = new WorldWire(handlers);
          return this.#wire;
        },
        encode: (input) => this.#encode(input),
        isMended: () => false,
      },
      { maxInflightBytes: 1024 * 1024, maxInflightBatches: 4 },
      {
        onAck: () => undefined,
        onEnd: (error) => {
          if (this.ended !== undefined) throw new Error("ended twice");
          this.ended = { error };
        },
      },
    );
  }

  /** Some encodings take a turn, as compression in a thread does. */
  #encode(input: AppendInput): EncodedBatch | Promise<EncodedBatch> {
    const batch: EncodedBatch = {
      frame: encodeAppendInput(input, FRAME_HEAD_BYTES),
      compression: "none",
    };
    return this.#random.next() < 0.3 ? Promise.resolve(batch) : batch;
  }

  submit(): void {
    const ids = Array.from(
      { length: randomInteger(this.#random, 1, 3) },
      () => `record-${this.#nextId++}`,
    );
    const entry: Submitted = { ids, outcome: "pending" };
    this.submitted.push(entry);
    const records: AppendRecord[] = ids.map((id) => ({ headers: [], body: encodeUtf8(id) }));
    const fail = (caught: unknown): void => {
      entry.outcome = "failed";
      entry.error = S2Error.from(caught);
    };
    this.core.submit({ records }).then((ticket) => {
      ticket.ack().then((ack) => {
        entry.outcome = { start: ack.start.seqNum };
      }, fail);
    }, fail);
  }

  /** One random event; the healthy world only makes progress. */
  async step(): Promise<void> {
    const wire = this.#wire;
    if (wire === undefined || wire.isOver) {
      this.clock.fireNext();
    } else if (!wire.isFinishing && !wire.canSend) {
      wire.canSend = true;
      wire.handlers.onRoom();
    } else this.#wireStep(wire);
    await turn();
  }

  #wireStep(wire: WorldWire): void {
    const dice = this.#random.next();
    if (!this.isHealthy && dice < 0.12) this.#misbehave(wire);
    else if (dice < 0.5 && wire.inbox.length > 0) this.#take(wire);
    else if (wire.unacked.length > 0) this.#acknowledge(wire);
    else if (wire.inbox.length > 0) this.#take(wire);
    else if (wire.isFinishing) this.#end(wire, undefined);
    else if (!this.isHealthy && dice > 0.95) wire.canSend = false;
  }

  /** Another writer may come in between. */
  #take(wire: WorldWire): void {
    const input = wire.inbox.shift() as AppendInput;
    if (this.#random.next() < 0.1) this.log.push("other writer");
    wire.unacked.push({ start: this.log.length, count: input.records.length });
    for (const record of input.records) this.log.push(decodeUtf8Lossy(record.body));
  }

  #acknowledge(wire: WorldWire): void {
    const { start, count } = wire.unacked.shift() as { start: number; count: number };
    const at = (seqNum: number): { seqNum: number; timestamp: number } => ({
      seqNum,
      timestamp: 0,
    });
    wire.handlers.onAck({ start: at(start), end: at(start + count), tail: at(this.log.length) });
  }

  #misbehave(wire: WorldWire): void {
    switch (randomInteger(this.#random, 0, 6)) {
      case 0: // The connection breaks before the server looked at the rest.
        return this.#end(wire, network(false));
      case 1: // It breaks behind the server's back: the rest becomes durable, unacknowledged.
        while (wire.inbox.length > 0) this.#take(wire);
        return this.#end(wire, network(false));
      case 2: // Refused unprocessed: only true while nothing unacknowledged was taken.
        return wire.unacked.length === 0 ? this.#end(wire, network(true)) : undefined;
      case 3: // A planned restart: everything taken is acknowledged first, the rest is dropped.
        while (!wire.isOver && wire.unacked.length > 0) this.#acknowledge(wire);
        return this.#end(
          wire,
          new S2Error({ code: "server_draining", message: "going", origin: "server" }),
        );
      case 4:
        return wire.handlers.onAdvice();
      case 5: // The response ends as if all were well.
        return this.#end(wire, undefined);
      default: // Silence until the deadline of the head.
        this.clock.advance(REQUEST_TIMEOUT_MILLIS + 1);
    }
  }

  #end(wire: WorldWire, error: S2Error | undefined): void {
    if (wire.isOver) return;
    wire.isOver = true;
    wire.canSend = false;
    wire.handlers.onEnd(error === undefined ? ok(undefined) : err(error));
  }
}

function network(hasNoSideEffects: boolean): S2Error {
  return hasNoSideEffects
    ? new S2Error({ code: "NETWORK_ERROR", message: "refused", hasNoSideEffects: true })
    : timeoutError("connection", 1);
}

/** Lets promises settle. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
