// Finds out whether the peer of a connection still lives: silence is answered with a ping, and a
// ping that is not answered in time with the end. Made by a connection, which says when its peer
// matters; knows no socket. Spec: sdk#timeouts.

import type { Clock, Timer } from "@s2kit/core";

const PING_AFTER_MILLIS = 30_000;
/** What a peer has to answer a ping. */
export const PING_TIMEOUT_MILLIS = 15_000;
const MIN_WAIT_MILLIS = 1000;

export interface WatchedConnection {
  readonly clock: Clock;
  /** True while streams depend on the peer. */
  isInUse(): boolean;
  /** Asks the peer; `onAnswer` is called once, unless false says that nothing could be sent. */
  ping(onAnswer: (isAlive: boolean) => void): boolean;
  /** The peer is gone. */
  onSilent(): void;
}

/**
 * ```
 *   resting ──watch──► waiting ──30 s without a byte──► asking ──15 s──► onSilent
 *      ▲                 ▲ │                               │
 *      └── not in use ───┼─┘                               │        any of them ──end──► ended
 *                        └───────── answered, in use ──────┘
 * ```
 */
type State =
  | { readonly kind: "resting" | "ended" }
  | { readonly kind: "waiting" | "asking"; readonly timer: Timer };

export class PeerWatch {
  readonly #connection: WatchedConnection;
  #state: State = { kind: "resting" };
  #lastReadAt = 0;

  constructor(connection: WatchedConnection) {
    this.#connection = connection;
  }

  /** Bytes came in: the peer lives. */
  noteRead(): void {
    this.#lastReadAt = this.#connection.clock.monotonic();
  }

  /** The peer matters from here on. */
  watch(): void {
    if (this.#state.kind !== "resting") return;
    const { clock } = this.#connection;
    const delay = this.#lastReadAt + PING_AFTER_MILLIS - clock.monotonic();
    this.#state = {
      kind: "waiting",
      timer: clock.setTimer(() => this.#onWaited(), Math.max(delay, MIN_WAIT_MILLIS), {
        keepsAlive: false,
      }),
    };
  }

  /** The peer does not matter for now. A ping that is out still decides. */
  rest(): void {
    if (this.#state.kind !== "waiting") return;
    this.#state.timer.cancel();
    this.#state = { kind: "resting" };
  }

  /** For good. */
  end(): void {
    if (this.#state.kind === "waiting" || this.#state.kind === "asking") this.#state.timer.cancel();
    this.#state = { kind: "ended" };
  }

  /** The timer is coarse on purpose: reads only note the time, and a late timer looks again. */
  #onWaited(): void {
    this.#state = { kind: "resting" };
    if (!this.#connection.isInUse()) return;
    const { clock } = this.#connection;
    if (clock.monotonic() - this.#lastReadAt < PING_AFTER_MILLIS) this.watch();
    else this.#ask();
  }

  #ask(): void {
    const timer = this.#connection.clock.setTimer(
      () => this.#connection.onSilent(),
      PING_TIMEOUT_MILLIS,
      { keepsAlive: false },
    );
    this.#state = { kind: "asking", timer };
    const isSent = this.#connection.ping((isAlive) => {
      if (isAlive) this.noteRead();
      this.#settle();
    });
    // One that could not be sent says nothing of the peer: it is asked again.
    if (!isSent) this.#settle();
  }

  #settle(): void {
    if (this.#state.kind !== "asking") return;
    this.#state.timer.cancel();
    this.#state = { kind: "resting" };
    if (this.#connection.isInUse()) this.watch();
  }
}
