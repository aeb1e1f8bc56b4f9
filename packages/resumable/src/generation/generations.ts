// What the faces of all hosts do alike: the stream of an id, made when it is missing; claims, also
// over a producer that is dead; a stop. Settings are checked here. Knows no host.

import {
  AppendRecord,
  FencingTokenMismatchError,
  type S2Basin,
  type S2Stream,
} from "@s2kit/client";
import { type Clock, type Random, S2Error, systemClock, systemRandom } from "@s2kit/core";
import { follow, GenerationFailedError, type Said } from "./follow.js";
import { HeldGeneration } from "./held.js";
import { beginningOf, kindOf, newMark } from "./marks.js";
import { type Cutter, type Ending, produce } from "./produce.js";
import { endDead, endingWith, isMissing, stateOf, tokenInForce } from "./state.js";
import { GenerationWriter } from "./writer.js";

/** Where generations are, and how they live. */
export interface GenerationsComponents {
  /** Where the streams are. The token of its client may create, append and read there. */
  readonly basin: S2Basin;
  /** The stream of an id. Default: the id itself. */
  readonly streamOf?: ((id: string) => string) | undefined;
  /** Silence after which a producer counts as dead, in ms, at least 100. Default 5000. */
  readonly leaseDurationMs?: number | undefined;
  /** How long streams that are made here keep their records, in seconds. Default a day. */
  readonly retentionSecs?: number | undefined;
  /** Told of failures of a model and of the store. Default: nobody is. */
  readonly onError?: ((error: unknown, id: string) => void) | undefined;
  /** Time, for tests. */
  readonly clock?: Clock | undefined;
  /** Chance, for tests. */
  readonly random?: Random | undefined;
}

/** What the last chunk of a generation says that did not come to its end. */
export interface LastWords {
  /** Of a model that failed, or of a producer that died. Default: there is none. */
  readonly ofFailure?: ((error: unknown) => string) | undefined;
  /** Of a stop. Default: there is none. */
  readonly ofStop?: (() => string) | undefined;
}

const DEFAULT_LEASE_MS = 5000;
const MIN_LEASE_MS = 100;
const DEFAULT_RETENTION_SECS = 86_400;
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
    const { leaseDurationMs = DEFAULT_LEASE_MS } = components;
    if (!(leaseDurationMs >= MIN_LEASE_MS) || !Number.isFinite(leaseDurationMs))
      throw new S2Error({
        code: "INVALID_ARGUMENT",
        message: `leaseDurationMs must be at least ${MIN_LEASE_MS} value=${leaseDurationMs}`,
      });
    this.#components = components;
    this.#lastWords = lastWords;
    this.#clock = components.clock ?? systemClock;
    this.#random = components.random ?? systemRandom;
    this.#leaseMs = leaseDurationMs;
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

  /** Writes for a host that appends by itself. */
  hold(id: string, writer: GenerationWriter, onLost: () => void): HeldGeneration {
    const { onError } = this.#components;
    return new HeldGeneration(writer, {
      clock: this.#clock,
      beatMs: this.#leaseMs / BEATS_IN_LEASE,
      onLost,
      onError: (error) => onError?.(error, id),
    });
  }

  /** Begins a generation at a place; undefined when somebody else did. */
  async claim(stream: S2Stream, seqNum: number): Promise<GenerationWriter | undefined> {
    try {
      return await GenerationWriter.claim(stream, this.#random, seqNum);
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
    return GenerationWriter.claim(stream, this.#random, seqNum);
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

  /** Goes on with the generation that runs, whose producer cannot any more; undefined: none does. */
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
    const onError = (error: unknown): void => {
      try {
        this.#components.onError?.(error, id);
      } catch {
        // A listener that fails must not end the generation.
      }
    };
    const beatMs = this.#leaseMs / BEATS_IN_LEASE;
    return produce(sourceOf(makeSource), writer, {
      cutter,
      lastWords: this.#lastWords.ofFailure,
      clock: this.#clock,
      beatMs,
      onError,
    });
  }

  /** Ends the generation that runs. False when none does. */
  async stop(stream: S2Stream): Promise<boolean> {
    if ((await stateOf(stream)).kind !== "running") return false;
    const fencingToken = await tokenInForce(stream, this.#random);
    if (kindOf(fencingToken) !== "session") return false;
    const mark = newMark("end", this.#random);
    const records = endingWith(this.#lastWords.ofStop?.(), mark);
    try {
      await stream.append({ records, fencingToken });
    } catch (error) {
      if (!(error instanceof FencingTokenMismatchError)) throw error;
      // Our own, of which nobody was told; or it has come to its end meanwhile.
      return error.expectedFencingToken === mark;
    }
    return true;
  }

  /** Ends what runs, and removes all there is: the id can begin anew. */
  async remove(stream: S2Stream): Promise<void> {
    const state = await stateOf(stream);
    if (state.kind === "none" || (state.kind === "over" && state.ending === "gone")) return;
    const fencingToken = await tokenInForce(stream, this.#random);
    const mark = newMark("gone", this.#random);
    const records = [AppendRecord.trim(state.tail), AppendRecord.fence(mark)];
    try {
      await stream.append({ records, fencingToken });
    } catch (error) {
      if (!(error instanceof FencingTokenMismatchError)) throw error;
      // It has come to its end meanwhile, or the attempt took effect whose answer was lost.
      if (error.expectedFencingToken !== mark) await this.remove(stream);
    }
  }

  /** Nothing is written for a lease: seen, not told by times of two machines. */
  async #isSilent(stream: S2Stream, tail: number): Promise<boolean> {
    const { records } = await stream.read({
      start: { from: { seqNum: tail } },
      stop: { limits: { count: 1 }, waitSecs: Math.ceil(this.#leaseMs / 1000) },
    });
    return records.length === 0;
  }

  get #endOfDead(): { readonly random: Random; readonly lastWords: string | undefined } {
    const lastWords = this.#lastWords.ofFailure?.(new GenerationFailedError());
    return { random: this.#random, lastWords };
  }

  get #config(): { readonly retentionPolicy: { readonly ageSecs: number } } {
    const { retentionSecs = DEFAULT_RETENTION_SECS } = this.#components;
    return { retentionPolicy: { ageSecs: retentionSecs } };
  }
}

/** A model that cannot even be asked is one that fails. */
function sourceOf(makeSource: () => ReadableStream<string>): ReadableStream<string> {
  try {
    return makeSource();
  } catch (error) {
    return new ReadableStream<string>({ start: (controller) => controller.error(error) });
  }
}
