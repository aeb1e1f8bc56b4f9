// The one writer of a generation: claims the stream, appends, tells that it lives, ends it. Each
// append names the token and the place of its first record, so nothing is written twice or between.

import {
  AppendRecord,
  FencingTokenMismatchError,
  type S2Stream,
  SeqNumMismatchError,
} from "@s2kit/client";
import { type Random, S2Error } from "@s2kit/core";
import { beginningOf, newMark, newSession } from "./marks.js";
import { tokenInForce } from "./state.js";

/** Somebody stopped the generation, or ended it for a producer that seemed dead. */
export class GenerationLostError extends Error {
  override readonly name = "GenerationLostError";

  constructor(cause: unknown) {
    super("the generation was stopped or taken over", { cause });
  }
}

export class GenerationWriter {
  readonly #stream: S2Stream;
  readonly #random: Random;
  readonly #token: string;
  /** Where the next record goes. */
  #next: number;

  private constructor(stream: S2Stream, token: string, next: number, random: Random) {
    this.#stream = stream;
    this.#token = token;
    this.#next = next;
    this.#random = random;
  }

  /**
   * Begins a generation where the stream ends.
   *
   * @param seqNum - of its first record: 0, or behind one that is over
   * @returns undefined when somebody else has begun one there
   */
  static async claim(
    stream: S2Stream,
    random: Random,
    seqNum = 0,
  ): Promise<GenerationWriter | undefined> {
    const token = newSession(seqNum, random);
    try {
      await stream.fence(token, { matchSeqNum: seqNum });
    } catch (error) {
      // An attempt whose answer was lost may have been ours.
      if (!(error instanceof SeqNumMismatchError)) throw error;
      if (error.priorIndeterminate === undefined) return undefined;
      if ((await tokenInForce(stream, random)) !== token) return undefined;
    }
    return new GenerationWriter(stream, token, seqNum + 1, random);
  }

  /** Where this generation begins. */
  get beginning(): number {
    return beginningOf(this.#token);
  }

  /** @throws {GenerationLostError} */
  async append(texts: readonly string[]): Promise<void> {
    await this.#write(texts.map((body) => AppendRecord.string({ body })));
  }

  /**
   * Tells readers that the producer lives while its model is silent, by a trim that trims nothing:
   * readers of any kind pass over it.
   *
   * @throws {GenerationLostError}
   */
  async beat(): Promise<void> {
    await this.#write([AppendRecord.trim(0)]);
  }

  /** @throws {GenerationLostError} when it has been ended by somebody else */
  async end(kind: "end" | "error"): Promise<void> {
    const mark = newMark(kind, this.#random);
    try {
      await this.#write([AppendRecord.fence(mark)]);
    } catch (error) {
      const { cause } = error as { cause?: unknown };
      // The first attempt took effect, and its answer was lost.
      if (cause instanceof FencingTokenMismatchError && cause.expectedFencingToken === mark) return;
      throw error;
    }
  }

  async #write(records: readonly AppendRecord[]): Promise<void> {
    const end = this.#next + records.length;
    try {
      await this.#stream.append({
        records,
        matchSeqNum: this.#next,
        fencingToken: this.#token,
      });
    } catch (error) {
      if (!isOwnEffect(error, end)) throw isLost(error) ? new GenerationLostError(error) : error;
    }
    this.#next = end;
  }
}

/** Whoever has the token is alone: what stands where our records were to go is ours. */
function isOwnEffect(error: unknown, end: number): boolean {
  return (
    error instanceof SeqNumMismatchError &&
    error.priorIndeterminate !== undefined &&
    error.expectedSeqNum === end
  );
}

function isLost(error: unknown): boolean {
  return error instanceof S2Error && error.code === "APPEND_CONDITION_FAILED";
}
