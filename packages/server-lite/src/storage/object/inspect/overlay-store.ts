// A bucket as it is, with whatever is written kept in memory instead: who looks into a store does
// what its next owner would do, claim and fences too, and changes nothing.

import type {
  ObjectEntry,
  ObjectPage,
  ObjectRange,
  ObjectStore,
  PutOutcome,
} from "../client/object-store.js";

export class OverlayStore implements ObjectStore {
  private readonly below: ObjectStore;
  private readonly written = new Map<string, Uint8Array>();
  private readonly removed = new Set<string>();

  /** @param below - is only read */
  constructor(below: ObjectStore) {
    this.below = below;
  }

  async putIfAbsent(
    key: string,
    parts: readonly Uint8Array[],
    signal?: AbortSignal,
  ): Promise<PutOutcome> {
    const bytes = Uint8Array.from(Buffer.concat(parts));
    if (await this.exists(key, signal)) return { kind: "exists" };
    this.keep(key, bytes);
    return { kind: "stored" };
  }

  overwrite(key: string, parts: readonly Uint8Array[]): Promise<void> {
    this.keep(key, Uint8Array.from(Buffer.concat(parts)));
    return Promise.resolve();
  }

  async get(
    key: string,
    range?: ObjectRange,
    signal?: AbortSignal,
  ): Promise<Uint8Array | undefined> {
    const bytes = this.written.get(key);
    if (bytes === undefined)
      return this.removed.has(key) ? undefined : this.below.get(key, range, signal);
    const { offset = 0, length = bytes.length } = range ?? {};
    return Uint8Array.from(bytes.subarray(offset, offset + length));
  }

  async exists(key: string, signal?: AbortSignal): Promise<boolean> {
    if (this.written.has(key)) return true;
    return !this.removed.has(key) && (await this.below.exists(key, signal));
  }

  /** What was written comes with the last page: nobody is promised an order. */
  async list(prefix: string, cursor?: string, signal?: AbortSignal): Promise<ObjectPage> {
    const page = await this.below.list(prefix, cursor, signal);
    const isHidden = (key: string): boolean => this.removed.has(key) || this.written.has(key);
    const entries = page.entries.filter(({ key }) => !isHidden(key));
    if (page.cursor !== undefined) return { entries, cursor: page.cursor };
    return { entries: [...entries, ...this.entriesOf(prefix)] };
  }

  delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      this.written.delete(key);
      this.removed.add(key);
    }
    return Promise.resolve();
  }

  private keep(key: string, bytes: Uint8Array): void {
    this.removed.delete(key);
    this.written.set(key, bytes);
  }

  private entriesOf(prefix: string): ObjectEntry[] {
    return [...this.written]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, { length }]) => ({ key, size: length }));
  }
}
