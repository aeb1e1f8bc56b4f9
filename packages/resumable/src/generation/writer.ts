// The one writer of a generation: claims the stream, appends, tells that it lives, ends it. Each
// append names the token and the place of its first record, so nothing is written twice or between.

import {
  AppendRecord,
  FencingTokenMismatchError,
  type S2Stream,
  SeqNumMismatchError,
} from "@s2kit/client";
import { MAX_BATCH_RECORDS, type Random, S2Error } from "@s2kit/core";
import { endingWith } from "./ends.js";
import { beginningOf, kindOf, newMark, newSession } from "./marks.js";
import { recordsOf } from "./parts.js";
import { tokenInForce } from "./state.js";

/** Bodies of one batch. */
const MAX_BATCH_BYTES: number = 512 * 1024;

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
   * @param isAlone - what is left of earlier ones is removed
   * @returns undefined when somebody else has begun one there
   */
  static async claim(
    stream: S2Stream,
    random: Random,
    { seqNum, isAlone }: { readonly seqNum: number; readonly isAlone: boolean },
  ): Promise<GenerationWriter | undefined> {
    const token = newSession(seqNum, random);
    const records = [AppendRecord.fence(token)];
    if (isAlone) records.push(AppendRecord.trim(seqNum));
    try {
      await stream.append({ records, matchSeqNum: seqNum });
    } catch (error) {
      // An attempt whose answer was lost may have been ours.
      if (!(error instanceof SeqNumMismatchError)) throw error;
      if (error.priorIndeterminate === undefined) return undefined;
      if ((await tokenInForce(stream, random)) !== token) return undefined;
    }
    return new GenerationWriter(stream, token, seqNum + records.length, random);
  }

  /**
   * Goes on with a generation in the place of who has written it so far, and now cannot any more.
   *
   * @returns undefined when none runs
   */
  static async takeOver(stream: S2Stream, random: Random): Promise<GenerationWriter | undefined> {
    const fencingToken = await tokenInForce(stream, random);
    if (kindOf(fencingToken) !== "session") return undefined;
    const token = newSession(beginningOf(fencingToken), random);
    try {
      await stream.fence(token, { fencingToken });
    } catch (error) {
      if (!isLost(error)) throw error;
      if ((await tokenInForce(stream, random)) !== token) return undefined;
    }
    return GenerationWriter.reopen(stream, token, random);
  }

  /** The writer of a token that is in force; if it is not, whatever it writes is refused. */
  static async reopen(stream: S2Stream, token: string, random: Random): Promise<GenerationWriter> {
    const { tail } = await stream.checkTail();
    return new GenerationWriter(stream, token, tail.seqNum, random);
  }

  get token(): string {
    return this.#token;
  }

  /** Where this generation begins. */
  get beginning(): number {
    return beginningOf(this.#token);
  }

  /**
   * Resolves when all chunks are durable.
   *
   * @returns for each chunk the seqNum of its last record
   * @throws {GenerationLostError}
   */
  async append(chunks: readonly Uint8Array[]): Promise<number[]> {
    const split = chunks.map(recordsOf);
    const first = this.#next;
    for (const batch of batchesOf(split.flat())) await this.#write(batch);
    let end = first;
    return split.map(({ length }) => (end += length) - 1);
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

  /**
   * @param lastWords - a chunk that comes with the end
   * @throws {GenerationLostError} when it has been ended by somebody else
   */
  async end(kind: "end" | "error", lastWords?: string): Promise<void> {
    const mark = newMark(kind, this.#random);
    try {
      await this.#write(endingWith(lastWords, mark));
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

/** Below what a batch may have, with what records cost beside their bodies. */
function batchesOf(records: readonly AppendRecord[]): AppendRecord[][] {
  const batches: AppendRecord[][] = [];
  let bytes = 0;
  for (const record of records) {
    bytes += record.body.length;
    const last = batches.at(-1);
    if (last !== undefined && bytes <= MAX_BATCH_BYTES && last.length < MAX_BATCH_RECORDS)
      last.push(record);
    else {
      batches.push([record]);
      bytes = record.body.length;
    }
  }
  return batches;
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
