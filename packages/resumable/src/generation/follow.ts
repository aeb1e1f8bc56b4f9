// A generation as a stream of its chunks, from its first to its mark of the end, for as many
// readers as want it. A producer that is silent longer than its lease is dead: the reader that
// waits for it marks the end in its place, so that nobody waits for ever. Knows no host.

import { type ReadBatch, S2Error, type S2Stream } from "@s2kit/client";
import type { Clock, Random, Timer } from "@s2kit/core";
import { endDead } from "./ends.js";
import { fenceOf, kindOf } from "./marks.js";
import { Joining } from "./parts.js";
import { isSilent } from "./silence.js";
import { isMissing } from "./state.js";

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
  /** What readers are told of a producer that died, as its last chunk; undefined: nothing. */
  readonly deadWords: string | undefined;
}

/** A chunk of a generation. */
export interface Said {
  /** Of its last record: who goes on behind it begins at the next. */
  readonly seqNum: number;
  readonly bytes: Uint8Array;
}

/**
 * The chunks of a generation, without its marks.
 *
 * @param from - where it begins, or where to go on
 * @param signal - ends it, without an error
 * @throws {GenerationFailedError} at its end, when that is one
 */
export async function* follow(
  stream: S2Stream,
  components: FollowComponents,
  from: number,
  signal?: AbortSignal,
): AsyncGenerator<Said, void, undefined> {
  const start = { from: { seqNum: from } };
  const session = await stream.readSession({ start }, { as: "bytes" });
  const cancel = (): void => void session.cancel();
  signal?.addEventListener("abort", cancel, { once: true });
  if (signal?.aborted === true) cancel();
  const joining = new Joining();
  const watch = new LeaseWatch(stream, components, from);
  try {
    for await (const batch of session.batches()) {
      watch.heard(batch);
      for (const record of batch.records) {
        const token = fenceOf(record);
        const kind = token === undefined ? "session" : kindOf(token);
        if (kind === "error") throw new GenerationFailedError();
        if (kind === "end" || kind === "gone") return;
        const bytes = joining.push(record);
        if (bytes !== undefined) yield { seqNum: record.seqNum, bytes };
      }
    }
    if (signal?.aborted === true) return;
    throw new S2Error({ code: "SESSION_CLOSED", message: "the client was closed" });
  } finally {
    signal?.removeEventListener("abort", cancel);
    watch.stop();
    await session.cancel();
  }
}

/**
 * The chunks that are there now, whatever they belong to: never waits for more.
 *
 * @param from - where to begin; before what is kept: where that begins
 */
export async function* readStored(
  stream: S2Stream,
  from: number,
): AsyncGenerator<Said, void, undefined> {
  const joining = new Joining();
  const tail = await tailOf(stream);
  for (let next = from; next < tail; ) {
    const { records } = await stream.read({ start: { from: { seqNum: next } } }, { as: "bytes" });
    for (const record of records) {
      const bytes = joining.push(record);
      if (bytes !== undefined) yield { seqNum: record.seqNum, bytes };
    }
    // Trimmed away meanwhile.
    if (records.length === 0) return;
    next = (records.at(-1)?.seqNum ?? next) + 1;
  }
}

async function tailOf(stream: S2Stream): Promise<number> {
  try {
    return (await stream.checkTail()).tail.seqNum;
  } catch (error) {
    if (isMissing(error)) return 0;
    throw error;
  }
}

/**
 * Ends the generation of a producer that is not heard any more. Nothing comes for half a lease:
 * then the server is asked, for a lease. A reader that was cut off has heard as little, and a
 * producer that was comes back no sooner.
 */
class LeaseWatch {
  readonly #stream: S2Stream;
  readonly #components: FollowComponents;
  readonly #stopped = new AbortController();
  #timer: Timer | undefined;
  #next: number;

  constructor(stream: S2Stream, components: FollowComponents, from: number) {
    this.#stream = stream;
    this.#components = components;
    this.#next = from;
    this.#arm();
  }

  heard({ records }: ReadBatch<"bytes">): void {
    this.#next = (records.at(-1)?.seqNum ?? this.#next - 1) + 1;
    this.#arm();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#stopped.abort();
  }

  #arm(): void {
    const { clock, leaseMs } = this.#components;
    this.#timer?.cancel();
    this.#timer = clock.setTimer(() => void this.#ask(), leaseMs / 2, { keepsAlive: false });
  }

  async #ask(): Promise<void> {
    const [next, { signal }] = [this.#next, this.#stopped];
    const { clock, random, leaseMs, deadWords: lastWords } = this.#components;
    try {
      if (await isSilent(this.#stream, next, leaseMs, clock, signal))
        await endDead(this.#stream, next, { random, lastWords });
    } catch {
      // Written to meanwhile, or not reachable: whatever it is, the next silence asks again.
    }
    if (!signal.aborted) this.#arm();
  }
}
