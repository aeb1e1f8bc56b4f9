// A first-in first-out queue in a ring: constant time at both ends, no shifting, no garbage. Users
// bound it by what they put in (see Admission); the ring only doubles when it is full.

const MIN_SLOTS = 16;

/** A queue whose ends cost the same, however long it is. */
export class Fifo<T> {
  private slots: (T | undefined)[] = new Array<T | undefined>(MIN_SLOTS);
  private head = 0;
  private size = 0;

  get length(): number {
    return this.size;
  }

  push(item: T): void {
    if (this.size === this.slots.length) this.grow();
    this.slots[(this.head + this.size) & (this.slots.length - 1)] = item;
    this.size++;
  }

  peek(): T | undefined {
    return this.slots[this.head];
  }

  shift(): T | undefined {
    if (this.size === 0) return undefined;
    const item = this.slots[this.head];
    this.slots[this.head] = undefined;
    this.head = (this.head + 1) & (this.slots.length - 1);
    this.size--;
    return item;
  }

  clear(): void {
    while (this.size > 0) this.shift();
  }

  *[Symbol.iterator](): IterableIterator<T> {
    for (let i = 0; i < this.size; i++)
      yield this.slots[(this.head + i) & (this.slots.length - 1)] as T;
  }

  private grow(): void {
    const grown = new Array<T | undefined>(this.slots.length * 2);
    let at = 0;
    for (const item of this) grown[at++] = item;
    this.slots = grown;
    this.head = 0;
  }
}
