// The metadata of a shard in the store: the one place that reads and commits it. Reads see applied
// state at once; `barrier` holds an answer back until what it saw is durable. What there is, and
// where, is in `keys/`; no rules about basins or streams here. Spec: control-plane#lists.

import { decodeUtf8Lossy, encodeUtf8 } from "@s2kit/core";
import { storageError } from "../../storage/durability.js";
import type { LogPosition, Mutation, Storage, StreamId } from "../../storage/storage.js";
import { BASIN, type BasinRecord } from "./keys/basin.js";
import { type KeyKind, ONLY, put, type RowKind } from "./keys/key-kind.js";
import { STREAM, type StreamRecord, streamsOf } from "./keys/stream.js";
import { STREAM_ID } from "./keys/stream-id.js";
import { ONLY_PLACE, type ShardPlace, streamIdOf } from "./placement.js";

/** A page request over names; both texts are checked already. */
export interface NameRange {
  readonly prefix: string;
  readonly startAfter: string;
  /** At least 1. */
  readonly limit: number;
}

export interface NamedEntry<T> {
  readonly name: string;
  readonly value: T;
}

export interface NamePage<T> {
  readonly items: readonly NamedEntry<T>[];
  readonly hasMore: boolean;
}

/** What of the node's shared state the catalog moves. */
export interface LogCursor {
  lastPosition: LogPosition;
}

export class Catalog {
  readonly storage: Storage;
  private readonly cursor: LogCursor;
  private readonly place: ShardPlace;
  private metaPosition: LogPosition = 0;

  constructor(storage: Storage, cursor: LogCursor, place: ShardPlace = ONLY_PLACE) {
    this.storage = storage;
    this.cursor = cursor;
    this.place = place;
  }

  /** Commits metadata (with stream mutations, if any) as one step. */
  commit(mutations: readonly Mutation[]): LogPosition {
    const { position } = this.storage.commit(mutations);
    this.metaPosition = position;
    this.cursor.lastPosition = position;
    return position;
  }

  /**
   * Resolves when all metadata that a reader can see is durable; undefined when it is already.
   *
   * @throws {S2Error} `storage` when the store failed first
   */
  barrier(): Promise<void> | undefined {
    if (this.storage.durable >= this.metaPosition) return undefined;
    return this.storage.whenDurable(this.metaPosition);
  }

  basin(name: string): BasinRecord | undefined {
    return this.get(BASIN, name);
  }

  stream(basin: string, stream: string): StreamRecord | undefined {
    return this.get(STREAM, { basin, stream });
  }

  basins(range: NameRange): NamePage<BasinRecord> {
    return this.page(BASIN, range);
  }

  streams(basin: string, range: NameRange): NamePage<StreamRecord> {
    return this.page(STREAM, range, streamsOf(basin));
  }

  /** An id that no stream of this store ever had, and the mutation that keeps it taken. */
  nextStreamId(): { readonly id: StreamId; readonly mutation: Mutation } {
    const local = (this.get(STREAM_ID, ONLY) ?? 0) + 1;
    return { id: streamIdOf(local, this.place), mutation: put(STREAM_ID, ONLY, local) };
  }

  /** @throws {S2Error} `storage` when the value is not understood */
  get<Parts, Value>(kind: KeyKind<Parts, Value>, parts: Parts): Value | undefined {
    const key = kind.key(parts);
    const value = this.bytesAt(key);
    return value === undefined ? undefined : decoded(kind, key, value);
  }

  /** Whether there is a row, whatever it holds. */
  has<Parts>(kind: KeyKind<Parts, unknown>, parts: Parts): boolean {
    return this.bytesAt(kind.key(parts)) !== undefined;
  }

  /**
   * One page of a kind, in byte order, looking one ahead for `hasMore`.
   *
   * @param within - begins all names that are wanted, and is left out of those that are answered
   */
  page<Value>(kind: RowKind<Value>, range: NameRange, within: string = ""): NamePage<Value> {
    const root = kind.prefix + within;
    const rootBytes = encodeUtf8(root).length;
    const entries = this.storage.scanMeta({
      prefix: encodeUtf8(root + range.prefix),
      startAfter: range.startAfter === "" ? undefined : encodeUtf8(root + range.startAfter),
      limit: range.limit + 1,
    });
    const items = entries.slice(0, range.limit).map(({ key, value }) => {
      const name = decodeUtf8Lossy(key.subarray(rootBytes));
      return { name, value: decoded(kind, root + name, value) };
    });
    return { items, hasMore: entries.length > range.limit };
  }

  protected bytesAt(key: string): Uint8Array | undefined {
    return this.storage.getMeta(encodeUtf8(key));
  }
}

function decoded<Value>(kind: RowKind<Value>, key: string, value: Uint8Array): Value {
  try {
    return kind.decode(JSON.parse(decodeUtf8Lossy(value)));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw storageError(`metadata cannot be read key=${JSON.stringify(key)} cause=${why}`, cause);
  }
}
