// What happened in a world, line by line, with its time. Always hashed, so that two runs can be
// compared; kept as text only when somebody wants to read it.

import { createHash } from "node:crypto";
import type { SimulatedClock } from "@s2kit/core/testing";

/** Lines that are hashed together. */
const CHUNK_CHARS = 32 * 1024;

export class Trace {
  readonly lines: string[] = [];
  count = 0;
  readonly #clock: SimulatedClock;
  readonly #isKept: boolean;
  readonly #hash = createHash("sha256");
  #chunk = "";
  #digest: string | undefined;

  constructor(clock: SimulatedClock, isKept: boolean) {
    this.#clock = clock;
    this.#isKept = isKept;
  }

  note(what: string): void {
    if (this.#digest !== undefined) return;
    const line = `${this.#clock.monotonic()} ${what}`;
    this.count++;
    if (this.#isKept) this.lines.push(line);
    this.#chunk += `${line}\n`;
    if (this.#chunk.length < CHUNK_CHARS) return;
    this.#hash.update(this.#chunk);
    this.#chunk = "";
  }

  /** Ends the trace. */
  digest(): string {
    this.#digest ??= this.#hash.update(this.#chunk).digest("hex").slice(0, 16);
    return this.#digest;
  }
}
