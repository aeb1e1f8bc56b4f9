// Keeps a server running on one directory: life after life, each ended by a fault or by itself. One that ends by
// itself without a reason, or does not come back, has broken a promise.

import { setTimeout as sleep } from "node:timers/promises";
import { Violation } from "@s2kit/sim";
import { type LifeOptions, ServerProcess } from "./server-process.ts";

export interface KeeperOptions extends Omit<LifeOptions, "onErrorLine"> {
  readonly note: (what: string) => void;
  readonly fail: (violation: Violation) => void;
}

/** Of a server that may not be able to start for now. */
const RETRY_MS = 300;
/** How long one may be unable to start after the last reason for it is gone. */
const MAX_TRIES = 40;
const DRAIN_MS = 30_000;
/** A server whose store failed tells those who wait, and ends, within so long. */
const AFTERMATH_MS = 15_000;

export class ServerKeeper {
  lives = 0;
  /** Ends that nobody ordered, while a fault excused them. */
  ownEnds = 0;
  /** Errors that it logged while a fault excused them; any other breaks a promise. */
  excusedErrors = 0;
  /** Longest time without a server that listens, ms. */
  longestOutageMs = 0;
  readonly #options: KeeperOptions;
  /** What excuses a server that ends by itself, or that does not start. */
  readonly #excuses = new Set<symbol>();
  #life: ServerProcess | undefined;
  #isOver = false;
  #rising: Promise<void> = Promise.resolve();
  #shiftMs = 0;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  /** Undefined while none listens. */
  get port(): number | undefined {
    return this.#life?.port;
  }

  get life(): ServerProcess | undefined {
    return this.#life;
  }

  /** Resolves once a server listens. */
  async start(): Promise<void> {
    const rising = this.#rise();
    this.#rising = rising;
    await rising;
  }

  whenUp(): Promise<void> {
    return this.#rising;
  }

  /** Ends the process, and starts the next after a while. */
  async replace(how: "SIGKILL" | "SIGTERM", downMs: number): Promise<void> {
    const life = this.#life;
    if (life === undefined) return;
    const endedMs = performance.now();
    this.#life = undefined;
    await this.#end(life, how);
    await sleep(downMs);
    await this.start();
    this.#noteOutage(endedMs);
  }

  /** Until a while after it is taken back, a server may end by itself, and log errors. */
  excuse(): Disposable {
    const excuse = Symbol("excuse");
    this.#excuses.add(excuse);
    return {
      [Symbol.dispose]: () =>
        void setTimeout(() => this.#excuses.delete(excuse), AFTERMATH_MS).unref(),
    };
  }

  /** Of this life and all that follow. */
  shiftClock(byMs: number): void {
    this.#shiftMs = byMs;
    this.#life?.shiftClock(byMs);
  }

  /** Drains it: the last life ends well, or a promise is broken. */
  async close(): Promise<void> {
    const life = this.#life;
    this.#isOver = true;
    this.#life = undefined;
    if (life !== undefined) await this.#end(life, "SIGTERM");
  }

  /** At once, and for good. */
  abandon(): void {
    this.#isOver = true;
    this.#life?.signal("SIGCONT");
    this.#life?.signal("SIGKILL");
    this.#life = undefined;
  }

  async #rise(): Promise<void> {
    const { note, fail } = this.#options;
    for (let tries = 1; !this.#isOver; ) {
      try {
        const life = await ServerProcess.start({
          ...this.#options,
          onErrorLine: (line) => this.#erred(line),
        });
        this.lives++;
        note(`server life=${this.lives} pid=${life.pid} listens on ${life.port}`);
        if (this.#isOver) return life.signal("SIGKILL");
        if (this.#shiftMs !== 0) life.shiftClock(this.#shiftMs);
        this.#life = life;
        void this.#watch(life);
        return;
      } catch (error) {
        const what = (error as Error).message;
        note(`server does not start: ${what}`);
        if (this.#excuses.size === 0 && tries++ >= MAX_TRIES) {
          fail(new Violation("sound", `it does not start: ${what}`));
          return;
        }
        // Of a machine that is full or out of descriptors, anything else is a refusal for good.
        if (this.#excuses.size === 0 && /damaged|corrupt|checksum/i.test(what))
          fail(new Violation("sound", what));
        await sleep(RETRY_MS);
      }
    }
  }

  #erred(line: string): void {
    const { note, fail } = this.#options;
    note(`server logs an error: ${line}`);
    if (this.#excuses.size > 0) this.excusedErrors++;
    else fail(new Violation("unexpected", `the server logs an error: ${line}`));
  }

  async #watch(life: ServerProcess): Promise<void> {
    const { code, signal } = await life.ended;
    if (this.#life !== life) return;
    const endedMs = performance.now();
    this.#life = undefined;
    const { note, fail } = this.#options;
    note(`server ended by itself code=${code} signal=${signal}`);
    if (this.#isOver) return;
    if (this.#excuses.size === 0) {
      fail(
        new Violation(
          "unexpected",
          `the server ended by itself code=${code} signal=${signal}: ${life.lastWords.slice(-600)}`,
        ),
      );
      return;
    }
    this.ownEnds++;
    await this.start();
    this.#noteOutage(endedMs);
  }

  #noteOutage(endedMs: number): void {
    this.longestOutageMs = Math.max(this.longestOutageMs, performance.now() - endedMs);
  }

  async #end(life: ServerProcess, how: "SIGKILL" | "SIGTERM"): Promise<void> {
    const { note, fail } = this.#options;
    note(`server gets ${how}`);
    life.signal(how);
    const late = sleep(DRAIN_MS, undefined, { ref: false });
    const ending = await Promise.race([life.ended, late]);
    if (ending === undefined) {
      fail(new Violation("stuck", `${how} does not end it within ${DRAIN_MS} ms`));
      life.signal("SIGKILL");
      await life.ended;
    } else if (how === "SIGTERM" && ending.code !== 0 && this.#excuses.size === 0)
      fail(
        new Violation(
          "unexpected",
          `a drain ended with code=${ending.code} signal=${ending.signal}: ${life.lastWords.slice(-600)}`,
        ),
      );
  }
}
