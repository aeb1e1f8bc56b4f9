// Begins, resumes and stops generations of text by an id: one stream for each, whose records are
// the chunks. What a page sees is read back from the stream, so nobody sees what a reload would
// not.

import type { GenerationsComponents } from "../generation/components.js";
import { Generations } from "../generation/generations.js";
import { Pieces } from "../generation/pieces.js";
import { stateOf } from "../generation/state.js";
import type { GenerationWriter } from "../generation/writer.js";
import { skipping } from "./skipping.js";

/** How a context works. */
export interface ResumableStreamComponents extends GenerationsComponents {
  /**
   * Keeps the program alive until a promise settles; null where nobody suspends it.
   *
   * @example `waitUntil: after` of Next.js
   */
  readonly waitUntil: ((promise: Promise<unknown>) => void) | null;
}

/** @throws {S2Error} `INVALID_ARGUMENT` for a lease that is none */
export function createResumableStreamContext(
  components: ResumableStreamComponents,
): ResumableStreamContext {
  return new ResumableStreamContext(components);
}

/** As that of the package `resumable-stream`, and a way to stop. Its members may be taken apart. */
export class ResumableStreamContext {
  readonly #generations: Generations;
  readonly #waitUntil: ResumableStreamComponents["waitUntil"];

  /** @internal */
  constructor(components: ResumableStreamComponents) {
    this.#generations = new Generations(components);
    this.#waitUntil = components.waitUntil;
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
    const stream = this.#generations.streamOf(streamId);
    const { kind } = await stateOf(stream);
    if (kind === "over") return null;
    // The model is not asked before the claim has succeeded.
    const writer = kind === "none" ? await this.#generations.claim(stream, 0) : undefined;
    if (writer !== undefined) this.#begin(streamId, makeStream, writer);
    return skipping(this.#generations.follow(stream, 0), skipCharacters);
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
    const stream = this.#generations.streamOf(streamId);
    const { kind } = await stateOf(stream);
    if (kind === "none") return undefined;
    if (kind === "over") return null;
    return skipping(this.#generations.follow(stream, 0), skipCharacters);
  };

  /** null: there is none. true: it runs. "DONE": it is over. */
  readonly hasExistingStream = async (streamId: string): Promise<"DONE" | true | null> => {
    const { kind } = await stateOf(this.#generations.streamOf(streamId));
    if (kind === "none") return null;
    return kind === "over" ? "DONE" : true;
  };

  /**
   * Ends a generation for all who read it, and cancels its model, wherever that runs: within a
   * third of the lease.
   *
   * @returns false when there was none that runs
   */
  readonly stopStream = (streamId: string): Promise<boolean> =>
    this.#generations.stop(this.#generations.streamOf(streamId));

  #begin(
    streamId: string,
    makeStream: () => ReadableStream<string>,
    writer: GenerationWriter,
  ): void {
    const produced = this.#generations.produce(streamId, writer, makeStream, new Pieces());
    this.#waitUntil?.(produced);
  }
}
