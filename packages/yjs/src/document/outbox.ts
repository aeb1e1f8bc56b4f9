// What was edited here and is not durable yet: one append at a time, and what gathers meanwhile is
// merged into the next. Never given up while the document is open. Updates may be told twice, which
// changes nothing.

import { type AppendAck, FencingTokenMismatchError, type S2Stream } from "@s2kit/client";
import { type Clock, type Random, sleep } from "@s2kit/core";
import { mergeUpdates } from "yjs";
import { backoffMs } from "../backoff.js";
import { newId } from "./ids.js";
import { appendsOf } from "./records.js";

/** Updates that wait; more are merged into one. */
const MAX_WAITING = 256;

export interface OutboxComponents {
  readonly stream: Pick<S2Stream, "append">;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  /** The fencing token in force, as far as it was read. */
  readonly token: () => string;
  readonly onSent: (ack: AppendAck) => void;
  readonly onFailure: (error: unknown) => void;
  /** Nothing waits any more. */
  readonly onEmpty: () => void;
}

export class Outbox {
  readonly #components: OutboxComponents;
  #waiting: Uint8Array[] = [];
  /** `held`: the document is not read yet, so nobody knows what is missing in it. */
  #state: "held" | "idle" | "sending" = "held";

  constructor(components: OutboxComponents) {
    this.#components = components;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0 && this.#state !== "sending";
  }

  add(update: Uint8Array): void {
    this.#waiting.push(update);
    if (this.#waiting.length >= MAX_WAITING) this.#waiting = [mergeUpdates(this.#waiting)];
    this.#start();
  }

  /** @param missing - what the stream lacks, in the place of what waits; undefined: that is it */
  open(missing?: Uint8Array): void {
    if (missing !== undefined) this.#waiting = [missing];
    if (this.#state === "held") this.#state = "idle";
    this.#start();
  }

  #start(): void {
    if (this.#state !== "idle" || this.#waiting.length === 0) return;
    this.#state = "sending";
    void this.#send();
  }

  async #send(): Promise<void> {
    const { clock, random, signal, onSent, onFailure, onEmpty } = this.#components;
    for (let tries = 0; this.#waiting.length > 0 && !signal.aborted; ) {
      const [first = new Uint8Array(), ...rest] = this.#waiting.splice(0);
      const update = rest.length === 0 ? first : mergeUpdates([first, ...rest]);
      try {
        onSent(await this.#append(update));
        tries = 0;
      } catch (error) {
        this.#waiting.unshift(update);
        if (signal.aborted) break;
        onFailure(error);
        await sleep(clock, backoffMs(tries++, random), signal);
      }
    }
    this.#state = "idle";
    if (this.#waiting.length === 0) onEmpty();
  }

  async #append(update: Uint8Array): Promise<AppendAck> {
    const { random, token } = this.#components;
    for (let fencingToken = token(); ; ) {
      const appends = appendsOf("update", update, newId(random));
      const [only] = appends;
      if (appends.length === 1 && only !== undefined) return this.#appended(only, undefined);
      try {
        let ack: AppendAck | undefined;
        for (const records of appends) ack = await this.#appended(records, fencingToken);
        if (ack !== undefined) return ack;
      } catch (error) {
        // Somebody compacts since: all parts anew, under the fence of now.
        if (!(error instanceof FencingTokenMismatchError)) throw error;
        fencingToken = error.expectedFencingToken;
      }
    }
  }

  #appended(
    records: ReturnType<typeof appendsOf>[number],
    fencingToken: string | undefined,
  ): Promise<AppendAck> {
    const { stream, signal } = this.#components;
    const condition = fencingToken === undefined ? {} : { fencingToken };
    return stream.append({ records, ...condition }, { signal });
  }
}
