// What the faces of all hosts do alike: the stream of an id, made when it is missing; claims, also
// over a producer that is dead; a stop. Knows no host.

import type { S2Stream } from "@s2kit/client";
import { type Clock, type Random, S2Error, sleep, systemClock, systemRandom } from "@s2kit/core";
import { type GenerationsComponents, leaseMsOf, retentionSecsOf } from "./components.js";
import { endDead, endRunning, removeAll } from "./ends.js";
import { follow, GenerationFailedError, readStored, type Said } from "./follow.js";
import { HeldGeneration } from "./held.js";
import { beginningOf, kindOf } from "./marks.js";
import { type Cutter, type Ending, produce } from "./produce.js";
import { type Rest, restOf } from "./rest.js";
import { isSilent } from "./silence.js";
import { type GenerationState, isMissing, stateOf, tokenInForce } from "./state.js";
import { GenerationWriter } from "./writer.js";

/** What the last chunk of a generation says that did not come to its end. */
export interface LastWords {
  /** Of a model that failed, or of a producer that died. Default: there is none. */
  readonly ofFailure?: ((error: unknown) => string | undefined) | undefined;
  /** Of a stop. Default: there is none. */
  readonly ofStop?: (() => string) | undefined;
}

/** How much earlier than the first record of a generation somebody may ask for it. */
const BEGINS_WITHIN_MS = 200;
/** What is longer says nothing to a page. */
const MAX_WORDS_UNITS: number = 64 * 1024;
/** Two beats may be lost before a producer counts as dead. */
const BEATS_IN_LEASE = 3;

export class Generations {
  readonly #components: GenerationsComponents;
  readonly #lastWords: LastWords;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #leaseMs: number;

  /** @throws {S2Error} `INVALID_ARGUMENT` for a lease that is none */
  constructor(components: GenerationsComponents, lastWords: LastWords = {}) {
    this.#components = components;
    const { ofFailure } = lastWords;
    this.#lastWords =
      ofFailure === undefined ? lastWords : { ...lastWords, ofFailure: guarded(ofFailure) };
    this.#clock = components.clock ?? systemClock;
    this.#random = components.random ?? systemRandom;
    this.#leaseMs = leaseMsOf(components);
  }

