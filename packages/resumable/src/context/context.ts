// Begins, resumes and stops generations of text by an id: one stream for each, whose records are
// the chunks. What a page sees is read back from the stream, so nobody sees what a reload would
// not.

import type { S2Basin, S2Stream } from "@s2kit/client";
import { type Clock, type Random, S2Error, systemClock, systemRandom } from "@s2kit/core";
import { follow } from "../generation/follow.js";
import { kindOf, newMark } from "../generation/marks.js";
import { produce } from "../generation/produce.js";
import { isMissing, stateOf, tokenInForce } from "../generation/state.js";
import { GenerationWriter } from "../generation/writer.js";

/** How a context works. */
export interface ResumableStreamComponents {
  /** Where the streams are. The token of its client may create, append and read there. */
  readonly basin: S2Basin;
  /**
   * Keeps the program alive until a promise settles; null where nobody suspends it.
   *
   * @example `waitUntil: after` of Next.js
   */
  readonly waitUntil: ((promise: Promise<unknown>) => void) | null;
  /** The stream of an id. Default: the id itself. */
  readonly streamOf?: ((streamId: string) => string) | undefined;
  /** Silence after which a producer counts as dead, in ms, at least 100. Default 5000. */
  readonly leaseDurationMs?: number | undefined;
  /** How long streams that are made here keep their records, in seconds. Default a day. */
  readonly retentionSecs?: number | undefined;
  /** Told of failures of a model and of the store. Default: nobody is. */
  readonly onError?: ((error: unknown, streamId: string) => void) | undefined;
  /** Time and chance, for tests. */
  readonly clock?: Clock | undefined;
  readonly random?: Random | undefined;
}

const DEFAULT_LEASE_MS = 5000;
const MIN_LEASE_MS = 100;
const DEFAULT_RETENTION_SECS = 86_400;
/** Two beats may be lost before a producer counts as dead. */
const BEATS_IN_LEASE = 3;

/** @throws {S2Error} `INVALID_ARGUMENT` for a lease that is none */
export function createResumableStreamContext(
  components: ResumableStreamComponents,
): ResumableStreamContext {
  return new ResumableStreamContext(components);
}

/** As that of the package `resumable-stream`, and a way to stop. Its members may be taken apart. */
export class ResumableStreamContext {
  readonly #components: ResumableStreamComponents;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #leaseMs: number;

  /** @internal */
  constructor(components: ResumableStreamComponents) {
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

  /**
   * Begins the generation, or resumes the one that is running. `makeStream` is called by the one
   * that begins it, once.
   *
   * @param skipCharacters - UTF-16 units to leave out. Default 0: everything
   * @returns null when it is over
   */
  readonly resumableStream = async (
    streamId: string,
    makeStream: () => ReadableStream<string>,
    skipCharacters = 0,
  ): Promise<ReadableStream<string> | null> => {
    const stream = this.#streamOf(streamId);
    const state = await stateOf(stream);
    if (state === "over") return null;
    // The model is not asked before the claim has succeeded.
    const writer = state === "none" ? await this.#claim(stream) : undefined;
    if (writer !== undefined) this.#begin(streamId, makeStream, writer);
    return follow(stream, this.#following, skipCharacters);
  };

  /** As `resumableStream`: an id has one generation, whoever comes second resumes it. */
  readonly createNewResumableStream = (
    streamId: string,
    makeStream: () => ReadableStream<string>,
    skipCharacters?: number,
  ): Promise<ReadableStream<string> | null> =>
    this.resumableStream(streamId, makeStream, skipCharacters);

  /** Resumes: null when it is over, undefined when there is none. */
  readonly resumeExistingStream = async (
    streamId: string,
    skipCharacters = 0,
  ): Promise<ReadableStream<string> | null | undefined> => {
    const stream = this.#streamOf(streamId);
    const state = await stateOf(stream);
    if (state === "none") return undefined;
    return state === "over" ? null : follow(stream, this.#following, skipCharacters);
  };

  /** null: there is none. true: it runs. "DONE": it is over. */
  readonly hasExistingStream = async (streamId: string): Promise<"DONE" | true | null> => {
    const state = await stateOf(this.#streamOf(streamId));
    if (state === "none") return null;
    return state === "over" ? "DONE" : true;
  };

  /**
   * Ends a generation for all who read it, and cancels its model, wherever that runs: within a
   * third of the lease.
   *
   * @returns false when there was none that runs
   */
  readonly stopStream = async (streamId: string): Promise<boolean> => {
    const stream = this.#streamOf(streamId);
    if ((await stateOf(stream)) !== "running") return false;
    const token = await tokenInForce(stream, this.#random);
    if (kindOf(token) !== "session") return false;
    await stream.fence(newMark("end", this.#random), { fencingToken: token });
    return true;
  };

  get #following(): Parameters<typeof follow>[1] {
    return { clock: this.#clock, random: this.#random, leaseMs: this.#leaseMs };
  }

  #begin(
    streamId: string,
    makeStream: () => ReadableStream<string>,
    writer: GenerationWriter,
  ): void {
    const onError = (error: unknown): void => {
      try {
        this.#components.onError?.(error, streamId);
      } catch {
        // A listener that fails must not end the generation.
      }
    };
    const produced = produce(sourceOf(makeStream), writer, {
      clock: this.#clock,
      beatMs: this.#leaseMs / BEATS_IN_LEASE,
      onError,
    });
    this.#components.waitUntil?.(produced);
  }

  async #claim(stream: S2Stream): Promise<GenerationWriter | undefined> {
    try {
      return await GenerationWriter.claim(stream, this.#random);
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
    return GenerationWriter.claim(stream, this.#random);
  }

  get #config(): { readonly retentionPolicy: { readonly ageSecs: number } } {
    return {
      retentionPolicy: { ageSecs: this.#components.retentionSecs ?? DEFAULT_RETENTION_SECS },
    };
  }

  #streamOf(streamId: string): S2Stream {
    const { basin, streamOf } = this.#components;
    const name = streamOf === undefined ? streamId : streamOf(streamId);
    return basin.stream(name, { streamConfig: this.#config });
  }
}

/** A model that cannot even be asked is one that fails. */
function sourceOf(makeStream: () => ReadableStream<string>): ReadableStream<string> {
  try {
    return makeStream();
  } catch (error) {
    return new ReadableStream<string>({ start: (controller) => controller.error(error) });
  }
}
