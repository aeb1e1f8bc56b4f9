// The state store in LMDB. Commits are synced before they resolve (no overlapping sync): a
// checkpoint must not say it is durable while its pages are on their way. Keys and values are plain
// bytes.

import type { S2Error } from "@s2kit/core";
import { storageError } from "../../durability.js";
import type { StateStore } from "../../log/state-store.js";
import type { Disk } from "../medium/disk.js";

export interface LmdbOptions {
  /** Looks without changing anything; the directory must exist. */
  readonly readOnly?: boolean;
  /** Its content need not outlive the process: nothing is synced. */
  readonly isScratch?: boolean;
}

export const LMDB_FILE = "data.mdb";
/** In the first bytes of every such file, behind a page header. */
const LMDB_MAGIC = Buffer.of(0xde, 0xc0, 0xef, 0xbe);
const HEAD_BYTES = 128;
const LMDB_LOCK_FILE = "lock.mdb";
/** For the first pages of both files, several times. */
const LMDB_FIRST_BYTES = 64 * 1024;

/**
 * Refuses a file that is none of LMDB before the library sees it: it ends the process.
 *
 * @throws {S2Error} `storage`
 */
export async function requireLmdbFile(disk: Disk, directory: string): Promise<void> {
  if (!(await disk.list(directory)).includes(LMDB_FILE)) return;
  const path = `${directory}/${LMDB_FILE}`;
  const file = await disk.open(path);
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    const read = await file.read(head, 0);
    if (read > 0 && !head.includes(LMDB_MAGIC))
      throw storageError(
        `the state store is damaged: restore the directory from a copy file=${path} offset=0`,
      );
  } finally {
    await file.close();
  }
}

/**
 * Tries whether there is room for the files that the library makes: without it, it ends the
 * process.
 *
 * @throws the system's error, such as ENOSPC
 */
export async function requireLmdbRoom(disk: Disk, directory: string): Promise<void> {
  const names = await disk.list(directory);
  if (names.includes(LMDB_LOCK_FILE) && (await isFilled(disk, `${directory}/${LMDB_FILE}`))) return;
  await disk.makeDirectory(directory);
  const path = `${directory}/room.new`;
  const file = await disk.open(path, { create: true });
  try {
    await file.write(new Uint8Array(LMDB_FIRST_BYTES), 0);
    await file.sync();
  } finally {
    await file.close();
    await disk.remove(path);
  }
}

async function isFilled(disk: Disk, path: string): Promise<boolean> {
  const file = await disk.open(path).catch(() => undefined);
  try {
    return file !== undefined && (await file.size()) > 0;
  } finally {
    await file?.close();
  }
}

/**
 * Loads the library, which servers in memory do without.
 *
 * @param directory - made when it does not exist
 * @throws {S2Error} `storage` when the platform has no binary of it, or it was not installed
 */
export async function openLmdbStateStore(
  directory: string,
  options: LmdbOptions = {},
): Promise<StateStore> {
  const { open } = await import("lmdb");
  const root = open<Buffer, Buffer>({
    path: directory,
    noSubdir: false,
    readOnly: options.readOnly === true,
    encoding: "binary",
    keyEncoding: "binary",
    overlappingSync: false,
    noSync: options.isScratch === true,
    // Commits are transactions of ours, not of an event-loop turn.
    eventTurnBatching: false,
    cache: false,
  });
  return {
    get: (key) => root.get(asBuffer(key)),
    scan({ start, end, limit }) {
      if (limit <= 0) return [];
      const range = root.getRange({
        start: asBuffer(start),
        ...(end === undefined ? {} : { end: asBuffer(end) }),
        limit,
      });
      return Array.from(range, ({ key, value }) => ({ key, value }));
    },
    count: () => (root.getStats() as { readonly entryCount: number }).entryCount,
    async write(changes) {
      const written = root.transaction(() => {
        for (const { key, value } of changes)
          if (value === undefined) void root.remove(asBuffer(key));
          else void root.put(asBuffer(key), asBuffer(value));
      });
      await written.catch(async (error: unknown) => {
        throw notWritten(directory, await reasonOf(error));
      });
    },
    close: () => root.close(),
  };
}

/**
 * The library says why in a promise of its own, which ends the process when nobody listens. It may
 * also say nothing: then there is a turn to do so.
 */
function reasonOf(error: unknown): Promise<unknown> {
  const told: unknown =
    error instanceof Error && "commitError" in error ? error.commitError : undefined;
  if (!(told instanceof Promise)) return Promise.resolve(error);
  const said = told.then(
    () => error,
    (reason: unknown) => reason,
  );
  const nothing = new Promise((resolve) => setImmediate(() => resolve(error)));
  return Promise.race([said, nothing]);
}

function notWritten(directory: string, cause: unknown): S2Error {
  const text = cause instanceof Error ? cause.message : String(cause);
  return storageError(
    `the state store could not be written: free some space if there is none, and restart file=${directory}/${LMDB_FILE} cause=${text}`,
    cause,
  );
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
