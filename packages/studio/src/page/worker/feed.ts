// The records of one stream that the page looks at: a page of them, or a session that follows. Owns
// the window and its bounds; tells the page about it at most once a frame, and only when the page
// drew the last. Called by the worker. Nothing is left out silently: samples, jumps, trims and lost
// connections are told.

import { RangeNotSatisfiableError, type ReadSession, type S2Stream } from "@s2kit/client";
import { type Clock, deferred, sleep, type Timer } from "@s2kit/core";
import type { FeedRequest, Phase, Position, RecordsView, Start } from "../protocol.js";
import { failureOf, isFinal } from "./failure.js";
import { RateMeter } from "./rate-meter.js";
import { MAX_ROWS, RecordWindow } from "./record-window.js";
import { keep, rowView } from "./row-view.js";

const PAGE_RECORDS = 500;
/** Records before the tail with which following begins. */
const TAIL_RECORDS = 200;
/** Farther behind, following goes on at the tail and says what it jumped over. */
const MAX_CATCH_UP = 20_000;
const PAGE_BYTES = 1024 * 1024;
const FRAME_MS = 16;
/** At high rates nobody can read; fewer pictures are calmer. */
const CALM_MS = 120;
const CALM_PER_SECOND = 60;
const TICK_MS = 1000;

export class Feed {
  readonly #clock: Clock;
  readonly #stream: S2Stream;
  readonly #tell: (view: RecordsView) => void;
  readonly #window = new RecordWindow();
  readonly #meter = new RateMeter();
  readonly #end = new AbortController();
  #view = { first: 0, count: 60 };
  #isPinned = true;
  #phase: Phase = { kind: "loading" };
  #tail: Position | undefined;
  #hi = 0;
  /** The tail when following began. */
  #liveFrom = 0;
  #isAtStart = false;
  #trimmedBefore = 0;
  #jumpedOver = 0;
  #reconnects = 0;
  #isLoadingMore = false;
  #isDrawn = true;
  #isDirty = false;
  #timer: Timer | undefined;
  #ticker: Timer | undefined;
  #released = deferred<void>();

