// A world for the read session without sockets: a log that grows, wires that a random schedule drives, a
// consumer that takes when it likes, and simulated time. Used by the model check.

import {
  err,
  ok,
  type Random,
  type ReadBatch,
  type ReadQuery,
  randomInteger,
  S2Error,
  type SequencedRecord,
} from "@s2kit/core";
import { createSimulatedClock, type SimulatedClock } from "@s2kit/core/testing";
import { timeoutError } from "../../src/errors.js";
import { ReadSessionCore } from "../../src/session/read/read-session-core.js";
import type { ReadWire, ReadWireHandlers } from "../../src/wire/read-wire.js";

const EMPTY = new Uint8Array(0);
/** Counts as so many bytes on the wire, so that a few batches fill the buffer of the session. */
const WIRE_BYTES: number = 1024 * 1024;

class WorldWire implements ReadWire {
  isOver = false;
  isOpen = false;
  isPaused = false;
  next: number;
  left: number;
  readonly handlers: ReadWireHandlers;
  readonly #canPause: boolean;

  constructor(query: ReadQuery, tail: number, canPause: boolean, handlers: ReadWireHandlers) {
    const { from } = query;
    this.next =
      from === undefined || "timestamp" in from
        ? 0
        : "seqNum" in from
          ? from.seqNum
          : Math.max(0, tail - from.tailOffset);
    this.left = query.count ?? Number.POSITIVE_INFINITY;
    this.#canPause = canPause;
    this.handlers = handlers;
  }

  pause(): boolean {
    this.isPaused = this.#canPause;
    return this.#canPause;
  }

  resume(): void {
    this.isPaused = false;
  }

  abort(): void {
    this.isOver = true;
  }

  retire(): void {}
}

export class ReadWorld {
  readonly clock: SimulatedClock = createSimulatedClock();
  readonly core: ReadSessionCore;
  readonly taken: number[] = [];
  tail: number;
  end: { readonly error: S2Error | undefined } | undefined;
  isHealthy = false;
  readonly #random: Random;
  #wire: WorldWire | undefined;
  #isTaking = false;

  constructor(random: Random, query: ReadQuery, canPause: boolean, tail = 0) {
    this.#random = random;
    this.tail = tail;
    this.core = new ReadSessionCore(
      {
        event: { operation: "read", basin: "test-basin", stream: "s" },
        clock: this.clock,
        random,
        hooks: {},
        retry: {
          maxAttempts: Number.MAX_SAFE_INTEGER,
          minBaseDelayMillis: 100,
          maxBaseDelayMillis: 1000,
          appendRetryPolicy: "all",
        },
        requestTimeoutMillis: 5000,
        livenessMillis: 20_000,
        openWire: (asked, handlers) => {
          if (this.#wire?.isOver === false) throw new Error("two wires at once");
          this.#wire = new WorldWire(asked, this.tail, canPause, handlers);
          return this.#wire;
        },
        readNext: (asked) => Promise.resolve(ok(this.#recordBehind(asked))),
        isMended: () => false,
      },
      { query, ignoreCommandRecords: false, retryPolicy: "budgeted" },
      () => undefined,
    );
    this.core.start().catch(() => undefined);
  }

  grow(): void {
    this.tail += randomInteger(this.#random, 1, 4);
  }

  /** The consumer asks for its next batch; one question at a time. */
  take(): void {
    if (this.#isTaking || this.end !== undefined) return;
    this.#isTaking = true;
    this.core.deliveries.take().then(
      (delivery) => {
        this.#isTaking = false;
        if (delivery === undefined) {
          this.end = { error: undefined };
          return;
        }
        for (const { seqNum } of delivery.records) this.taken.push(seqNum);
        this.core.deliveries.noteDelivered(delivery);
      },
      (caught: unknown) => {
        this.end = { error: S2Error.from(caught) };
      },
    );
  }

  async step(): Promise<void> {
    const wire = this.#wire;
    if (wire === undefined || wire.isOver) this.clock.fireNext();
    else if (!wire.isOpen) {
      wire.isOpen = true;
      wire.handlers.onOpen();
    } else if (!this.isHealthy && this.#random.next() < 0.15) this.#misbehave(wire);
    else if (!wire.isPaused) this.#send(wire);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }

  #send(wire: WorldWire): void {
    const count = Math.min(this.tail - wire.next, wire.left, randomInteger(this.#random, 1, 5));
    if (count <= 0) {
      if (wire.left <= 0) this.#finish(wire, undefined);
      else this.#deliver(wire, { records: [], tail: this.#position(this.tail) }, 0);
      return;
    }
    const records: SequencedRecord[] = Array.from({ length: count }, (_, i) => ({
      ...this.#position(wire.next + i),
      headers: [],
      body: EMPTY,
    }));
    wire.next += count;
    wire.left -= count;
    const isLive = this.#random.next() < 0.5;
    this.#deliver(
      wire,
      isLive ? { records, tail: this.#position(this.tail) } : { records },
      WIRE_BYTES,
    );
  }

  #deliver(wire: WorldWire, batch: ReadBatch, wireBytes: number): void {
    wire.handlers.onBatch(batch, wireBytes);
  }

  #misbehave(wire: WorldWire): void {
    switch (randomInteger(this.#random, 0, 4)) {
      case 0:
        return this.#finish(wire, timeoutError("connection", 1));
      case 1:
        return this.#finish(
          wire,
          new S2Error({ code: "server_draining", message: "going", origin: "server" }),
        );
      case 2:
        return wire.handlers.onAdvice();
      case 3: // As a proxy ends what is idle.
        return this.#finish(wire, undefined);
      default: // Silence, while records may wait.
        this.clock.advance(20_001);
    }
  }

  #finish(wire: WorldWire, error: S2Error | undefined): void {
    if (wire.isOver) return;
    wire.isOver = true;
    wire.handlers.onEnd(error === undefined ? ok("unsaid") : err(error));
  }

  #recordBehind({ from }: ReadQuery): SequencedRecord | undefined {
    const seqNum = from !== undefined && "seqNum" in from ? from.seqNum : this.tail;
    if (seqNum >= this.tail) return undefined;
    return { ...this.#position(seqNum), headers: [], body: EMPTY };
  }

  #position(seqNum: number): { seqNum: number; timestamp: number } {
    return { seqNum, timestamp: 0 };
  }
}
