// One shard of the store in a bucket, in the words of the protocol: what lies under its keys, read,
// listed and put with patience. Decides nothing; whether an object that is found means anything is
// up to the rules.

import {
  type ObjectEntry,
  type ObjectRange,
  type ObjectStore,
  ObjectStoreError,
} from "../client/object-store.js";
import { decodeLogObject, type LogObject } from "../format/log-object.js";
import { decodeEntry, type ManifestEntry } from "../format/manifest-entry.js";
import {
  keyOf,
  logPrefix,
  manifestPrefix,
  type NumberedName,
  nameOf,
  type ObjectName,
} from "../format/names.js";
import { HEAD_BYTES, isSameHead, type ObjectHead, readHead } from "../format/sealed-object.js";
import type { Patience } from "./patience.js";

/** A read of records is repeated for so long: clients give up about then. */
const READ_LIMIT_MS = 20_000;

/** An object that a listing showed. */
export interface ListedObject {
  readonly name: NumberedName;
  readonly bytes: number;
}

/** What became of an object that was to be put where none was. */
export type Settled =
  /** It is there. Direct: an answer said so, and not a look at it after a lost one. */
  | { readonly kind: "mine"; readonly isDirect: boolean }
  /** Something else is. */
  | { readonly kind: "other"; readonly head: ObjectHead };

export class ShardBucket {
  readonly store: ObjectStore;
  readonly shard: number;
  readonly storeKey: number;
  readonly patience: Patience;

  constructor(store: ObjectStore, shard: number, storeKey: number, patience: Patience) {
    this.store = store;
    this.shard = shard;
    this.storeKey = storeKey;
    this.patience = patience;
  }

  manifestName(epoch: number, number: number): NumberedName {
    return { kind: "manifest", shard: this.shard, epoch, number };
  }

  logName(epoch: number, slot: number): NumberedName {
    return { kind: "log", shard: this.shard, epoch, number: slot };
  }

  /** The manifest, or one epoch of it, by epoch and number. */
  listManifest(epoch?: number): Promise<ListedObject[]> {
    return this.list(manifestPrefix(this.shard, epoch));
  }

  /** The log, or one epoch of it, by epoch and slot. */
  listLog(epoch?: number): Promise<ListedObject[]> {
    return this.list(logPrefix(this.shard, epoch));
  }

  /**
   * All objects of ours under a prefix, in order of epoch and number. What appears or goes while
   * the pages are read may be in it or not; what was there before and stays is.
   */
  async list(prefix: string): Promise<ListedObject[]> {
    const found: ListedObject[] = [];
    let cursor: string | undefined;
    do {
      const at = cursor;
      const page = await this.patience.untilAnswered(`list ${prefix}`, (signal) =>
        this.store.list(prefix, at, signal),
      );
      for (const entry of page.entries) this.note(entry, found);
      cursor = page.cursor;
    } while (cursor !== undefined);
    // Stores may answer in any order, and show what is there twice when pages shift.
    found.sort((a, b) => a.name.epoch - b.name.epoch || a.name.number - b.name.number);
    return found.filter(
      ({ name }, at) =>
        name.number !== found[at - 1]?.name.number || name.epoch !== found[at - 1]?.name.epoch,
    );
  }

  /** @throws {S2Error} `storage` when the object is damaged */
  async entry(name: NumberedName): Promise<ManifestEntry | undefined> {
    const bytes = await this.get(name);
    return bytes === undefined ? undefined : decodeEntry(name, bytes, this.storeKey);
  }

  /** @throws {S2Error} `storage` when the object is damaged */
  async logObject(name: NumberedName): Promise<LogObject | undefined> {
    const bytes = await this.get(name);
    return bytes === undefined ? undefined : decodeLogObject(name, bytes, this.storeKey);
  }

  async head(name: NumberedName): Promise<ObjectHead | undefined> {
    const bytes = await this.get(name, HEAD_BYTES);
    return bytes === undefined ? undefined : readHead(name, bytes, this.storeKey);
  }

  /** The object, or a part of it. */
  get(name: ObjectName, length?: number, offset = 0): Promise<Uint8Array | undefined> {
    const key = keyOf(name);
    const range = length === undefined ? undefined : { offset, length };
    return this.patience.untilAnswered(`get ${key}`, (signal) =>
      this.store.get(key, range, signal),
    );
  }

  /**
   * A part of an object, for somebody who waits for it: an outage ends the read, not the reader.
   *
   * @throws {S2Error} `storage` when no answer came in time
   */
  readPart(name: ObjectName, range: ObjectRange): Promise<Uint8Array | undefined> {
    const key = keyOf(name);
    const read = (signal: AbortSignal) => this.store.get(key, range, signal);
    return this.patience.untilAnswered(`get ${key}`, read, READ_LIMIT_MS);
  }

  exists(name: ObjectName): Promise<boolean> {
    const key = keyOf(name);
    return this.patience.untilAnswered(`look for ${key}`, (signal) =>
      this.store.exists(key, signal),
    );
  }

  /**
   * Removes objects; giving up leaves them to a later sweep.
   *
   * @param limitMs - the time it has; default: as long as it takes
   */
  delete(names: readonly ObjectName[], limitMs?: number): Promise<void> {
    const keys = names.map(keyOf);
    const attempt = (signal: AbortSignal) => this.store.delete(keys, signal);
    return this.patience.untilAnswered(`delete ${keys.length} objects`, attempt, limitMs);
  }

  /**
   * Puts an object where none is, and finds out what became of it. "It exists" may be the echo of
   * an attempt whose answer was lost: a look at the head tells. Nothing there after all: the store
   * spoke of one that never came about, or is wrong; the same bytes go out again.
   *
   * @param parts - see `sealObject`: the head first
   * @param limitMs - the time it has; default: as long as it takes
   * @throws {S2Error} `storage` when the outcome stays unknown, or the store refuses
   */
  settle(name: NumberedName, parts: readonly Uint8Array[], limitMs?: number): Promise<Settled> {
    const key = keyOf(name);
    const attempt = async (signal: AbortSignal): Promise<Settled> => {
      const outcome = await this.store.putIfAbsent(key, parts, signal);
      if (outcome.kind === "stored") return { kind: "mine", isDirect: true };
      const found = await this.store.get(key, { offset: 0, length: HEAD_BYTES }, signal);
      if (found === undefined)
        throw new ObjectStoreError("unknown", `the store names an object that is not there ${key}`);
      if (isSameHead(found, parts[0] as Uint8Array)) return { kind: "mine", isDirect: false };
      return { kind: "other", head: readHead(name, found, this.storeKey) };
    };
    return this.patience.untilAnswered(`put ${key}`, attempt, limitMs);
  }

  private note({ key, size }: ObjectEntry, found: ListedObject[]): void {
    const name = nameOf(key);
    if (name === undefined || name.kind === "cluster" || name.kind === "lease") return;
    if (name.shard === this.shard) found.push({ name, bytes: size });
  }
}