  constructor(
    clock: Clock,
    stream: S2Stream,
    request: FeedRequest,
    tell: (view: RecordsView) => void,
  ) {
    this.#clock = clock;
    this.#stream = stream;
    this.#tell = tell;
    this.#window.filterBy(request.filter);
    this.#tick();
    const run = request.isFollowing ? this.#follow(request.start) : this.#open(request.start);
    run.catch((error: unknown) => this.#fail(error));
  }

  close(): void {
    this.#end.abort();
    this.#timer?.cancel();
    this.#ticker?.cancel();
    this.#released.resolve();
  }

  drawn(): void {
    this.#isDrawn = true;
    if (this.#isDirty) this.#schedule();
  }

  look(first: number, count: number): void {
    this.#view = { first, count };
    this.#changed();
  }

  pin(isPinned: boolean): void {
    this.#isPinned = isPinned;
    if (isPinned) this.#released.resolve();
    this.#changed();
  }

  filterBy(filter: string): void {
    this.#window.filterBy(filter);
    this.#changed();
  }

  /** The client lost the connection of this feed, and tries again. */
  lost(reason: string): void {
    if (this.#phase.kind === "failed" || this.#phase.kind === "still") return;
    if (this.#phase.kind !== "reconnecting")
      this.#phase = { kind: "reconnecting", sinceMs: this.#clock.now(), reason };
    this.#changed();
  }

  connected(): void {
    if (this.#phase.kind !== "reconnecting") return;
    this.#reconnects++;
    this.#phase = { kind: "following", isCaughtUp: false };
    this.#changed();
  }

  /** Loads more at one end of a window. */
  async more(direction: "newer" | "older"): Promise<void> {
    if (this.#isLoadingMore) return;
    if (direction === "newer" && this.#phase.kind !== "still") return;
    if (direction === "older" && (this.#isAtStart || this.#window.loaded === 0)) return;
    this.#isLoadingMore = true;
    this.#changed();
    try {
      if (direction === "older") await this.#loadOlder();
      else await this.#loadPage(this.#hi);
    } catch (error) {
      if (isFinal(error)) this.#fail(error);
    } finally {
      this.#isLoadingMore = false;
      this.#changed();
    }
  }

  async #open(start: Start): Promise<void> {
    const { tail } = await this.#checkTail();
    const from =
      start.kind === "seq"
        ? start.seqNum
        : start.kind === "tail"
          ? Math.max(tail.seqNum - TAIL_RECORDS, 0)
          : undefined;
    if (from !== undefined) await this.#loadPage(from);
    else if (start.kind === "time") await this.#loadFrom({ timestamp: start.timestamp });
    this.#isPinned = start.kind === "tail";
    this.#phase = { kind: "still" };
    this.#changed();
  }

  async #loadPage(seqNum: number): Promise<void> {
    const wasEmpty = this.#window.loaded === 0;
    await this.#loadFrom({ seqNum });
    if (!wasEmpty) return;
    const first = this.#window.lo;
    this.#isAtStart = seqNum === 0 || first > seqNum;
    if (this.#window.loaded > 0 && this.#isAtStart) this.#trimmedBefore = first;
  }

  async #loadFrom(from: { seqNum: number } | { timestamp: number }): Promise<void> {
    const { records, tail } = await this.#read(from, PAGE_RECORDS);
    if (tail !== undefined) this.#tail = tail;
    this.#window.append(records.map(keep));
    this.#hi = Math.max(this.#hi, this.#window.hi, "seqNum" in from ? 0 : (tail?.seqNum ?? 0));
  }

  /** Backwards is asked for by number: as many as are likely to fit into one answer. */
  async #loadOlder(): Promise<void> {
    const { lo, meanBytes } = this.#window;
    const count = Math.max(Math.min(PAGE_RECORDS, Math.floor(PAGE_BYTES / (meanBytes + 50))), 1);
    const start = Math.max(lo - count, 0);
    const older = [];
    for (let next = start; next < lo; ) {
      const { records } = await this.#read({ seqNum: next }, lo - next);
      const fitting = records.filter(({ seqNum }) => seqNum < lo);
      older.push(...fitting.map(keep));
      const last = fitting.at(-1);
      if (last === undefined) break;
      next = last.seqNum + 1;
    }
    this.#isAtStart = start === 0 || older.length === 0 || (older[0]?.seqNum ?? 0) > start;
    if (this.#isAtStart) this.#trimmedBefore = older[0]?.seqNum ?? lo;
    this.#window.prepend(older);
    // What left at the other end is read again when somebody goes there.
    if (this.#phase.kind === "still") this.#hi = this.#window.hi;
  }

  async #read(from: { seqNum: number } | { timestamp: number }, count: number) {
    try {
      return await this.#stream.read(
        { start: { from, clamp: true }, stop: { limits: { count }, waitSecs: 0 } },
        { as: "bytes", signal: this.#end.signal },
      );
    } catch (error) {
      // An empty stream, or a start at the tail: nothing is there, which is no failure.
      if (error instanceof RangeNotSatisfiableError) return { records: [], tail: error.tail };
      throw error;
    }
  }

  async #checkTail(): Promise<{ tail: Position }> {
    const answer = await this.#stream.checkTail({ signal: this.#end.signal });
    this.#tail = answer.tail;
    return answer;
  }

  async #follow(start: Start): Promise<void> {
    for (let from = start; !this.#end.signal.aborted; from = { kind: "tail" }) {
      if (from.kind === "time") throw new Error("following starts at a number or at the tail");
      const { tail } = await this.#checkTail();
      const wanted = from.kind === "seq" ? from.seqNum : Math.max(tail.seqNum - TAIL_RECORDS, 0);
      const isFar = from.kind === "seq" && tail.seqNum - wanted > MAX_CATCH_UP;
      const seqNum = isFar ? tail.seqNum - TAIL_RECORDS : wanted;
      if (isFar) this.#jumpedOver = seqNum - wanted;
      this.#liveFrom = tail.seqNum;
      await this.#followFrom(Math.min(seqNum, tail.seqNum));
    }
  }

  /** Ends when following should go on at the tail instead. */
  async #followFrom(seqNum: number): Promise<void> {
    const session = await this.#stream.readSession(
      { start: { from: { seqNum }, clamp: true } },
      { as: "bytes", retryPolicy: "indefinite", signal: this.#end.signal },
    );
    this.#window.clear();
    this.#hi = seqNum;
    this.#isAtStart = seqNum === 0;
    this.#trimmedBefore = 0;
    this.#phase = { kind: "following", isCaughtUp: this.#tail?.seqNum === seqNum };
    this.#changed();
    for await (const batch of session.batches()) {
      this.#take(session, batch.records, seqNum);
      if (!this.#isPinned && this.#window.isFull && (await this.#hold(session))) return;
    }
  }

  #take(
    session: ReadSession<"bytes">,
    records: readonly Parameters<typeof keep>[0][],
    startSeqNum: number,
  ): void {
    const [first] = records;
    if (first === undefined) return;
    if (this.#window.loaded === 0 && first.seqNum > startSeqNum) {
      this.#isAtStart = true;
      this.#trimmedBefore = first.seqNum;
    }
    // What was there before is no news, however fast it comes.
    const news = records.filter(({ seqNum }) => seqNum >= this.#liveFrom).length;
    this.#meter.add(news, this.#clock.now());
    const { sampling } = this.#meter;
    const kept = sampling === 1 ? records : records.filter(({ seqNum }) => seqNum % sampling === 0);
    this.#window.append(kept.map(keep));
    const last = records.at(-1) as (typeof records)[number];
    this.#hi = last.seqNum + 1;
    const observed = session.lastObservedTail();
    const mine = { seqNum: this.#hi, timestamp: last.timestamp };
    this.#tail = observed !== undefined && observed.seqNum > mine.seqNum ? observed : mine;
    if (this.#window.base > 0 || this.#window.loaded >= MAX_ROWS) this.#isAtStart = false;
    this.#phase = { kind: "following", isCaughtUp: this.#tail.seqNum - this.#hi < 1000 };
    this.#changed();
  }

  /**
   * The window is full and somebody reads in it: the server waits meanwhile, and only its tail is
   * asked for.
   *
   * @returns true when so much came that following should go on at the tail
   */
  async #hold(session: ReadSession<"bytes">): Promise<boolean> {
    this.#phase = { kind: "held" };
    this.#released = deferred();
    this.#changed();
    const released = this.#released.promise.then(() => true);
    for (;;) {
      const pause = sleep(this.#clock, 2000, this.#end.signal).then(() => false);
      if (await Promise.race([released, pause])) break;
      await this.#checkTail().catch(() => undefined);
      this.#changed();
    }
    if (this.#end.signal.aborted) return true;
    const behind = (this.#tail?.seqNum ?? 0) - this.#hi;
    this.#phase = { kind: "following", isCaughtUp: behind < 1000 };
    if (behind <= MAX_CATCH_UP) return false;
    this.#jumpedOver = behind - TAIL_RECORDS;
    await session.cancel();
    return true;
  }

  #fail(error: unknown): void {
    if (this.#end.signal.aborted) return;
    this.#phase = { kind: "failed", failure: failureOf(error) };
    this.#changed();
  }

  #tick(): void {
    this.#ticker = this.#clock.setTimer(() => {
      const before = this.#meter.history.at(-1);
      this.#meter.tick(this.#clock.now());
      if (before !== 0 || this.#meter.history.at(-1) !== 0) this.#changed();
      this.#tick();
    }, TICK_MS);
  }

  #changed(): void {
    this.#isDirty = true;
    if (this.#isDrawn) this.#schedule();
  }

  #schedule(): void {
    if (this.#timer !== undefined) return;
    const isBusy = this.#meter.perSecond > CALM_PER_SECOND;
    this.#timer = this.#clock.setTimer(
      () => {
        this.#timer = undefined;
        if (!this.#isDrawn || this.#end.signal.aborted) return;
        this.#isDirty = false;
        this.#isDrawn = false;
        this.#tell(this.#shown());
      },
      isBusy ? CALM_MS : FRAME_MS,
    );
  }

  #shown(): RecordsView {
    const { base, length } = this.#window;
    const { count } = this.#view;
    const wanted = this.#isPinned ? base + length - count : this.#view.first;
    const first = Math.max(base, Math.min(wanted, base + length - 1));
    const rows = [];
    for (let at = first; at < Math.min(first + count, base + length); at++) {
      const record = this.#window.at(at);
      if (record !== undefined) rows.push(rowView(record, this.#window.at(at - 1)));
    }
    const isFollowing = this.#phase.kind !== "still";
    return {
      base,
      length,
      first,
      rows,
      loaded: this.#window.loaded,
      loSeqNum: this.#window.lo,
      hiSeqNum: this.#hi,
      tail: this.#tail,
      phase: this.#phase,
      sampling: isFollowing ? this.#meter.sampling : 1,
      perSecond: this.#meter.perSecond,
      history: this.#meter.history,
      isAtStart: this.#isAtStart,
      trimmedBefore: this.#trimmedBefore,
      jumpedOver: this.#jumpedOver,
      isLoadingMore: this.#isLoadingMore,
      reconnects: this.#reconnects,
    };
  }
}
