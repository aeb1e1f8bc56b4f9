// The records of one stream that the page looks at: pages of them, or a follower. Called by the
// worker, which has one feed at a time.

import type { S2Stream } from "@s2kit/client";
import type { Clock } from "@s2kit/core";
import type { FeedRequest, RecordsView, Start } from "../protocol.js";
import { failureOf, isFinal } from "./failure.js";
import { Follower } from "./follower.js";
import { type From, RecordPages, tailPage } from "./record-pages.js";
import { Shown } from "./shown.js";

export class Feed {
  readonly #clock: Clock;
  readonly #end = new AbortController();
  readonly #pages: RecordPages;
  readonly #shown: Shown;
  readonly #follower: Follower | undefined;
  #loading: "newer" | "older" | undefined;

  /** @param open - called once; what it throws is shown */
  constructor(
    clock: Clock,
    open: () => S2Stream,
    request: FeedRequest,
    tell: (view: RecordsView) => void,
  ) {
    const { signal } = this.#end;
    this.#clock = clock;
    this.#pages = new RecordPages(open, signal);
    this.#shown = new Shown(clock, request.filter, tell);
    if (request.isFollowing) this.#follower = new Follower(clock, this.#pages, this.#shown, signal);
    const run = this.#follower?.run(request.start) ?? this.#open(request.start);
    run.catch((error: unknown) => this.#fail(error));
  }

  close(): void {
    this.#end.abort();
    this.#shown.close();
    this.#follower?.release();
  }

  drawn(): void {
    this.#shown.drawn();
  }

  look(first: number, count: number): void {
    this.#shown.look(first, count);
  }

  pin(isPinned: boolean): void {
    this.#shown.pin(isPinned);
    if (isPinned) this.#follower?.release();
  }

  filterBy(filter: string): void {
    this.#shown.window.filterBy(filter);
    this.#shown.changed();
  }

  /** The client lost the connection of this feed, and tries again. */
  lost(reason: string): void {
    const { kind } = this.#shown.phase;
    if (kind === "failed" || kind === "still" || kind === "reconnecting") return;
    this.#shown.enter({ kind: "reconnecting", sinceMs: this.#clock.now(), reason });
  }

  connected(): void {
    if (this.#shown.phase.kind !== "reconnecting") return;
    this.#shown.reconnects++;
    this.#shown.enter({ kind: "following", isCaughtUp: false });
    void this.#follower?.lookBack();
  }

  /** Loads more at one end of a window. */
  async more(direction: "newer" | "older"): Promise<void> {
    const { phase, before, window, hi } = this.#shown;
    if (this.#loading !== undefined) return;
    if (direction === "newer" && phase.kind !== "still") return;
    if (direction === "older" && (before.kind === "nothing" || window.loaded === 0)) return;
    this.#loading = direction;
    try {
      if (direction === "older") await this.#loadOlder();
      else await this.#load({ seqNum: hi });
    } catch (error) {
      if (isFinal(error)) this.#fail(error);
    } finally {
      this.#loading = undefined;
      this.#shown.changed();
    }
  }

  async #open(start: Start): Promise<void> {
    const tail = await this.#pages.tail();
    this.#shown.tail = tail;
    if (start.kind === "time") await this.#load({ timestamp: start.timestamp });
    else await this.#loadFirst(start.kind === "seq" ? start.seqNum : tailPage(tail));
    this.#shown.isPinned = start.kind === "tail";
    this.#shown.enter({ kind: "still" });
  }

  async #loadFirst(seqNum: number): Promise<void> {
    await this.#load({ seqNum });
    const { lo, loaded } = this.#shown.window;
    if (seqNum === 0 || lo > seqNum)
      this.#shown.before = { kind: "nothing", trimmedBefore: loaded > 0 ? lo : 0 };
  }

  async #load(from: From): Promise<void> {
    const shown = this.#shown;
    const { records, tail } = await this.#pages.read(from);
    if (tail !== undefined) shown.tail = tail;
    shown.window.append(records);
    const known = "seqNum" in from ? 0 : (tail?.seqNum ?? 0);
    shown.hi = Math.max(shown.hi, shown.window.hi, known);
  }

  async #loadOlder(): Promise<void> {
    const shown = this.#shown;
    const { lo, meanBytes } = shown.window;
    const { records, isFirst } = await this.#pages.before(lo, meanBytes);
    if (isFirst) shown.before = { kind: "nothing", trimmedBefore: records[0]?.seqNum ?? lo };
    shown.window.prepend(records);
    // What left at the other end is read again when somebody goes there.
    if (shown.phase.kind === "still") shown.hi = shown.window.hi;
  }

  #fail(error: unknown): void {
    if (this.#end.signal.aborted) return;
    this.#shown.enter({ kind: "failed", failure: failureOf(error) });
  }
}
