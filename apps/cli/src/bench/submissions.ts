// When the records that are on their way were submitted, and when they were due: first in, first
// out, two numbers a record and no object. Pure. Spec: cli#measurement.

const MIN_SLOTS = 1024;

export class Submissions {
  #slots: Float64Array = new Float64Array(2 * MIN_SLOTS);
  #head = 0;
  #size = 0;

  push(atMs: number, dueMs: number): void {
    if (2 * this.#size === this.#slots.length) this.#grow();
    const at = this.#index(this.#size++);
    this.#slots[at] = atMs;
    this.#slots[at + 1] = dueMs;
  }

  /** Takes the oldest `count` of them, or as many as there are. */
  settle(count: number, each: (atMs: number, dueMs: number) => void): void {
    const taken = Math.min(count, this.#size);
    for (let i = 0; i < taken; i++) {
      const at = this.#index(i);
      each(this.#slots[at] ?? 0, this.#slots[at + 1] ?? 0);
    }
    this.#head = this.#index(taken);
    this.#size -= taken;
  }

  #index(offset: number): number {
    return (this.#head + 2 * offset) % this.#slots.length;
  }

  #grow(): void {
    const grown = new Float64Array(this.#slots.length * 2);
    grown.set(this.#slots.subarray(this.#head));
    grown.set(this.#slots.subarray(0, this.#head), this.#slots.length - this.#head);
    this.#slots = grown;
    this.#head = 0;
  }
}
