// What the page is shown of one stream: the window of records, and what there is to say about it.
// Whoever reads the stream puts it in here; the page is told in pictures. Called by the feed and
// its follower; knows no client.

import type { Clock, Timer } from "@s2kit/core";
import type { Phase, Position, RecordsView } from "../protocol.js";
import { Pictures } from "./pictures.js";
import { RateMeter } from "./rate-meter.js";
import { RecordWindow } from "./record-window.js";

const FRAME_MS = 16;
/** At high rates nobody can read; fewer pictures are calmer. */
const CALM_MS = 120;
const CALM_PER_SECOND = 60;
const TICK_MS = 1000;

/** What is before the oldest record of the window. */
export type Before =
  | { readonly kind: "unknown" }
  /** Nothing; records before this number were trimmed away. */
  | { readonly kind: "nothing"; readonly trimmedBefore: number };

export const UNKNOWN: Before = { kind: "unknown" };

export class Shown {
  readonly window = new RecordWindow();
  readonly meter = new RateMeter();
  tail: Position | undefined;
  /** Behind the newest record that was read. */
  hi = 0;
  before: Before = UNKNOWN;
  wentBack: RecordsView["wentBack"];
  jumpedOver = 0;
  reconnects = 0;
  /** Whether the page sticks to the newest record. */
  isPinned = true;
  readonly #clock: Clock;
  readonly #pictures: Pictures;
  #phase: Phase = { kind: "loading" };
  #view = { first: 0, count: 60 };
  #ticker: Timer | undefined;

  constructor(clock: Clock, filter: string, tell: (view: RecordsView) => void) {
    this.#clock = clock;
    const restMs = (): number => (this.meter.perSecond > CALM_PER_SECOND ? CALM_MS : FRAME_MS);
    this.#pictures = new Pictures(clock, restMs, () => tell(this.#picture()));
    this.window.filterBy(filter);
    this.#tick();
  }

  get phase(): Phase {
    return this.#phase;
  }

  enter(phase: Phase): void {
    this.#phase = phase;
    this.changed();
  }

  changed(): void {
    this.#pictures.changed();
  }

  drawn(): void {
    this.#pictures.drawn();
  }

  /** A list that sticks no more stays where it is. */
  pin(isPinned: boolean): void {
    const { base, length } = this.window;
    const { count } = this.#view;
    if (this.isPinned && !isPinned) this.#view = { first: base + length - count, count };
    this.isPinned = isPinned;
    this.changed();
  }

  look(first: number, count: number): void {
    this.#view = { first, count };
    this.changed();
  }

  close(): void {
    this.#pictures.close();
    this.#ticker?.cancel();
  }

  #tick(): void {
    this.#ticker = this.#clock.setTimer(() => {
      const before = this.meter.history.at(-1);
      this.meter.tick(this.#clock.monotonic());
      const isMoving = before !== 0 || this.meter.history.at(-1) !== 0;
      // How long an outage lasts is told as it lasts.
      if (isMoving || this.#phase.kind === "reconnecting") this.changed();
      this.#tick();
    }, TICK_MS);
  }

  #picture(): RecordsView {
    const { window, meter, before } = this;
    const { base, length, loaded } = window;
    const { first, count } = this.#view;
    return {
      base,
      length,
      ...window.rows(this.isPinned ? base + length - count : first, count),
      loaded,
      hiSeqNum: this.hi,
      tail: this.tail,
      phase: this.#phase,
      sampling: this.#phase.kind === "still" ? 1 : meter.sampling,
      perSecond: meter.perSecond,
      history: meter.history,
      trimmedBefore: before.kind === "nothing" ? before.trimmedBefore : 0,
      wentBack: this.wentBack,
      jumpedOver: this.jumpedOver,
      reconnects: this.reconnects,
    };
  }
}
