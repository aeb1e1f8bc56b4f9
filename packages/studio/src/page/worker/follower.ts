// Follows one stream: a session from near the tail on, through outages, pauses and servers that
// lost what they had. Called by the feed. Nothing is left out silently: samples, jumps and trims
// are noted in what is shown.

import type { ReadSession } from "@s2kit/client";
import { type Clock, deferred, sleep } from "@s2kit/core";
import type { Position, Start } from "../protocol.js";
import { type RecordPages, tailPage } from "./record-pages.js";
import { MAX_ROWS } from "./record-window.js";
import { keep } from "./row-view.js";
import { type Shown, UNKNOWN } from "./shown.js";

/** Farther behind, following goes on at the tail and says what it jumped over. */
const MAX_CATCH_UP = 20_000;
/** So near to the tail a view counts as caught up. */
const NEAR_RECORDS = 1000;
const HELD_LOOK_MS = 2000;

export class Follower {
  readonly #clock: Clock;
  readonly #pages: RecordPages;
  readonly #shown: Shown;
  readonly #signal: AbortSignal;
  #session: ReadSession<"bytes"> | undefined;
  /** The tail when following began. */
  #liveFrom = 0;
  #released = deferred<void>();

  constructor(clock: Clock, pages: RecordPages, shown: Shown, signal: AbortSignal) {
    this.#clock = clock;
    this.#pages = pages;
    this.#shown = shown;
    this.#signal = signal;
  }

  /** Until the signal says so. */
  async run(start: Start): Promise<void> {
    for (let from = start; !this.#signal.aborted; from = { kind: "tail" }) {
      if (from.kind === "time") throw new Error("following starts at a number or at the tail");
      const tail = await this.#checkTail();
      const wanted = from.kind === "seq" ? from.seqNum : tailPage(tail);
      const isFar = from.kind === "seq" && tail.seqNum - wanted > MAX_CATCH_UP;
      const seqNum = isFar ? tailPage(tail) : wanted;
      if (isFar) this.#shown.jumpedOver = seqNum - wanted;
      this.#liveFrom = tail.seqNum;
      await this.#followFrom(Math.min(seqNum, tail.seqNum));
    }
  }

  /** The page sticks to the newest again: what waits on the server may come. */
  release(): void {
    this.#released.resolve();
  }

  /** After an outage the server may have less than before: one in memory that was started again. */
  async lookBack(): Promise<void> {
    const session = this.#session;
    // Records may come while the tail is asked for.
    const known = this.#shown.hi;
    try {
      const { seqNum } = await this.#pages.tail();
      if (seqNum < known && session === this.#session) await this.#goBack(known, seqNum);
    } catch {
      // The session tells what is wrong, or the next records tell where the server is.
    }
  }

  /** Ends when following should go on at the tail instead. */
  async #followFrom(seqNum: number): Promise<void> {
    const shown = this.#shown;
    const session = await this.#pages.stream.readSession(
      { start: { from: { seqNum }, clamp: true } },
      { as: "bytes", retryPolicy: "indefinite", signal: this.#signal },
    );
    this.#session = session;
    shown.window.clear();
    shown.hi = seqNum;
    shown.before = seqNum === 0 ? { kind: "nothing", trimmedBefore: 0 } : UNKNOWN;
    shown.enter({ kind: "following", isCaughtUp: shown.tail?.seqNum === seqNum });
    for await (const { records } of session.batches()) {
      const [first] = records;
      if (first !== undefined && first.seqNum < shown.hi)
        await this.#goBack(shown.hi, first.seqNum);
      else this.#take(session, records, seqNum);
      if (!shown.isPinned && shown.window.isFull) await this.#hold(session);
    }
  }

  /** What is shown is not on the server any more: following goes on at its tail. */
  async #goBack(from: number, to: number): Promise<void> {
    this.#shown.wentBack = { from, to };
    this.#shown.reconnects = 0;
    this.#shown.jumpedOver = 0;
    await this.#session?.cancel();
  }

  #take(
    session: ReadSession<"bytes">,
    records: readonly Parameters<typeof keep>[0][],
    startSeqNum: number,
  ): void {
    const shown = this.#shown;
    const { window, meter } = shown;
    const first = records[0];
    const last = records.at(-1);
    if (first === undefined || last === undefined) return;
    if (window.loaded === 0 && first.seqNum > startSeqNum)
      shown.before = { kind: "nothing", trimmedBefore: first.seqNum };
    // What was there before is no news, however fast it comes.
    const news = records.filter(({ seqNum }) => seqNum >= this.#liveFrom).length;
    meter.add(news, this.#clock.monotonic());
    const { sampling } = meter;
    const kept = sampling === 1 ? records : records.filter(({ seqNum }) => seqNum % sampling === 0);
    window.append(kept.map(keep));
    shown.hi = last.seqNum + 1;
    const observed = session.lastObservedTail();
    const mine = { seqNum: shown.hi, timestamp: last.timestamp };
    shown.tail = observed !== undefined && observed.seqNum > mine.seqNum ? observed : mine;
    if (window.base > 0 || window.loaded >= MAX_ROWS) shown.before = UNKNOWN;
    this.#goOn(shown.tail.seqNum - shown.hi);
  }

  /**
   * The window is full and somebody reads in it: the server waits meanwhile, and only its tail is
   * asked for. When so much came that following should go on at the tail, the session ends.
   */
  async #hold(session: ReadSession<"bytes">): Promise<void> {
    const shown = this.#shown;
    this.#released = deferred();
    shown.enter({ kind: "held" });
    const released = this.#released.promise.then(() => true);
    for (;;) {
      const pause = sleep(this.#clock, HELD_LOOK_MS, this.#signal).then(() => false);
      if (await Promise.race([released, pause])) break;
      await this.#checkTail().catch(() => undefined);
      shown.changed();
    }
    if (this.#signal.aborted) return;
    const { hi, tail = { seqNum: hi, timestamp: 0 } } = shown;
    const behind = tail.seqNum - hi;
    this.#goOn(behind);
    if (behind < 0) await this.#goBack(hi, tail.seqNum);
    if (behind <= MAX_CATCH_UP) return;
    shown.jumpedOver = tailPage(tail) - hi;
    await session.cancel();
  }

  #goOn(behind: number): void {
    this.#shown.enter({ kind: "following", isCaughtUp: behind < NEAR_RECORDS });
  }

  async #checkTail(): Promise<Position> {
    const tail = await this.#pages.tail();
    this.#shown.tail = tail;
    return tail;
  }
}
