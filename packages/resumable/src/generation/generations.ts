// What the faces of all hosts do alike: the stream of an id, made when it is missing; claims, also
// over a producer that is dead; a stop. Settings are checked here. Knows no host.

import type { S2Basin, S2Stream } from "@s2kit/client";
import { type Clock, type Random, S2Error, systemClock, systemRandom } from "@s2kit/core";
import { follow } from "./follow.js";
import { beginningOf, kindOf, newMark } from "./marks.js";
import { type Cutter, type Ending, produce } from "./produce.js";
import { endDead, isMissing, stateOf, tokenInForce } from "./state.js";
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

/** How what a model says becomes records. */
export interface Manner {
  readonly cutter: Cutter;
  readonly lastWords?: ((error: unknown) => string) | undefined;
}

const DEFAULT_LEASE_MS = 5000;
const MIN_LEASE_MS = 100;
const DEFAULT_RETENTION_SECS = 86_400;
/** Two beats may be lost before a producer counts as dead. */
const BEATS_IN_LEASE = 3;

export class Generations {
  readonly #components: GenerationsComponents;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #leaseMs: number;

  /** @throws {S2Error} `INVALID_ARGUMENT` for a lease that is none */
  constructor(components: GenerationsComponents) {
    const { leaseDurationMs = DEFAULT_LEASE_MS } = components;
    if (!(leaseDurationMs >= MIN_LEASE_MS) || !Number.isFinite(leaseDurationMs))
      throw new S2Error({
        code: "INVALID_ARGUMENT",
        message: `leaseDurationMs must be at least ${MIN_LEASE_MS} value=${leaseDurationMs}`,
      });
    this.#components = components;
    this.#clock = components.clock ?? systemClock;
    this.#random = components.random ?? systemRandom;
    this.#leaseMs = leaseDurationMs;
  }

  streamOf(id: string): S2Stream {
    const { basin, streamOf } = this.#components;
    return basin.stream(streamOf === undefined ? id : streamOf(id), { streamConfig: this.#config });
  }

  /** @param from - where the generation begins */
  follow(stream: S2Stream, from: number): AsyncGenerator<string, void, undefined> {
    const lease = { clock: this.#clock, random: this.#random, leaseMs: this.#leaseMs };
    return follow(stream, lease, from);
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
      await endDead(stream, state.tail, this.#random).catch(() => undefined);
      state = await stateOf(stream);
    }
    if (state.kind === "running") return undefined;
    return this.claim(stream, state.kind === "none" ? 0 : state.tail);
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
    manner: Manner,
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
      ...manner,
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
    await stream.fence(newMark("end", this.#random), { fencingToken });
    return true;
  }

  /** Nothing is written for a lease: seen, not told by times of two machines. */
  async #isSilent(stream: S2Stream, tail: number): Promise<boolean> {
    const { records } = await stream.read({
      start: { from: { seqNum: tail } },
      stop: { limits: { count: 1 }, waitSecs: Math.ceil(this.#leaseMs / 1000) },
    });
    return records.length === 0;
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
