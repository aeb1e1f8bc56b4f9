// Begins, resumes and stops generations of text by an id: one stream for each, whose records are
// the chunks. What a page sees is read back from the stream, so nobody sees what a reload would
// not.

import type { S2Stream } from "@s2kit/client";
import { nothingRuns } from "../events/events-response.js";
import { isPlace, noPlace, placeGone, placeIn } from "../events/places.js";
import type { GenerationsComponents } from "../generation/components.js";
import { Generations } from "../generation/generations.js";
import { Pieces } from "../generation/pieces.js";
import { stateOf } from "../generation/state.js";
import type { GenerationWriter } from "../generation/writer.js";
import { textResponse } from "./events.js";
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
    return this.#textOf(stream, skipCharacters);
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
    return this.#textOf(stream, skipCharacters);
  };

  /** null: there is none. true: it runs. "DONE": it is over. */
  readonly hasExistingStream = async (streamId: string): Promise<"DONE" | true | null> => {
    const { kind } = await stateOf(this.#generations.streamOf(streamId));
    if (kind === "none") return null;
    return kind === "over" ? "DONE" : true;
  };

  /**
   * A response for a page that reads with `/context/client`, or with a native `EventSource`: the
   * text from its beginning, or from a place in it, also when it is over.
   *
   * @param source - where to go on: `?from=`, else `Last-Event-ID`; default the beginning
   * @returns 200 and events; 204 when there is nothing (more); 400 for a place that is none; 410
   *   when what was there has been removed
   */
  readonly replay = async (
    streamId: string,
    source: Request | { readonly from?: number | undefined } = {},
  ): Promise<Response> => {
    const from = (source instanceof Request ? placeIn(source) : source.from) ?? 0;
    if (!isPlace(from)) return noPlace();
    const stream = this.#generations.streamOf(streamId);
    // Who reads may be a moment earlier than who begins.
    if ((await this.#generations.begunState(stream)) === undefined) return nothingRuns();
    const rest = await this.#generations.restOf(stream, from);
    if (rest === "none") return nothingRuns();
    if (rest === "gone") return placeGone();
    return textResponse((left) => this.#generations.follow(stream, from, left));
  };

  /**
   * Ends a generation for all who read it, and cancels its model, wherever that runs: within a
   * third of the lease.
   *
   * @returns false when there was none that runs
   */
  readonly stopStream = (streamId: string): Promise<boolean> =>
    this.#generations.stop(this.#generations.streamOf(streamId));

  #textOf(stream: S2Stream, skipCharacters: number): ReadableStream<string> {
    return skipping((left) => this.#generations.follow(stream, 0, left), skipCharacters);
  }

  #begin(
    streamId: string,
    makeStream: () => ReadableStream<string>,
    writer: GenerationWriter,
  ): void {
    const produced = this.#generations.produce(streamId, writer, makeStream, new Pieces());
    this.#waitUntil?.(produced);
  }
}
