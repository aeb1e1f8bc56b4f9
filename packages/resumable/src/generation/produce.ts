// From a model's chunks to records: reads ahead within a bound, writes what has gathered while the
// last batch was under way, beats while the model is silent, and marks the end, whatever it was.
// A generation that somebody else ended cancels the model. Knows no host.

import { type Clock, encodeUtf8, MAX_BATCH_RECORDS } from "@s2kit/core";
import { requireChunk } from "./parts.js";
import { GenerationLostError, type GenerationWriter } from "./writer.js";

/** Text that waits to be written; beyond it the model is not read. */
const MAX_WAITING_BYTES: number = 1024 * 1024;
/** Text of one batch: with what records cost beside it, below what a batch may have. */
const MAX_BATCH_BYTES: number = 512 * 1024;

/** How a generation ended, for who waits for it. */
export type Ending = "end" | "error" | "lost";

/** Makes records of what a model says. */
export interface Cutter {
  /** @throws what cannot be a record: the generation fails */
  push(chunk: string): readonly string[];
  end(): readonly string[];
}

/** Each chunk is one of the generation. */
export const WHOLE: Cutter = { push: (chunk) => [chunk], end: () => [] };

export interface ProduceComponents {
  readonly cutter: Cutter;
  /** The last record of a generation whose model failed; undefined: none. */
  readonly lastWords?: ((error: unknown) => string | undefined) | undefined;
  readonly clock: Clock;
  /** A record at least this often, ms. */
  readonly beatMs: number;
  /** Told of failures of the model and of the store; their text goes nowhere else. */
  readonly onError: (error: unknown) => void;
}

export function produce(
  source: ReadableStream<string>,
  writer: GenerationWriter,
  components: ProduceComponents,
): Promise<Ending> {
  return new Production(source, writer, components).run();
}

class Production {
  readonly #reader: ReadableStreamDefaultReader<string>;
  readonly #writer: GenerationWriter;
  readonly #components: ProduceComponents;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  /** Undefined while the model goes on. */
  #sourceEnd: "end" | "error" | undefined = undefined;
  #isGivenUp = false;
  #wake: () => void = () => undefined;
  #makeRoom: () => void = () => undefined;

  constructor(
    source: ReadableStream<string>,
    writer: GenerationWriter,
    components: ProduceComponents,
  ) {
    this.#reader = source.getReader();
    this.#writer = writer;
    this.#components = components;
  }

  async run(): Promise<Ending> {
    const reading = this.#read();
    try {
      const kind = await this.#write();
      await this.#writer.end(kind);
      return kind;
    } catch (error) {
      this.#giveUp(error);
      if (error instanceof GenerationLostError) return "lost";
      this.#components.onError(error);
      return "error";
    } finally {
      await reading;
    }
  }

  async #read(): Promise<void> {
    const { cutter, lastWords, onError } = this.#components;
    try {
      for (;;) {
        const { done, value } = await this.#reader.read();
        if (done || this.#isGivenUp) break;
        this.#add(cutter.push(value));
        if (this.#waitingBytes >= MAX_WAITING_BYTES)
          await new Promise<void>((resolve) => (this.#makeRoom = resolve));
      }
      this.#add(cutter.end());
      this.#sourceEnd = "end";
    } catch (error) {
      if (!this.#isGivenUp) onError(error);
      const words = lastWords?.(error);
      if (words !== undefined) this.#add([words]);
      this.#reader.cancel(error).catch(() => undefined);
      this.#sourceEnd = "error";
    }
    this.#wake();
  }

  #add(pieces: readonly string[]): void {
    for (const piece of pieces) {
      const chunk = encodeUtf8(piece);
      requireChunk(chunk);
      this.#waiting.push(chunk);
      this.#waitingBytes += chunk.length;
    }
    if (pieces.length > 0) this.#wake();
  }

  /** Until the model has ended and everything is durable. */
  async #write(): Promise<"end" | "error"> {
    for (;;) {
      const batch = this.#take();
      if (batch.length > 0) await this.#writer.append(batch);
      else if (this.#sourceEnd !== undefined) return this.#sourceEnd;
      else if (!(await this.#somethingCame())) await this.#writer.beat();
    }
  }

  #take(): Uint8Array[] {
    let bytes = 0;
    let count = 0;
    for (const { length } of this.#waiting) {
      bytes += length;
      if (count > 0 && (bytes > MAX_BATCH_BYTES || count === MAX_BATCH_RECORDS)) break;
      count++;
    }
    const batch = this.#waiting.splice(0, count);
    this.#waitingBytes -= batch.reduce((sum, { length }) => sum + length, 0);
    if (this.#waitingBytes < MAX_WAITING_BYTES) this.#makeRoom();
    return batch;
  }

  /** False when the time for a beat has come first. */
  #somethingCame(): Promise<boolean> {
    const { clock, beatMs } = this.#components;
    return new Promise((resolve) => {
      const timer = clock.setTimer(() => resolve(false), beatMs);
      this.#wake = () => {
        timer.cancel();
        resolve(true);
      };
    });
  }

  /** What the model still says goes nowhere, so it need not say it. */
  #giveUp(reason: unknown): void {
    this.#isGivenUp = true;
    this.#makeRoom();
    this.#reader.cancel(reason).catch(() => undefined);
  }
}
