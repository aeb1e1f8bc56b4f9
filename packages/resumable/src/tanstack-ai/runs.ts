// Runs of TanStack AI, one stream each: what the host calls a durability, made for a request. And a
// stop, which reaches the run wherever its model is.

import { type Random, systemClock, systemRandom } from "@s2kit/core";
import type { GenerationsComponents } from "../generation/components.js";
import { Generations } from "../generation/generations.js";
import { KeptRun, type RunChunk, type RunDurability } from "./durability.js";
import { type RunSource, runOf, sourceOf } from "./offsets.js";

/** How runs are kept. */
export interface DurableRunsComponents extends GenerationsComponents {
  /** What is read of a run whose producer died. Default: that an error occurred. */
  readonly errorTextOf?: ((error: unknown) => string) | undefined;
}

/** How a durability works. */
export interface DurabilityOptions {
  /**
   * Goes on with a run in the place of its producer, which cannot write any more from then on.
   * Default false: a run has the producer that began it. For whoever holds a lock of the run, such
   * as the `driver` of the host's resume helpers.
   */
  readonly takeOver?: boolean | undefined;
}

/**
 * @typeParam Chunk - `StreamChunk` of `@tanstack/ai`
 * @throws {S2Error} `INVALID_ARGUMENT` for a lease that is none
 */
export function createDurableRuns<Chunk extends RunChunk>(
  components: DurableRunsComponents,
): DurableRuns<Chunk> {
  return new DurableRuns(components);
}

/** Durabilities for requests. Its members may be taken apart. */
export class DurableRuns<Chunk extends RunChunk> {
  readonly #generations: Generations;
  readonly #random: Random;
  readonly #now: () => number;

  /** @internal */
  constructor(components: DurableRunsComponents) {
    const { errorTextOf = () => "An error occurred.", clock, random } = components;
    this.#random = random ?? systemRandom;
    this.#now = () => (clock ?? systemClock).now();
    this.#generations = new Generations(components, {
      ofFailure: (error) => this.#errorChunk({ message: errorTextOf(error) }),
      // As the host says it of a run that was aborted.
      ofStop: () => this.#errorChunk({ message: "Request aborted", code: "aborted" }),
    });
  }

  /**
   * The durability of a request's run, for `durability.adapter` of the host's responses. It makes
   * no request by itself.
   *
   * @param source - its run id is the `X-Run-Id` header or `?runId`, its offset `Last-Event-ID` or
   *   `?offset`; a producer without a run id gets one by chance
   * @throws {S2Error} `INVALID_ARGUMENT` for an offset or a run id that is none: answer 400
   */
  readonly durability = (
    source: Request | RunSource,
    { takeOver = false }: DurabilityOptions = {},
  ): RunDurability<Chunk> => {
    const asked = source instanceof Request ? sourceOf(source) : source;
    return new KeptRun({
      generations: this.#generations,
      runId: runOf(asked) ?? hexOf(this.#random.bytes(16)),
      offset: asked.offset ?? null,
      takeOver,
    });
  };

  /**
   * Ends a run for all who read it, and aborts its producer, wherever that runs: with its next
   * chunk, or within a third of the lease.
   *
   * @returns false when there was none that runs
   */
  readonly stop = (runId: string): Promise<boolean> =>
    this.#generations.stop(this.#generations.streamOf(runOf({ runId }) ?? runId));

  #errorChunk(error: { readonly message: string; readonly code?: string }): string {
    return JSON.stringify({ type: "RUN_ERROR", timestamp: this.#now(), ...error, error });
  }
}

function hexOf(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
