// The metadata of a node in the store: keys, record shapes, and the one place that commits them.
// Reads see applied state at once; `barrier` holds an answer back until what it saw is durable.
// No rules about basins or streams here. Spec: design of the storage waist; control plane section 3.2.
//
//     "b/" basin                     BasinRecord
//     "s/" basin 00 stream           StreamRecord      (byte order of names inside a basin)
//     "n/stream-id"                  highest stream id given out
//
// Other rooms keep rows of their own: access tokens ("t/", "h/"), usage ("u/"), what is to be purged
// ("x/"), what is due when ("d/"), since when a stream is empty ("e/"). No prefix begins another one.

import { decodeUtf8Lossy, encodeUtf8 } from "@s2kit/core";
import {
  type BasinConfig,
  type ResolvedStreamConfig,
  type StreamCipher,
} from "@s2kit/core/control";
import type { LogPosition, Mutation, Storage, StreamId } from "../../storage/storage.js";

export interface BasinRecord {
  readonly createdMs: number;
  readonly deletedMs?: number | undefined;
  readonly location: string;
  readonly config: BasinConfig;
  /** Hash over request token and configuration of the create call; see `provision`. */
  readonly requestKey?: string | undefined;
}

export interface StreamRecord {
  readonly streamId: StreamId;
  readonly createdMs: number;
  readonly deletedMs?: number | undefined;
  readonly cipher?: StreamCipher | undefined;
  readonly config: ResolvedStreamConfig;
  readonly requestKey?: string | undefined;
  /** The stream's entry on the agenda of the background; undefined: nothing is ever due. */
  readonly dueSecs?: number | undefined;
}

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
  private metaPosition: LogPosition = 0;

  constructor(storage: Storage, cursor: LogCursor) {
    this.storage = storage;
    this.cursor = cursor;
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
    return this.get(basinKey(name));
  }

  stream(basin: string, name: string): StreamRecord | undefined {
    return this.get(streamKey(basin, name));
  }

  basins(range: NameRange): NamePage<BasinRecord> {
    return this.page(BASINS, range);
  }

  streams(basin: string, range: NameRange): NamePage<StreamRecord> {
    return this.page(streamsOf(basin), range);
  }

  /** An id that no stream of this store ever had, and the mutation that keeps it taken. */
  nextStreamId(): { readonly id: StreamId; readonly mutation: Mutation } {
    const id = (this.get<number>(STREAM_ID_KEY) ?? 0) + 1;
    return { id, mutation: put(STREAM_ID_KEY, id) };
  }

  get<T>(key: string): T | undefined {
    const value = this.storage.getMeta(encodeUtf8(key));
    return value === undefined ? undefined : parse<T>(value);
  }

  /** One page of the names under a key prefix, in byte order, looking one ahead for `hasMore`. */
  page<T>(root: string, range: NameRange): NamePage<T> {
    const rootBytes = encodeUtf8(root).length;
    const entries = this.storage.scanMeta({
      prefix: encodeUtf8(root + range.prefix),
      startAfter: range.startAfter === "" ? undefined : encodeUtf8(root + range.startAfter),
      limit: range.limit + 1,
    });
    const items = entries.slice(0, range.limit).map(({ key, value }) => ({
      name: decodeUtf8Lossy(key.subarray(rootBytes)),
      value: parse<T>(value),
    }));
    return { items, hasMore: entries.length > range.limit };
  }
}

const BASINS = "b/";
const STREAM_ID_KEY = "n/stream-id";

export function basinKey(name: string): string {
  return BASINS + name;
}

export function streamKey(basin: string, name: string): string {
  return streamsOf(basin) + name;
}

/** The root of all stream keys of a basin; basin names hold no NUL. */
export function streamsOf(basin: string): string {
  return `s/${basin}\0`;
}

export function put(key: string, value: unknown): Mutation {
  return { kind: "put", key: encodeUtf8(key), value: encodeUtf8(JSON.stringify(value)) };
}

export function remove(key: string): Mutation {
  return { kind: "delete", key: encodeUtf8(key) };
}

function parse<T>(value: Uint8Array): T {
  return JSON.parse(decodeUtf8Lossy(value)) as T;
}
