// When the page is told about the window: at most once a frame, more calmly at high rates, and
// never while it still draws the last picture, so a page in the background is sent nothing.
// Called by the feed; knows nothing of what is in a picture.

import type { Clock, Timer } from "@s2kit/core";

type State =
  /** The page has what there is. */
  | { readonly kind: "current" }
  | { readonly kind: "due"; readonly timer: Timer }
  /** The page has not drawn yet what it was sent. */
  | { readonly kind: "drawing" }
  /** The same, and there is more to show. */
  | { readonly kind: "outdated" }
  | { readonly kind: "closed" };

export class Pictures {
  readonly #clock: Clock;
  readonly #restMs: () => number;
  readonly #send: () => void;
  #state: State = { kind: "current" };

  /** @param restMs - between a change and its picture, asked for each */
  constructor(clock: Clock, restMs: () => number, send: () => void) {
    this.#clock = clock;
    this.#restMs = restMs;
    this.#send = send;
  }

  changed(): void {
    if (this.#state.kind === "current") this.#arm();
    else if (this.#state.kind === "drawing") this.#state = { kind: "outdated" };
  }

  drawn(): void {
    if (this.#state.kind === "outdated") this.#arm();
    else if (this.#state.kind === "drawing") this.#state = { kind: "current" };
  }

  close(): void {
    if (this.#state.kind === "due") this.#state.timer.cancel();
    this.#state = { kind: "closed" };
  }

  #arm(): void {
    const timer = this.#clock.setTimer(() => {
      this.#state = { kind: "drawing" };
      this.#send();
    }, this.#restMs());
    this.#state = { kind: "due", timer };
  }
}
