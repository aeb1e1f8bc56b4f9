// The connection below an append session: none, one in use, one that is being left, or a wait for
// the next. Opens wires, lets nothing through from one that was given up, and times how long one
// may take to open and to end. What follows from any of it is decided by its session.
// Spec: sdk#append-sessions, sdk#reconnect-advice.

import type { AppendAck, Clock, Result, S2Error, Timer } from "@s2kit/core";
import { timeoutError } from "../../errors.js";
import type { AppendWire, AppendWireHandlers } from "../../wire/append-wire.js";

export interface AppendLinkComponents {
  readonly clock: Clock;
  /**
   * From connecting until the wire takes a batch: a token may have to be fetched, and a dial made.
   */
  readonly openTimeoutMillis: number;
  /** How long a server has to end what we ended. */
  readonly requestTimeoutMillis: number;
  openWire(handlers: AppendWireHandlers): AppendWire;
}

export interface AppendLinkListener {
  /** There is room on the wire, or no wire any more: look what is to be done. */
  onTurn(): void;
  /** The server accepted the session. */
  onOpen(): void;
  onAck(ack: AppendAck): void;
  /** Only from the wire in use. */
  onAdvice(wire: AppendWire): void;
  /**
   * The wire has ended by itself. `mayFollow` is true when the next may be dialled at once: this
   * one brought an acknowledgement, or was being left.
   */
  onEnd(result: Result<undefined>, mayFollow: boolean): void;
  /** The wire did not open in time and was given up. */
  onFailure(error: S2Error): void;
}

type State =
  | { readonly kind: "none" }
  | { readonly kind: "up"; readonly wire: AppendWire; hasProgress: boolean }
  | { readonly kind: "leaving"; readonly wire: AppendWire; hasProgress: boolean }
  | { readonly kind: "waiting"; readonly timer: Timer };

const NONE: State = { kind: "none" };

export class AppendLink {
  readonly #components: AppendLinkComponents;
  readonly #listener: AppendLinkListener;
  #state: State = NONE;
  /** Runs from connecting until the wire takes a batch. */
  #openTimer: Timer | undefined;
  /** Runs while the server may end what we ended. */
  #endTimer: Timer | undefined;

  constructor(components: AppendLinkComponents, listener: AppendLinkListener) {
    this.#components = components;
    this.#listener = listener;
  }

  get isNone(): boolean {
    return this.#state.kind === "none";
  }

  /** The wire in use: what batches go to. */
  get wire(): AppendWire | undefined {
    return this.#state.kind === "up" ? this.#state.wire : undefined;
  }

  connect(): void {
    // Handlers of an earlier wire must find themselves out of date.
    const isCurrent = (): boolean =>
      (this.#state.kind === "up" || this.#state.kind === "leaving") && this.#state.wire === wire;
    const wire: AppendWire = this.#components.openWire({
      onRoom: () => {
        if (!isCurrent()) return;
        this.#openTimer?.cancel();
        this.#listener.onTurn();
      },
      onOpen: () => {
        if (isCurrent()) this.#listener.onOpen();
      },
      onAck: (ack) => {
        if (isCurrent()) this.#listener.onAck(ack);
      },
      onAdvice: () => {
        if (isCurrent() && this.#state.kind === "up") this.#listener.onAdvice(wire);
      },
      onEnd: (result) => {
        if (isCurrent()) this.#onEnd(result);
      },
    });
    this.#state = { kind: "up", wire, hasProgress: false };
    const { clock, openTimeoutMillis } = this.#components;
    // Until something is sent, no acknowledgement is due that could be late.
    this.#openTimer = clock.setTimer(() => {
      this.drop();
      this.#listener.onFailure(timeoutError("opening an append session", openTimeoutMillis));
    }, openTimeoutMillis);
  }

  /** An acknowledgement from it was good. */
  noteProgress(): void {
    if (this.#state.kind === "up" || this.#state.kind === "leaving") this.#state.hasProgress = true;
  }

  /** Half-closes the wire in use: the server acknowledges what it took, and ends it. */
  leave(): void {
    if (this.#state.kind !== "up") return;
    const { wire, hasProgress } = this.#state;
    wire.finish();
    this.#state = { kind: "leaving", wire, hasProgress };
  }

  /** Nothing more will be sent: the server may end it, until the timeout. False without a wire. */
  finish(): boolean {
    if (this.#endTimer !== undefined) return true;
    if (this.#state.kind === "up") this.#state.wire.finish();
    else if (this.#state.kind !== "leaving") return false;
    this.limitEnd();
    return true;
  }

  /** Gives the server the time of a request to end what was half-closed. */
  limitEnd(): void {
    const { clock, requestTimeoutMillis } = this.#components;
    this.#endTimer = clock.setTimer(() => {
      this.drop();
      this.#listener.onTurn();
    }, requestTimeoutMillis);
  }

  /** No connection for so long. */
  wait(delayMillis: number): void {
    const timer = this.#components.clock.setTimer(() => {
      this.#state = NONE;
      this.#listener.onTurn();
    }, delayMillis);
    this.#state = { kind: "waiting", timer };
  }

  /** Gives up what there is, at once; nothing more is heard of it. */
  drop(): void {
    const state = this.#state;
    this.#state = NONE;
    this.#stopTimers();
    if (state.kind === "waiting") state.timer.cancel();
    else if (state.kind !== "none") state.wire.abort();
  }

  #onEnd(result: Result<undefined>): void {
    const state = this.#state;
    this.#state = NONE;
    this.#stopTimers();
    this.#listener.onEnd(
      result,
      state.kind === "leaving" || (state.kind === "up" && state.hasProgress),
    );
  }

  #stopTimers(): void {
    this.#openTimer?.cancel();
    this.#endTimer?.cancel();
    this.#endTimer = undefined;
  }
}
