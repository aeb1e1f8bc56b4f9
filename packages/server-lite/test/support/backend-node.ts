// A backend on a memory store whose clock stands still until a test moves it, and whose store counts what
// is looked at: work at size is measured in entries, since time on a shared machine says little.

import { encodeUtf8, seededRandom } from "@s2kit/core";
import { createSimulatedClock, type SimulatedClock } from "@s2kit/core/testing";
import { Backend } from "../../src/backend/backend.js";
import {
  createMemoryMedium,
  createMemoryStorage,
  type MemoryMedium,
  type MemoryStorage,
} from "../../src/storage/memory/memory.js";
import type { Mutation } from "../../src/storage/storage.js";
import { appendOf } from "../../src/testing/append-source.js";

export const START_MS: number = Date.UTC(2026, 10, 21, 10, 0, 30);

export interface BackendNode {
  readonly backend: Backend;
  readonly clock: SimulatedClock;
  readonly storage: MemoryStorage;
  readonly work: StorageWork;
  /** What the background could not do. */
  readonly errors: unknown[];
}

/** What was asked of a store. */
export class StorageWork {
  /** Entries of metadata that were found, streams whose state was looked at, seeks and reads. */
  entries = 0;
  /** Most of them within one turn of the event loop. */
  mostInTurn = 0;
  /** Sees each commit first; may throw what a store throws. */
  beforeCommit: (mutations: readonly Mutation[]) => void = () => {};
  /** Runs while storage looks for what retention may trim. */
  whileSeeking: (streamId: number) => Promise<void> = async () => {};
  private inTurn = 0;
  private isCounting = false;

  add(count: number): void {
    this.entries += count;
    this.inTurn += count;
    this.mostInTurn = Math.max(this.mostInTurn, this.inTurn);
    if (this.isCounting) return;
    this.isCounting = true;
    setImmediate(() => {
      this.inTurn = 0;
      this.isCounting = false;
    });
  }

  reset(): void {
    this.entries = 0;
    this.mostInTurn = 0;
  }
}

export function countingStorage(storage: MemoryStorage, work: StorageWork): MemoryStorage {
  const counted = <T>(count: number, value: T): T => {
    work.add(count);
    return value;
  };
  const counting: Partial<MemoryStorage> = {
    commit(mutations) {
      work.beforeCommit(mutations);
      return counted(mutations.length, storage.commit(mutations));
    },
    scanMeta(scan) {
      const found = storage.scanMeta(scan);
      return counted(1 + found.length, found);
    },
    async seekWritten(...args) {
      const found = await storage.seekWritten(...args);
      await work.whileSeeking(args[0]);
      return counted(1, found);
    },
    getMeta: (key) => counted(1, storage.getMeta(key)),
    streamState: (streamId) => counted(1, storage.streamState(streamId)),
    read: (...args) => counted(1, storage.read(...args)),
  };
  return new Proxy(storage, {
    get(target, name: keyof MemoryStorage) {
      const own = counting[name];
      if (own !== undefined) return own;
      const value = target[name];
      return typeof value === "function"
        ? (value as (...args: unknown[]) => unknown).bind(target)
        : value;
    },
  });
}

/** A row of metadata as any version may have written it. */
export function row(key: string, value: unknown): Mutation {
  return { kind: "put", key: encodeUtf8(key), value: encodeUtf8(JSON.stringify(value)) };
}

export function openNode(
  medium: MemoryMedium = createMemoryMedium(),
  clock: SimulatedClock = createSimulatedClock(START_MS),
  beforeCommit?: StorageWork["beforeCommit"],
): BackendNode {
  const work = new StorageWork();
  if (beforeCommit !== undefined) work.beforeCommit = beforeCommit;
  const bare = createMemoryStorage({ medium });
  const storage = countingStorage(bare, work);
  const errors: unknown[] = [];
  const backend = new Backend(
    { appendInflightBytes: 1 << 24 },
    {
      storage,
      clock,
      random: seededRandom(1),
      onBackgroundError: (error) => errors.push(error),
    },
  );
  return { backend, clock, storage, work, errors };
}

/** The process is killed: nothing of it runs any more, what was committed stays. */
export function kill({ storage }: BackendNode): void {
  storage.fail(new Error("killed"));
}

/** Lets background work go on until it has nothing more to do now. */
export async function settled({ work }: BackendNode): Promise<void> {
  for (let quiet = 0, seen = -1; quiet < 5; ) {
    await new Promise((resolve) => setImmediate(resolve));
    quiet = work.entries === seen ? quiet + 1 : 0;
    seen = work.entries;
  }
}

/** A record that is simply there, as if a client had appended it at that time. */
export function fill(
  { backend, clock }: BackendNode,
  basin: string,
  stream: string,
  writtenMs: number = clock.now(),
): void {
  const record = backend.shard.catalog.stream(basin, stream);
  if (record === undefined) throw new Error("no such stream");
  const state = backend.shard.storage.streamState(record.streamId);
  backend.shard.storage.commit([
    {
      ...appendOf({
        streamId: record.streamId,
        firstSeqNum: state?.tail.seqNum ?? 0,
        bodies: ["x"],
      }),
      writtenMs,
    },
  ]);
}
