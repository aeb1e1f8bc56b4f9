// One direction of a connection through the proxy: takes bytes, and hands them on as its weather says: at once, late,
// in drops, not for now, or never. Bounded: whoever sends more than it holds has to wait.

import type { Socket } from "node:net";

export type Weather =
  | { readonly kind: "clear" }
  /** Each piece comes so much later. */
  | { readonly kind: "delay"; readonly ms: number }
  /** Nothing comes; everything at once when the weather changes. */
  | { readonly kind: "hold" }
  | { readonly kind: "throttle"; readonly bytesPerSec: number };

const MAX_HELD_BYTES = 1024 * 1024;
const DROP_MS = 25;

interface Piece {
  readonly bytes: Buffer;
  readonly arrivedMs: number;
}

export class Lane {
  /** Bytes that were handed on. */
  passedBytes = 0;
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #weather: () => Weather;
  #pieces: Piece[] = [];
  #heldBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #fate: "open" | "ending" | "lost" | "closed" = "open";
  #isFull = false;

  constructor(from: Socket, to: Socket, weather: () => Weather) {
    this.#from = from;
    this.#to = to;
    this.#weather = weather;
    from.on("data", (bytes: Buffer) => this.#take(bytes));
    to.on("drain", () => {
      this.#isFull = false;
      this.pump();
    });
  }

  get isLost(): boolean {
    return this.#fate === "lost";
  }

  /** No more will come: what has come is handed on first. */
  finish(): void {
    if (this.#fate === "open") this.#fate = "ending";
    this.pump();
  }

  /** From now on what comes goes nowhere, and nobody is told. */
  lose(): void {
    if (this.#fate === "open") this.#fate = "lost";
    this.#forget();
    this.#from.resume();
  }

  /** Nothing comes behind this. */
  close(): void {
    this.#fate = "closed";
    this.#forget();
  }

  /** Hands on whatever may go now; to be called when the weather changes. */
  pump(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (this.#pieces.length > 0 && !this.#isFull) {
      const waitMs = this.#step();
      if (waitMs === 0) continue;
      // One that is held waits for the weather.
      if (waitMs !== undefined) this.#timer = setTimeout(() => this.pump(), waitMs);
      return;
    }
    if (this.#heldBytes < MAX_HELD_BYTES / 2 && this.#from.isPaused()) this.#from.resume();
    if (this.#fate === "ending" && this.#pieces.length === 0) this.#to.end();
  }

  /** @returns ms until the next step; undefined: not before something changes */
  #step(): number | undefined {
    const weather = this.#weather();
    const { bytes, arrivedMs } = this.#pieces[0] as Piece;
    switch (weather.kind) {
      case "hold":
        return undefined;
      case "delay": {
        const leftMs = arrivedMs + weather.ms - performance.now();
        if (leftMs > 0) return leftMs;
        this.#hand(bytes.length);
        return 0;
      }
      case "throttle":
        this.#hand(Math.max(1, Math.floor((weather.bytesPerSec * DROP_MS) / 1000)));
        return DROP_MS;
      case "clear":
        this.#hand(bytes.length);
        return 0;
    }
  }

  #take(bytes: Buffer): void {
    if (this.#fate !== "open") return;
    this.#pieces.push({ bytes, arrivedMs: performance.now() });
    this.#heldBytes += bytes.length;
    if (this.#heldBytes >= MAX_HELD_BYTES) this.#from.pause();
    if (this.#timer === undefined) this.pump();
  }

  #hand(most: number): void {
    const piece = this.#pieces.shift() as Piece;
    const head = piece.bytes.subarray(0, most);
    if (head.length < piece.bytes.length)
      this.#pieces.unshift({ ...piece, bytes: piece.bytes.subarray(most) });
    this.#heldBytes -= head.length;
    this.passedBytes += head.length;
    this.#isFull = !this.#to.write(head);
  }

  #forget(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#pieces = [];
    this.#heldBytes = 0;
  }
}
