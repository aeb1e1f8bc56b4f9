// A generation as a stream of its texts, from its first to its mark of the end, for as many readers
// as want it. A producer that is silent longer than its lease is dead: the reader that waits for it
// marks the end in its place, so that nobody waits for ever. Knows no host.

import { type ReadBatch, S2Error, type S2Stream } from "@s2kit/client";
import type { Clock, Random, Timer } from "@s2kit/core";
import { fenceOf, isCommand, kindOf } from "./marks.js";
import { endDead } from "./state.js";

/** The generation did not come to its end: its model failed, or its producer died. */
export class GenerationFailedError extends Error {
  override readonly name = "GenerationFailedError";

  constructor() {
    // What the model said went wrong may be nobody's business here: it goes to the producer's log.
    super("the generation ended with an error");
  }
}

export interface FollowComponents {
  readonly clock: Clock;
  readonly random: Random;
  /** Silence after which a producer counts as dead, ms. */
  readonly leaseMs: number;
}

/**
 * The records of a generation, without its marks.
 *
 * @param from - where it begins
 * @throws {GenerationFailedError} at its end, when that is one
 */
export async function* follow(
  stream: S2Stream,
  components: FollowComponents,
  from: number,
): AsyncGenerator<string, void, undefined> {
  const session = await stream.readSession({ start: { from: { seqNum: from } } });
  const watch = new LeaseWatch(stream, components, from);
  try {
    for await (const batch of session.batches()) {
      watch.heard(batch);
      for (const record of batch.records) {
        const token = fenceOf(record);
        if (token !== undefined && kindOf(token) === "error") throw new GenerationFailedError();
        if (token !== undefined && kindOf(token) === "end") return;
        if (!isCommand(record)) yield record.body;
      }
    }
    throw new S2Error({ code: "SESSION_CLOSED", message: "the client was closed" });
  } finally {
    watch.stop();
    await session.cancel();
  }
}

/** Ends the generation of a producer that is not heard any more. */
class LeaseWatch {
  readonly #stream: S2Stream;
  readonly #components: FollowComponents;
  #timer: Timer | undefined;
  #next: number;

  constructor(stream: S2Stream, components: FollowComponents, from: number) {
    this.#stream = stream;
    this.#components = components;
    this.#next = from;
    this.#arm();
  }

  heard({ records }: ReadBatch): void {
    this.#next = (records.at(-1)?.seqNum ?? this.#next - 1) + 1;
    this.#arm();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(): void {
    const { clock, leaseMs } = this.#components;
    this.#timer?.cancel();
    this.#timer = clock.setTimer(() => void this.#takeOver(), leaseMs, { keepsAlive: false });
  }

  async #takeOver(): Promise<void> {
    try {
      await endDead(this.#stream, this.#next, this.#components.random);
    } catch {
      // Written to meanwhile, or not reachable: whatever it is, the next silence asks again.
    }
    if (this.#timer !== undefined) this.#arm();
  }
}
