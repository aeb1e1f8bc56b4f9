// How background work shares the machine with appends: it yields after small steps, and rests for a
// while after some of them, the longer the less urgent it is. Knows neither disk nor log.

export interface Pacing {
  /** Rests after `tookMs` of work, when appends want the machine. */
  readonly pace: (tookMs: number) => Promise<void>;
  /** Monotonic ms. */
  readonly now: () => number;
}

const STEP_ROWS = 512;
const STEP_BYTES = 256 * 1024;
/** Work between two rests: much shorter, and timers would decide how long they are. */
const WORK_MS = 2;

/** Lets others run between steps of work on the event loop. */
export class Breather {
  private readonly pacing: Pacing;
  private rows = 0;
  private bytes = 0;
  private workMs = 0;
  private sinceMs: number;

  constructor(pacing: Pacing) {
    this.pacing = pacing;
    this.sinceMs = pacing.now();
  }

  /** @returns a promise when it is time to breathe */
  after(rows: number, bytes: number): Promise<void> | undefined {
    this.rows += rows;
    this.bytes += bytes;
    if (this.rows < STEP_ROWS && this.bytes < STEP_BYTES) return undefined;
    return this.breathe();
  }

  /** The caller waited for something else: that was no work. */
  resume(): void {
    this.sinceMs = this.pacing.now();
  }

  private async breathe(): Promise<void> {
    this.rows = 0;
    this.bytes = 0;
    this.workMs += this.pacing.now() - this.sinceMs;
    if (this.workMs >= WORK_MS) {
      const workMs = this.workMs;
      this.workMs = 0;
      await this.pacing.pace(workMs);
    }
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.resume();
  }
}