  streamOf(id: string): S2Stream {
    const { basin, streamOf } = this.#components;
    return basin.stream(streamOf === undefined ? id : streamOf(id), { streamConfig: this.#config });
  }

  /** @param from - where the generation begins, or where to go on */
  follow(
    stream: S2Stream,
    from: number,
    signal?: AbortSignal,
  ): AsyncGenerator<Said, void, undefined> {
    const { random, lastWords: deadWords } = this.#endOfDead;
    const lease = { clock: this.#clock, random, leaseMs: this.#leaseMs, deadWords };
    return follow(stream, lease, from, signal);
  }

  /** What a reader would find who goes on at a place. */
  restOf(stream: S2Stream, from: number): Promise<Rest> {
    return restOf(stream, from);
  }

  /** What is there now, without waiting for more. */
  read(stream: S2Stream, from: number): AsyncGenerator<Said, void, undefined> {
    return readStored(stream, from);
  }

  stateOf(stream: S2Stream): Promise<GenerationState> {
    return stateOf(stream);
  }

  /**
   * The state of a generation that is begun; undefined when it is not begun a moment later either.
   */
  async begunState(
    stream: S2Stream,
    signal?: AbortSignal,
  ): Promise<Exclude<GenerationState, { kind: "none" }> | undefined> {
    for (let tries = 0; ; tries++) {
      const state = await stateOf(stream);
      if (state.kind !== "none") return state;
      if (tries > 0 || !(await sleep(this.#clock, BEGINS_WITHIN_MS, signal))) return undefined;
    }
  }

  /** Writes for a host that appends by itself. */
  hold(id: string, writer: GenerationWriter, onLost: () => void): HeldGeneration {
    return new HeldGeneration(writer, {
      clock: this.#clock,
      beatMs: this.#leaseMs / BEATS_IN_LEASE,
      onLost,
      onError: this.#onErrorOf(id),
    });
  }

  /**
   * Begins a generation at a place; undefined when somebody else did.
   *
   * @param isAlone - what is left of earlier ones is removed
   */
  async claim(
    stream: S2Stream,
    seqNum: number,
    isAlone = false,
  ): Promise<GenerationWriter | undefined> {
    const place = { seqNum, isAlone };
    try {
      return await GenerationWriter.claim(stream, this.#random, place);
    } catch (error) {
      // The basin makes no streams by itself.
      if (!isMissing(error)) throw error;
    }
    const { basin } = this.#components;
    try {
      await basin.streams.create({ stream: stream.name, config: this.#config });
    } catch (error) {
      // Somebody was faster.
      if (!(error instanceof S2Error) || error.code !== "resource_already_exists") throw error;
    }
    return GenerationWriter.claim(stream, this.#random, place);
  }

  /** Begins the next generation of a stream; undefined while one runs whose producer lives. */
  async claimNext(stream: S2Stream): Promise<GenerationWriter | undefined> {
    let state = await stateOf(stream);
    if (state.kind === "running" && (await this.#isSilent(stream, state.tail))) {
      // Somebody else may have ended it meanwhile, or it lives after all: the state tells.
      await endDead(stream, state.tail, this.#endOfDead).catch(() => undefined);
      state = await stateOf(stream);
    }
    if (state.kind === "running") return undefined;
    return this.claim(stream, state.kind === "none" ? 0 : state.tail);
  }

  /** Goes on with what runs in the place of its producer; undefined when nothing does. */
  async takeOver(stream: S2Stream): Promise<GenerationWriter | undefined> {
    if ((await stateOf(stream)).kind !== "running") return undefined;
    return GenerationWriter.takeOver(stream, this.#random);
  }

  /** The writer of a token; undefined: of the generation that runs, if one does. */
  async reopen(stream: S2Stream, token?: string): Promise<GenerationWriter | undefined> {
    const inForce = token ?? (await tokenInForce(stream, this.#random));
    if (kindOf(inForce) !== "session") return undefined;
    return GenerationWriter.reopen(stream, inForce, this.#random);
  }

  /** Where the generation begins that runs; undefined when none does. */
  async beginningOf(stream: S2Stream): Promise<number | undefined> {
    if ((await stateOf(stream)).kind !== "running") return undefined;
    const token = await tokenInForce(stream, this.#random);
    return kindOf(token) === "session" ? beginningOf(token) : undefined;
  }

  /** Goes on until the model has ended, whoever reads. Never rejects. */
  produce(
    id: string,
    writer: GenerationWriter,
    makeSource: () => ReadableStream<string>,
    cutter: Cutter,
  ): Promise<Ending> {
    const beatMs = this.#leaseMs / BEATS_IN_LEASE;
    return produce(sourceOf(makeSource), writer, {
      cutter,
      lastWords: this.#lastWords.ofFailure,
      clock: this.#clock,
      beatMs,
      onError: this.#onErrorOf(id),
    });
  }

  /** Ends the generation that runs. False when none does. */
  stop(stream: S2Stream): Promise<boolean> {
    return endRunning(stream, this.#random, this.#lastWords.ofStop?.());
  }

  /** Ends what runs, and removes all there is: the id can begin anew. */
  remove(stream: S2Stream): Promise<void> {
    return removeAll(stream, this.#random);
  }

  #onErrorOf(id: string): (error: unknown) => void {
    return (error) => {
      try {
        this.#components.onError?.(error, id);
      } catch {
        // A listener that fails must not end the generation.
      }
    };
  }

  #isSilent(stream: S2Stream, tail: number): Promise<boolean> {
    return isSilent(stream, tail, this.#leaseMs, this.#clock);
  }

  get #endOfDead(): { readonly random: Random; readonly lastWords: string | undefined } {
    const lastWords = this.#lastWords.ofFailure?.(new GenerationFailedError());
    return { random: this.#random, lastWords };
  }

  get #config(): { readonly retentionPolicy: { readonly ageSecs: number } } {
    return { retentionPolicy: { ageSecs: retentionSecsOf(this.#components) } };
  }
}

/** Words that cannot be made are none: without its end a generation would go on for ever. */
function guarded(words: NonNullable<LastWords["ofFailure"]>): NonNullable<LastWords["ofFailure"]> {
  return (error) => {
    try {
      const said = words(error);
      return said === undefined || said.length > MAX_WORDS_UNITS ? undefined : said;
    } catch {
      return undefined;
    }
  };
}

/** A model that cannot even be asked is one that fails. */
function sourceOf(makeSource: () => ReadableStream<string>): ReadableStream<string> {
  try {
    return makeSource();
  } catch (error) {
    return new ReadableStream<string>({ start: (controller) => controller.error(error) });
  }
}
