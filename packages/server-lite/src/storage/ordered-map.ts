// A map from byte strings to values, in byte order of the keys: metadata that is held in memory.
// Keys are kept as latin1 strings, whose order is the order of their bytes. The order lives in
// leaves of bounded size, so that an insert among a million keys moves a few hundred entries.

const MAX_LEAF_KEYS = 512;

export class OrderedMap<V> {
  private readonly values = new Map<string, V>();
  /** Sorted leaves of sorted keys; none is empty, except the only one. */
  private readonly leaves: string[][] = [[]];

  get size(): number {
    return this.values.size;
  }

  get(key: string): V | undefined {
    return this.values.get(key);
  }

  has(key: string): boolean {
    return this.values.has(key);
  }

  set(key: string, value: V): void {
    if (!this.values.has(key)) this.insert(key);
    this.values.set(key, value);
  }

  delete(key: string): boolean {
    if (!this.values.delete(key)) return false;
    const at = this.leafOf(key);
    const leaf = this.leaves[at] as string[];
    leaf.splice(lowerBound(leaf, key), 1);
    if (leaf.length === 0 && this.leaves.length > 1) this.leaves.splice(at, 1);
    return true;
  }

  clear(): void {
    this.values.clear();
    this.leaves.length = 0;
    this.leaves.push([]);
  }

  /**
   * Entries from a key on (included, present or not), in order. Do not change the map meanwhile.
   */
  *from(start: string): IterableIterator<readonly [string, V]> {
    let at = this.leafOf(start);
    let index = lowerBound(this.leaves[at] as string[], start);
    for (; at < this.leaves.length; at++) {
      const leaf = this.leaves[at] as string[];
      for (; index < leaf.length; index++) {
        const key = leaf[index] as string;
        yield [key, this.values.get(key) as V];
      }
      index = 0;
    }
  }

  private insert(key: string): void {
    const at = this.leafOf(key);
    const leaf = this.leaves[at] as string[];
    // Keys often come in order: the end is worth a look.
    if (leaf.length === 0 || key > (leaf[leaf.length - 1] as string)) leaf.push(key);
    else leaf.splice(lowerBound(leaf, key), 0, key);
    if (leaf.length > MAX_LEAF_KEYS) this.leaves.splice(at + 1, 0, leaf.splice(leaf.length >> 1));
  }

  /** The leaf that holds the key or would: the last one that does not start above it. */
  private leafOf(key: string): number {
    let low = 0;
    let high = this.leaves.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (((this.leaves[middle] as string[])[0] as string) <= key) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** First index whose key is not below. */
function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle] as string) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
