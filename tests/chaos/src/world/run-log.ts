// What happened in a run, a line each with its time: faults, lives, what was found. Kept in a file beside the data, for
// whoever looks at a failure later.

import { appendFileSync } from "node:fs";

export class RunLog {
  readonly path: string;
  readonly #startMs = performance.now();
  readonly #isEchoed: boolean;

  constructor(path: string, isEchoed: boolean) {
    this.path = path;
    this.#isEchoed = isEchoed;
  }

  get ms(): number {
    return performance.now() - this.#startMs;
  }

  note(what: string): void {
    const line = `${(this.ms / 1000).toFixed(2).padStart(8)}  ${what}\n`;
    appendFileSync(this.path, line);
    if (this.#isEchoed) process.stderr.write(line);
  }
}
