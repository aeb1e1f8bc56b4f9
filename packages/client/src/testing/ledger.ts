// Counts what the client and the producer have open, from outside: timers, in-flight bytes,
// listeners on signals, exchanges and connections. After a test everything is closed, so everything
// must be at zero. It works by wrapping what they all go through; one ledger per process.

import { Admission, type Clock, systemClock } from "@s2kit/core";
import type { ScriptedPeer } from "./scripted-peer.js";

/** What is open, by kind; a kind with nothing open is missing. */
export type OpenThings = Readonly<Record<string, number>>;

/** Watches what a client has open. */
export interface Ledger {
  /** Timers of another clock than the system's count too. */
  watchClock(clock: Clock & { readonly liveTimers: readonly unknown[] }): void;
  /** Exchanges and HTTP/2 connections that reach this peer. */
  watchPeer(peer: ScriptedPeer): void;
  /** What is open now. */
  open(): OpenThings;
  /** Forgets what was watched; what is open afterwards is somebody else's. */
  reset(): void;
}

let current: Ledger | undefined;

/** The ledger of this process, which starts with the first call. */
export function startLedger(): Ledger {
  current ??= new WrappingLedger();
  return current;
}

class WrappingLedger implements Ledger {
  readonly #admissions = new Set<Admission>();
  readonly #timers = new Set<object>();
  readonly #clocks = new Set<{ readonly liveTimers: readonly unknown[] }>();
  readonly #peers = new Set<ScriptedPeer>();
  /** By signal, so that one that fired can be told from one that was left. */
  readonly #listeners = new Map<AbortSignal, Set<unknown>>();

  constructor() {
    this.#wrapTimers();
    this.#wrapAdmissions();
    this.#wrapSignals();
  }

  watchClock(clock: Clock & { readonly liveTimers: readonly unknown[] }): void {
    this.#clocks.add(clock);
  }

  watchPeer(peer: ScriptedPeer): void {
    this.#peers.add(peer);
  }

  open(): OpenThings {
    let inFlightBytes = 0;
    let waitingSubmits = 0;
    for (const admission of this.#admissions) {
      inFlightBytes += admission.heldBytes;
      waitingSubmits += admission.waitingCount;
    }
    let timers = this.#timers.size;
    for (const { liveTimers } of this.#clocks) timers += liveTimers.length;
    let listeners = 0;
    for (const [signal, added] of this.#listeners) if (!signal.aborted) listeners += added.size;
    const counts = { inFlightBytes, waitingSubmits, timers, listeners, ...this.#reaching() };
    return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));
  }

  reset(): void {
    this.#admissions.clear();
    this.#timers.clear();
    this.#clocks.clear();
    this.#peers.clear();
    this.#listeners.clear();
  }

  #reaching(): Record<string, number> {
    let exchanges = 0;
    let connections = 0;
    for (const peer of this.#peers) {
      exchanges += peer.openExchangeCount;
      connections += peer.openHttp2Count;
    }
    return { exchanges, connections };
  }

  #wrapTimers(): void {
    const timers = this.#timers;
    const setTimer = systemClock.setTimer.bind(systemClock);
    systemClock.setTimer = (callback, delayMs, options) => {
      const entry = {};
      timers.add(entry);
      const fired = (): void => {
        timers.delete(entry);
        callback();
      };
      const timer = setTimer(fired, delayMs, options);
      return {
        cancel: () => {
          timers.delete(entry);
          timer.cancel();
        },
      };
    };
  }

  #wrapAdmissions(): void {
    wrapMethod(Admission.prototype, "tryEnter", (admission) =>
      this.#admissions.add(admission as Admission),
    );
  }

  /** Only what this repository's code adds: platforms leave listeners on signals of their own. */
  #wrapSignals(): void {
    wrapMethod(AbortSignal.prototype, "addEventListener", (target, [, listener]) => {
      if (!isOurs(new Error("who adds").stack)) return;
      const signal = target as AbortSignal;
      const added = this.#listeners.get(signal) ?? new Set();
      this.#listeners.set(signal, added.add(listener));
    });
    wrapMethod(AbortSignal.prototype, "removeEventListener", (target, [, listener]) => {
      this.#listeners.get(target as AbortSignal)?.delete(listener);
    });
  }
}

/** Calls `before` with each call of a method, for ever. */
function wrapMethod(
  prototype: object,
  name: string,
  before: (target: object, args: readonly unknown[]) => void,
): void {
  const method = Reflect.get(prototype, name) as (...args: unknown[]) => unknown;
  Reflect.set(prototype, name, function (this: object, ...args: unknown[]): unknown {
    before(this, args);
    return Reflect.apply(method, this, args);
  });
}

/** Below the error, `before` and the wrapper is who called the method. */
function isOurs(stack = ""): boolean {
  return /(client|producer|core)\/(src|dist)\//.test(stack.split("\n")[3] ?? "");
}
