// Notices that nothing comes from a server any more. Its timer is coarse on purpose: activity only
// notes the time, and a timer that comes too early for it looks again. Spec: sdk#read-sessions.

import type { Clock, Timer } from "@s2kit/core";

export interface SilenceWatchComponents {
  readonly clock: Clock;
  /** How long silence is borne at present; undefined while nobody is there to speak. */
  patienceMillis(): number | undefined;
  /** Silence while we let nobody speak is ours. */
  isHeldUp(): boolean;
  onSilence(patienceMillis: number): void;
}

export class SilenceWatch {
  readonly #components: SilenceWatchComponents;
  #timer: Timer | undefined;
  #lastActivityAt = 0;

  constructor(components: SilenceWatchComponents) {
    this.#components = components;
  }

  /** Something came, or its full time begins anew. */
  note(now: number = this.#components.clock.monotonic()): void {
    this.#lastActivityAt = now;
  }

  /** Watches from now on. */
  restart(): void {
    this.stop();
    this.note();
    this.#arm(this.#components.patienceMillis());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(patienceMillis: number | undefined): void {
    if (this.#timer !== undefined || patienceMillis === undefined) return;
    const { clock } = this.#components;
    const delay = this.#lastActivityAt + patienceMillis - clock.monotonic();
    this.#timer = clock.setTimer(() => this.#onTimer(), Math.max(delay, 1));
  }

  #onTimer(): void {
    this.#timer = undefined;
    const patience = this.#components.patienceMillis();
    if (patience === undefined) return;
    const now = this.#components.clock.monotonic();
    if (this.#components.isHeldUp()) this.note(now);
    if (now - this.#lastActivityAt < patience) this.#arm(patience);
    else this.#components.onSilence(patience);
  }
}
