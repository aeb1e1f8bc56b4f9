// One direction of a connection: bytes in order, after their latency, in pieces; a full receiver
// holds the sender up. It can be cut at any byte, stall, or swallow everything without a word.

import { type Clock, type Random, randomInteger } from "@s2kit/core";

/** The end that a link leads to, or comes from. */
export interface LinkEnd {
  readonly destroyed: boolean;
  arrive(bytes: Buffer, wantsMore: () => void): boolean;
  arriveEnd(): void;
  arriveReset(): void;
  readonly outbound: Link | undefined;
}

export interface LinkContext {
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly latencyMs: number;
  /** At most so much more for each piece. */
  readonly jitterMs: number;
  /** Chance that a chunk arrives in pieces. */
  readonly splitChance: number;
  readonly note: (what: string) => void;
}

/** What a sender may have on the way before it is held up. */
const WINDOW_BYTES = 64 * 1024;

type Parcel =
  | { readonly kind: "bytes"; readonly bytes: Buffer; readonly done: (() => void) | undefined }
  | { readonly kind: "end" }
  | { readonly kind: "reset" };

type State = "open" | "silent" | "cut";

export class Link {
  readonly #context: LinkContext;
  readonly #from: LinkEnd;
  readonly #to: LinkEnd;
  readonly #name: string;
  readonly #queue: { readonly at: number; readonly parcel: Parcel }[] = [];
  #state: State = "open";
  #lastAt = 0;
  #stalledUntil = 0;
  #queuedBytes = 0;
  #isBlocked = false;
  #isArmed = false;
  #hasEnded = false;
  /** Bytes until the fault, and what it is. */
  #fuse: { left: number; readonly burn: () => void } | undefined;

  constructor(context: LinkContext, from: LinkEnd, to: LinkEnd, name: string) {
    this.#context = context;
    this.#from = from;
    this.#to = to;
    this.#name = name;
  }

  send(bytes: Buffer, done: () => void): void {
    if (this.#state === "cut" || this.#hasEnded) return done();
    // Nobody is there; the sender only sees that nothing is acknowledged.
    if (this.#state === "silent") {
      this.#queuedBytes += bytes.length;
      if (this.#queuedBytes <= WINDOW_BYTES) done();
      return;
    }
    this.#queuedBytes += bytes.length;
    const isFull = this.#queuedBytes > WINDOW_BYTES;
    const pieces = this.#split(bytes);
    pieces.forEach((piece, index) => {
      const isLast = index === pieces.length - 1;
      this.#enqueue({ kind: "bytes", bytes: piece, done: isLast && isFull ? done : undefined });
    });
    if (!isFull) done();
  }

  end(): void {
    if (this.#state !== "open" || this.#hasEnded) return;
    this.#hasEnded = true;
    this.#enqueue({ kind: "end" });
  }

  /** The sender's end was closed: what is on the way arrives, then its end. */
  closed(): void {
    this.end();
  }

  /** Somebody between ends it cleanly, wherever it is; what is on the way is lost. */
  endHere(): void {
    if (this.#state !== "open" || this.#hasEnded) return;
    this.#drop();
    this.end();
  }

  /** Tells the receiver at once, after a latency; what is on the way is lost. */
  reset(): void {
    if (this.#state !== "open") return;
    this.#hasEnded = true;
    this.#drop();
    this.#enqueue({ kind: "reset" });
  }

  /** Nothing arrives any more, and nobody is told. */
  silence(): void {
    if (this.#state !== "open") return;
    this.#context.note(`${this.#name} silent`);
    this.#drop();
    this.#state = "silent";
  }

  /** Nothing arrives any more: the ends are told by somebody else. */
  cut(): void {
    this.#drop();
    this.#state = "cut";
  }

  stall(forMs: number): void {
    this.#stalledUntil = Math.max(this.#stalledUntil, this.#context.clock.monotonic() + forMs);
  }

  /** After so many more bytes arrived, in the middle of whatever they are. */
  burnAfter(bytes: number, burn: () => void): void {
    this.#fuse = { left: bytes, burn };
  }

  #split(bytes: Buffer): Buffer[] {
    const { random, splitChance } = this.#context;
    if (bytes.length < 2 || random.next() >= splitChance) return [bytes];
    const at = randomInteger(random, 1, bytes.length - 1);
    return [bytes.subarray(0, at), bytes.subarray(at)];
  }

  #enqueue(parcel: Parcel): void {
    const { clock, random, latencyMs, jitterMs } = this.#context;
    const jitter = jitterMs === 0 ? 0 : Math.floor(random.next() * jitterMs);
    const at = Math.max(clock.monotonic() + latencyMs + jitter, this.#lastAt, this.#stalledUntil);
    this.#lastAt = at;
    this.#queue.push({ at, parcel });
    this.#arm();
  }

  #arm(): void {
    const [head] = this.#queue;
    if (head === undefined || this.#isArmed || this.#isBlocked) return;
    this.#isArmed = true;
    const { clock } = this.#context;
    clock.setTimer(() => {
      this.#isArmed = false;
      this.#deliver();
    }, head.at - clock.monotonic());
  }

  #deliver(): void {
    const now = this.#context.clock.monotonic();
    while (!this.#isBlocked && (this.#queue[0]?.at ?? Number.POSITIVE_INFINITY) <= now) {
      const { parcel } = this.#queue.shift() as { parcel: Parcel };
      this.#hand(parcel);
    }
    this.#arm();
  }

  #hand(parcel: Parcel): void {
    if (parcel.kind === "bytes") this.#handBytes(parcel.bytes, parcel.done);
    else if (this.#to.destroyed) return;
    else if (parcel.kind === "end") {
      this.#context.note(`${this.#name} end`);
      this.#to.arriveEnd();
    } else {
      this.#context.note(`${this.#name} reset`);
      this.#to.arriveReset();
    }
  }

  #handBytes(whole: Buffer, done: (() => void) | undefined): void {
    this.#queuedBytes -= whole.length;
    const fuse = this.#fuse;
    let bytes = whole;
    if (fuse !== undefined) {
      bytes = whole.subarray(0, fuse.left);
      fuse.left -= bytes.length;
    }
    // Data for a socket that is closed is answered by a reset.
    if (this.#to.destroyed) {
      if (!this.#from.destroyed) this.#to.outbound?.reset();
      done?.();
      return;
    }
    this.#arrive(bytes);
    done?.();
    if (fuse === undefined || fuse.left > 0) return;
    this.#fuse = undefined;
    fuse.burn();
    // The fault may concern the other direction only.
    if (this.#state === "open" && !this.#hasEnded) this.#arrive(whole.subarray(bytes.length));
  }

  #arrive(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#context.note(`${this.#name} ${bytes.length}`);
    const isTaken = this.#to.arrive(bytes, () => {
      this.#isBlocked = false;
      this.#arm();
    });
    if (!isTaken) this.#isBlocked = true;
  }

  #drop(): void {
    const queue = this.#queue.splice(0);
    this.#queuedBytes = 0;
    for (const { parcel } of queue) if (parcel.kind === "bytes") parcel.done?.();
  }
}
