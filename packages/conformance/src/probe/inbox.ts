// What came and was not taken yet: a queue between a socket and a case that waits. Every wait has
// an end. Knows nothing of what it holds.

import { type Target, within } from "./target.js";

export class Inbox<T> {
  readonly #items: T[] = [];
  #isEnded = false;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;
  #observer: ((item: T) => void) | undefined;

  /** Tells of everything that came and will come, taken or not. */
  observe(observer: (item: T) => void): void {
    this.#observer = observer;
    this.#items.forEach(observer);
  }

  push(item: T): void {
    this.#items.push(item);
    this.#observer?.(item);
    this.#wake?.();
  }

  end(): void {
    this.#isEnded = true;
    this.#wake?.();
  }

  fail(error: Error): void {
    this.#failure ??= error;
    this.end();
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** The next item; undefined at the end. */
  next(target: Target, what: string, ms?: number): Promise<T | undefined> {
    return within(target, this.#take(), what, ms);
  }

  /** Everything until the end. */
  async rest(target: Target, what: string, ms?: number): Promise<T[]> {
    const all: T[] = [];
    const collect = async (): Promise<T[]> => {
      for (let item = await this.#take(); item !== undefined; item = await this.#take())
        all.push(item);
      return all;
    };
    return within(target, collect(), `${what} (${all.length} came)`, ms);
  }

  async #take(): Promise<T | undefined> {
    while (this.#items.length === 0 && !this.#isEnded)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    const item = this.#items.shift();
    if (item === undefined && this.#failure !== undefined) throw this.#failure;
    return item;
  }
}
