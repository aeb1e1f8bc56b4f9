// Where the server of a world keeps its data: a medium that survives its processes, and the engine
// that each of them opens on it. The disk loses what real ones lose.

import { type Clock, type Random, randomInteger, sleep } from "@s2kit/core";
import {
  createMemoryMedium,
  createMemoryStorage,
  FaultyDisk,
  MemoryStateMedium,
  openDiskStorage,
  openMemoryStateStore,
  type Storage,
  verifyDirectory,
} from "@s2kit/server-lite/simulation";
import { Violation } from "../oracle/violation.js";

/** `shards`: a store of several, each on a disk of its own, in one machine. */
export type EngineName = "memory" | "disk" | "shards";

export interface Store {
  open(clock: Clock): Promise<Storage | readonly Storage[]>;
  /** The process is gone; the power too, or not. */
  restart(kind: "kill" | "power"): void;
  /** Rejects when the world stops at an ordered call; never, where there are no calls. */
  readonly crash: Promise<never>;
  crashAfter(calls: number): void;
  fail(label: string, code: "EIO" | "ENOSPC"): void;
  /** Room for so many more bytes; undefined: without bound. */
  limit(bytes: number | undefined): void;
  /** @throws {Violation} */
  verify(): Promise<void>;
}

/** @param clock - slow calls of the disk take time by it, so that others overtake them */
export function createStore(engine: EngineName, random: Random, clock: Clock): Store {
  if (engine === "memory") return createMemoryStore();
  return engine === "disk" ? new DiskStore(random, clock) : new SeveralStores(random, clock);
}

function createMemoryStore(): Store {
  const medium = createMemoryMedium();
  const never = new Promise<never>(() => undefined);
  return {
    open: () => Promise.resolve(createMemoryStorage({ medium })),
    restart: () => undefined,
    crash: never,
    crashAfter: () => undefined,
    fail: () => undefined,
    limit: () => undefined,
    verify: () => Promise.resolve(),
  };
}

const DIRECTORY = "/store";
/** Small, so that segments are sealed, rewritten, merged and recycled all the time. */
const SEGMENT_BYTES = 64 * 1024;

/** A slow call takes so long, or a few times as long. */
const CALL_MS = 4;

class DiskStore implements Store {
  readonly #random: Random;
  readonly #disk: FaultyDisk;
  readonly #medium = new MemoryStateMedium();

  constructor(random: Random, clock: Clock) {
    this.#random = random;
    const pause = async (turns: number): Promise<void> => {
      await sleep(clock, turns * CALL_MS);
    };
    this.#disk = new FaultyDisk({ random, isSlow: true, pause });
    this.#medium.isStopped = () => this.#disk.hasCrashed;
    this.#medium.beforeWrite = () => this.#disk.point("state transaction");
  }

  get crash(): Promise<never> {
    return this.#disk.crash;
  }

  open(clock: Clock): Promise<Storage> {
    const random = this.#random;
    return openDiskStorage({
      directory: DIRECTORY,
      clock,
      random,
      disk: this.#disk.mount(),
      openState: () => openMemoryStateStore(this.#medium),
      segmentBytes: SEGMENT_BYTES,
      allowsSmallSegments: true,
      maxFreeSegments: 2,
      cacheBytes: random.next() < 0.5 ? 0 : SEGMENT_BYTES,
      writes: random.next() < 0.5 ? "pool" : "inline",
      eagerBytes: random.next() < 0.5 ? 4096 : SEGMENT_BYTES,
    });
  }

  restart(kind: "kill" | "power"): void {
    this.#medium.crash(randomInteger(this.#random, 0, this.#medium.pending.length));
    this.#disk.restart(kind);
  }

  crashAfter(calls: number): void {
    this.#disk.crashAfter(calls);
  }

  fail(label: string, code: "EIO" | "ENOSPC"): void {
    this.#disk.fault = { label, code };
  }

  limit(bytes: number | undefined): void {
    let used = 0;
    for (const path of this.#disk.paths) used += this.#disk.bytesOf(path).length;
    this.#disk.capacityBytes = bytes === undefined ? Number.POSITIVE_INFINITY : used + bytes;
  }

  async verify(): Promise<void> {
    const { isSound, problems } = await verifyDirectory({
      directory: DIRECTORY,
      disk: this.#disk.mount(),
      openState: () => openMemoryStateStore(this.#medium),
    });
    if (!isSound) throw new Violation("sound", JSON.stringify(problems.slice(0, 3)));
  }
}

const SHARDS = 4;

/** They end together, at whatever each of them has done by then. */
class SeveralStores implements Store {
  readonly #random: Random;
  readonly #stores: readonly DiskStore[];

  constructor(random: Random, clock: Clock) {
    this.#random = random;
    this.#stores = Array.from({ length: SHARDS }, () => new DiskStore(random, clock));
  }

  get crash(): Promise<never> {
    return Promise.race(this.#stores.map(({ crash }) => crash));
  }

  open(clock: Clock): Promise<readonly Storage[]> {
    return Promise.all(this.#stores.map((store) => store.open(clock)));
  }

  restart(kind: "kill" | "power"): void {
    for (const store of this.#stores) store.restart(kind);
  }

  crashAfter(calls: number): void {
    this.#one().crashAfter(calls);
  }

  fail(label: string, code: "EIO" | "ENOSPC"): void {
    this.#one().fail(label, code);
  }

  limit(bytes: number | undefined): void {
    for (const store of this.#stores) store.limit(bytes);
  }

  async verify(): Promise<void> {
    for (const store of this.#stores) await store.verify();
  }

  #one(): DiskStore {
    return this.#stores[randomInteger(this.#random, 0, SHARDS - 1)] as DiskStore;
  }
}
