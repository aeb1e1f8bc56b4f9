// What the cases of the storage contract share: the open engine, replaced by `reopen`, and short
// ways to write to it and to look at it. Called by the cases alone.

import { encodeUtf8 } from "@s2kit/core";
import type { Mutation, ReadLimits, Storage } from "../../storage/storage.js";
import { appendOf } from "../append-source.js";

/** One medium, opened as often as a test wants. */
export interface StorageSubject {
  /** Opens an engine on the medium. The suite closes it before the next one is opened. */
  open(options?: { readonly ownerEpoch?: number }): Promise<Storage>;
  /** Makes the next commit of the open engine fail as a broken medium does. */
  breakMedium(): void;
  /** Releases the medium after a test. */
  cleanUp(): Promise<void>;
}

/** Everything that can be read. */
export const ALL: ReadLimits = { maxBytes: 64 * 1024 * 1024, endSeqNum: Number.MAX_SAFE_INTEGER };

/** One engine under test. */
export interface Bench {
  storage: Storage;
  subject: StorageSubject;
  reopen(): Promise<Storage>;
}

/** Stream 1, with a batch of one record for each body. */
export async function withStream(bench: Bench, bodies: readonly string[] = []): Promise<void> {
  const { storage } = bench;
  storage.commit([{ kind: "create-stream", streamId: 1, writtenMs: 5 }]);
  bodies.forEach((body, seqNum) => {
    storage.commit([appendOf({ streamId: 1, firstSeqNum: seqNum, bodies: [body] })]);
  });
  await settle(storage);
}

/** Everything committed so far is durable. */
export async function settle(storage: Storage): Promise<void> {
  const { position } = storage.commit([
    { kind: "put", key: encodeUtf8("~settle"), value: new Uint8Array(0) },
  ]);
  await storage.whenDurable(position);
}

export function put(key: string, value: string): Mutation {
  return { kind: "put", key: encodeUtf8(key), value: encodeUtf8(value) };
}

export function valueOf(storage: Storage, key: string): string | undefined {
  const value = storage.getMeta(encodeUtf8(key));
  return value === undefined ? undefined : new TextDecoder().decode(value);
}

export function keysUnder(
  storage: Storage,
  prefix: string,
  startAfter?: string,
  limit = 100,
): string[] {
  return storage
    .scanMeta({
      prefix: encodeUtf8(prefix),
      startAfter: startAfter === undefined ? undefined : encodeUtf8(startAfter),
      limit,
    })
    .map(({ key }) => new TextDecoder().decode(key));
}
