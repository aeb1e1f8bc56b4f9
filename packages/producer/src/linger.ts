// Says when the open batch has waited long enough: the one timer of a producer, or with a linger of
// 0 the end of the turn. Spec: sdk#producer.

import type { Clock, Timer } from "@s2kit/core";

export interface LingerComponents {
  readonly clock: Clock;
  /** When the open batch is due, in monotonic ms; undefined when it is empty. */
  dueAt(): number | undefined;
  onDue(): void;
}

export class Linger {
  readonly #lingerMillis: number;
  readonly #components: LingerComponents;
  #timer: Timer | undefined;
  #isTurnAsked = false;

  constructor(lingerMillis: number, components: LingerComponents) {
    this.#lingerMillis = lingerMillis;
    this.#components = components;
  }

  /** Runs from the first record of a batch; later ones do not move it. */
  start(): void {
    if (this.#lingerMillis === 0) this.#askTurn();
    // Left over from a batch that filled up early: the callback looks at the time again.
    else this.#timer ??= this.#components.clock.setTimer(() => this.#onTimer(), this.#lingerMillis);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #onTimer(): void {
    this.#timer = undefined;
    const { clock } = this.#components;
    const dueAt = this.#components.dueAt();
    if (dueAt === undefined) return;
    const left = dueAt - clock.monotonic();
    if (left > 0) this.#timer = clock.setTimer(() => this.#onTimer(), left);
    else this.#components.onDue();
  }

  /** What is submitted in one turn of the loop goes together. */
  #askTurn(): void {
    if (this.#isTurnAsked) return;
    this.#isTurnAsked = true;
    const end = (): void => {
      this.#isTurnAsked = false;
      this.#components.onDue();
    };
    if (typeof setImmediate === "function") setImmediate(end);
    else queueMicrotask(end);
  }
}
