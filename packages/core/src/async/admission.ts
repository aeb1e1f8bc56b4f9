// Lets at most so many bytes and items into a room; who waits is let in strictly in order of
// arrival, so a large one at the head is not overtaken by small ones behind it. The one door to
// bounded room. It bounds what is in flight: records of a producer, batches of a session, appends
// of a server between socket and disk.
//
//     tryEnter / enter ──► [waiting, in order] ──► inside ──► release
//
// Spec: sdk#appending, sdk#surface.

import { assert } from "../assert.js";
import { type Leave, Roster } from "./roster.js";

/** What is done once inside; without room when the signal aborted first. */
type Inside<T> = (hasRoom: boolean) => T;

interface Waiter {
  readonly bytes: number;
  readonly signal: AbortSignal | undefined;
  /** Ends the wait, with room or without. */
  readonly settle: (hasRoom: boolean, inside?: Inside<never>) => void;
}

/** Bounded room: who finds none waits, in order of calls. */
export class Admission {
  /** Bytes let in and not yet given back; counted here, read by others. */
  heldBytes = 0;
  /** What may be inside; no single item may be larger. */
  readonly maxBytes: number;
  private readonly maxItems: number;
  private items = 0;
  private readonly waiters = new Roster<Waiter>();
  private isLettingIn = false;

  /**
   * @param maxBytes - metered bytes; no single item may be larger
   * @param maxItems - default without bound
   */
  constructor(maxBytes: number, maxItems: number = Number.POSITIVE_INFINITY) {
    this.maxBytes = maxBytes;
    this.maxItems = maxItems;
  }

  get waitingCount(): number {
    return this.waiters.size;
  }

  /** Takes room now, if nobody waits and there is some. */
  tryEnter(bytes: number): boolean {
    assert(bytes <= this.maxBytes, "all fit into the room alone");
    return this.waiters.size === 0 && this.take(bytes);
  }

  /**
   * Takes room as soon as there is some.
   *
   * @param inside - called in the very turn in which the room is taken, so that nobody who comes
   *   later slips in between, or without room when the signal aborts first; the room is given back
   *   when it throws
   */
  enter<T>(bytes: number, signal: AbortSignal | undefined, inside: Inside<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      let leave: Leave | undefined = undefined;
      const settle = (hasRoom: boolean, answer = inside): void => {
        leave?.();
        signal?.removeEventListener("abort", onAbort);
        try {
          resolve(answer(hasRoom));
        } catch (caught) {
          reject(caught);
          if (hasRoom) this.release(bytes);
        }
      };
      const onAbort = (): void => {
        settle(false);
        // Those behind may have waited only for their turn.
        this.letIn();
      };
      if (signal?.aborted) return settle(false);
      if (this.tryEnter(bytes)) return settle(true);
      leave = this.waiters.enter({ bytes, signal, settle });
      signal?.addEventListener("abort", onAbort);
    });
  }

  /** Everybody who waits hears this error instead of being let in. */
  refuseWaiting(error: unknown): void {
    const refuse = (): never => {
      throw error;
    };
    for (const waiter of this.waiters.members()) waiter.settle(false, refuse);
  }

  /** Gives back the room of one item; whoever took it does so once. */
  release(bytes: number): void {
    this.heldBytes -= bytes;
    this.items--;
    this.letIn();
  }

  /** Who is let in may give back at once: that lets in the next when its own turn is over. */
  private letIn(): void {
    if (this.isLettingIn) return;
    this.isLettingIn = true;
    for (let head = this.waiters.first; head !== undefined; head = this.waiters.first) {
      const { bytes, signal, settle } = head;
      // One signal may be of many, and the first one's listener is heard first.
      const isHere = !signal?.aborted;
      if (isHere && !this.take(bytes)) break;
      settle(isHere);
    }
    this.isLettingIn = false;
  }

  private take(bytes: number): boolean {
    const fits = this.heldBytes + bytes <= this.maxBytes && this.items < this.maxItems;
    if (fits) {
      this.heldBytes += bytes;
      this.items++;
    }
    return fits;
  }
}
