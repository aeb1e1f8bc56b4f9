// A generation whose host asks the model itself and appends what it says: keeps its writer, whose
// appends follow each other, and tells that the producer lives while nothing comes. Knows no host.

import { type Clock, S2Error, type Timer } from "@s2kit/core";
import { GenerationLostError, type GenerationWriter } from "./writer.js";

/** Appends that wait for each other; hosts wait for each of theirs. */
const MAX_WAITING_APPENDS = 1000;

export interface HeldComponents {
  readonly clock: Clock;
  /** A record at least this often, ms. */
  readonly beatMs: number;
  /** Told once, when somebody else has ended the generation or taken it over. */
  readonly onLost: () => void;
  /** Told of beats that failed: the next one tries again. */
  readonly onError: (error: unknown) => void;
}

export class HeldGeneration {
  readonly #writer: GenerationWriter;
  readonly #components: HeldComponents;
  /** Settles when all that was asked for has been done. Never rejects. */
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #timer: Timer | undefined;
  #state: "held" | "left" | "lost" = "held";

  constructor(writer: GenerationWriter, components: HeldComponents) {
    this.#writer = writer;
    this.#components = components;
    this.#arm();
  }

  get token(): string {
    return this.#writer.token;
  }

  /**
   * @returns for each chunk the seqNum of its last record
   * @throws {GenerationLostError}
   */
  append(chunks: readonly Uint8Array[]): Promise<number[]> {
    return this.#inTurn(() => this.#writer.append(chunks));
  }

  /** False when somebody else has ended it. */
  async end(kind: "end" | "error"): Promise<boolean> {
    try {
      await this.#inTurn(() => this.#writer.end(kind));
      return true;
    } catch (error) {
      if (error instanceof GenerationLostError) return false;
      throw error;
    } finally {
      this.leave();
    }
  }

  /** Tells no more that the producer lives. */
  leave(): void {
    if (this.#state === "held") this.#state = "left";
    this.#timer?.cancel();
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= MAX_WAITING_APPENDS)
      throw new S2Error({
        code: "INVALID_ARGUMENT",
        message: "wait for an append before the next",
      });
    this.#waiting++;
    this.#timer?.cancel();
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    try {
      return await done;
    } catch (error) {
      if (error instanceof GenerationLostError) this.#lose();
      throw error;
    } finally {
      this.#waiting--;
      this.#arm();
    }
  }

  #arm(): void {
    if (this.#state !== "held" || this.#waiting > 0) return;
    const { clock, beatMs, onError } = this.#components;
    this.#timer?.cancel();
    const beat = (): void => {
      this.#inTurn(() => this.#writer.beat()).catch((error: unknown) => {
        if (!(error instanceof GenerationLostError)) onError(error);
      });
    };
    this.#timer = clock.setTimer(beat, beatMs, { keepsAlive: false });
  }

  #lose(): void {
    if (this.#state !== "held") return;
    this.#state = "lost";
    this.#components.onLost();
  }
}
