// What the host calls a durability: the log of one run, as its producer appends to it, or as one
// request reads it. The host decides when a run is over; here it is kept.

import { RangeNotSatisfiableError, type S2Stream } from "@s2kit/client";
import { decodeUtf8Lossy, encodeUtf8 } from "@s2kit/core";
import { GenerationFailedError, type Said } from "../generation/follow.js";
import type { Generations } from "../generation/generations.js";
import type { HeldGeneration } from "../generation/held.js";
import { isSpecial, offsetOf, placeOf } from "./offsets.js";

/** A chunk of a run as the host makes them (`StreamChunk`). */
export interface RunChunk {
  readonly type: string;
}

/** A chunk in its place. */
export interface RunEntry<Chunk> {
  readonly offset: string;
  readonly chunk: Chunk;
}

/** A run has another producer, or is over. */
export class RunTakenError extends Error {
  override readonly name = "RunTakenError";

  constructor(runId: string) {
    super(`the run has another producer, or is over runId=${JSON.stringify(runId)}`);
  }
}

/** There is no such run, or it is so old that its records are gone. */
export class UnknownRunError extends Error {
  override readonly name = "UnknownRunError";

  constructor(runId: string) {
    super(`unknown run runId=${JSON.stringify(runId)}`);
  }
}

interface RunDurabilityComponents {
  readonly generations: Generations;
  readonly runId: string;
  readonly offset: string | null;
  readonly takeOver: boolean;
}

/** What the host aborts a run with that its user has stopped. */
const STOPPED = "tanstack-ai:cancel-requested";

/** A `StreamDurability` of the host. Its members may be taken apart. */
export interface RunDurability<Chunk extends RunChunk> {
  /** The run of the request: what a route authorizes. */
  readonly runId: string;
  /**
   * Aborts when the run was stopped or taken over: hand it to `chat()` and to the response, so that
   * the model ends too.
   */
  readonly abortController: AbortController;
  /** Where the reader stands; null for a producer. */
  readonly resumeFrom: () => string | null;
  /**
   * Resolves when the chunks are durable. The first call begins the run.
   *
   * @returns an offset for each
   * @throws {RunTakenError} when the run has another producer, or is over
   * @throws {GenerationLostError} when it was stopped or taken over
   */
  readonly append: (chunks: readonly Chunk[]) => Promise<string[]>;
  /**
   * The chunks behind an offset, until the run is over.
   *
   * @param offset - `-1`: all; `now`: those that come
   * @throws {S2Error} `INVALID_ARGUMENT` for an offset that is none
   * @throws {UnknownRunError} for a run that is none, or that the offset is not of
   * @throws {GenerationFailedError} when the producer died and nobody could say so
   */
  readonly read: (offset: string, signal?: AbortSignal) => AsyncGenerator<RunEntry<Chunk>>;
  /** Ends the run, if it is ours. */
  readonly close: () => Promise<void>;
  /** All that there is now; nothing for a run that was never begun. */
  readonly snapshot: () => Promise<RunEntry<Chunk>[]>;
}

export class KeptRun<Chunk extends RunChunk> implements RunDurability<Chunk> {
  readonly runId: string;
  readonly abortController: AbortController = new AbortController();
  readonly #components: RunDurabilityComponents;
  readonly #stream: S2Stream;
  #held: Promise<HeldGeneration> | undefined;
  #hasFailed = false;

  constructor(components: RunDurabilityComponents) {
    this.#components = components;
    this.runId = components.runId;
    this.#stream = components.generations.streamOf(components.runId);
  }

  readonly resumeFrom = (): string | null => this.#components.offset;

  readonly append = async (chunks: readonly Chunk[]): Promise<string[]> => {
    if (chunks.length === 0) return [];
    this.#held ??= this.#begin();
    const held = await this.#held;
    const bytes = chunks.map((chunk) => encodeUtf8(JSON.stringify(chunk)));
    const places = await held.append(bytes);
    this.#hasFailed = chunks.at(-1)?.type === "RUN_ERROR";
    return places.map((seqNum) => this.#offsetAt(seqNum));
  };

  readonly read = (offset: string, signal?: AbortSignal): AsyncGenerator<RunEntry<Chunk>> =>
    this.#read(offset, signal);

  readonly close = async (): Promise<void> => {
    // Who could not begin has said so, and must not end the run of another.
    const held = await this.#held?.catch(() => undefined);
    await held?.end(this.#hasFailed ? "error" : "end");
  };

  readonly snapshot = async (): Promise<RunEntry<Chunk>[]> => {
    const { generations } = this.#components;
    const entries: RunEntry<Chunk>[] = [];
    for await (const said of generations.read(this.#stream, 0)) entries.push(this.#entryOf(said));
    return entries;
  };

  async #begin(): Promise<HeldGeneration> {
    const { generations, takeOver } = this.#components;
    const state = await generations.stateOf(this.#stream);
    const begin = state.kind === "none" ? generations.claim(this.#stream, 0) : undefined;
    const writer = await (begin ?? (takeOver ? generations.takeOver(this.#stream) : undefined));
    if (writer === undefined) throw new RunTakenError(this.runId);
    return generations.hold(this.runId, writer, () => this.abortController.abort(STOPPED));
  }

  async *#read(offset: string, signal?: AbortSignal): AsyncGenerator<RunEntry<Chunk>> {
    const from = isSpecial(offset) ? undefined : this.#nextOf(offset);
    const { generations } = this.#components;
    // Who joins may be a moment earlier than who begins.
    const state = await generations.begunState(this.#stream, signal);
    if (signal?.aborted === true) return;
    if (state === undefined) throw new UnknownRunError(this.runId);
    const start = from ?? (offset === "now" ? state.tail : 0);
    if (state.kind === "over" && start >= state.tail) return;
    let last: string | undefined;
    try {
      for await (const said of generations.follow(this.#stream, start, signal)) {
        const entry = this.#entryOf(said);
        last = entry.chunk.type;
        yield entry;
      }
    } catch (error) {
      // The run has said so itself.
      if (error instanceof GenerationFailedError && last === "RUN_ERROR") return;
      if (error instanceof RangeNotSatisfiableError) throw new UnknownRunError(this.runId);
      throw error;
    }
  }

  #nextOf(offset: string): number {
    const { runId, seqNum } = placeOf(offset);
    if (runId !== this.runId) throw new UnknownRunError(runId);
    return seqNum + 1;
  }

  #entryOf({ seqNum, bytes }: Said): RunEntry<Chunk> {
    return {
      offset: this.#offsetAt(seqNum),
      chunk: JSON.parse(decodeUtf8Lossy(bytes)) as Chunk,
    };
  }

  #offsetAt(seqNum: number): string {
    return offsetOf({ runId: this.runId, seqNum });
  }
}
