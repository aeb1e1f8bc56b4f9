// Ranges of keys below the layers of changes in which a scan found nothing that still counts.
// Queues are scanned from their front, where what was done lies until the next checkpoint: without
// the memory of it each scan would walk over all of that again. Called by `state-tables` alone.

interface Run {
  /** Inclusive. */
  from: string;
  /** Exclusive. */
  to: string;
}

/** One for each queue that is worked off, and some more. The oldest goes first. */
const MAX_RUNS = 32;

export class HiddenRuns {
  private readonly runs: Run[] = [];

  /** The first key at or above this one that may count. */
  behind(key: string): string {
    let at = key;
    for (let moved = true; moved; ) {
      moved = false;
      for (const { from, to } of this.runs)
        if (from <= at && at < to) {
          at = to;
          moved = true;
        }
    }
    return at;
  }

  /** Remembers a range in which nothing counts; it stays so while the layers only grow. */
  add(from: string, to: string): void {
    const run: Run = { from, to };
    for (let at = this.runs.length - 1; at >= 0; at--) {
      const known = this.runs[at] as Run;
      if (known.to < run.from || run.to < known.from) continue;
      if (known.from < run.from) run.from = known.from;
      if (known.to > run.to) run.to = known.to;
      this.runs.splice(at, 1);
    }
    this.runs.push(run);
    if (this.runs.length > MAX_RUNS) this.runs.shift();
  }

  /** Cuts each range at the first key that counts from now on. */
  cut(firstFrom: (key: string) => string | undefined): void {
    for (let at = this.runs.length - 1; at >= 0; at--) {
      const run = this.runs[at] as Run;
      const first = firstFrom(run.from);
      if (first !== undefined && first < run.to) run.to = first;
      if (run.to <= run.from) this.runs.splice(at, 1);
    }
  }
}
