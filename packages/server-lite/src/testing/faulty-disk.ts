// A disk that lies as real ones do. Bytes are safe after a sync, or when a write to a durable file
// is done; names are safe after a directory sync. A crash keeps any part of the rest: nothing, a
// prefix, scattered sectors, torn and zero-filled ones, names or not. Every call is a crash point
// with a label, so that a test can stop the world at the n-th one and print which were hit.
//
// Chance comes from a seed: the same seed gives the same disk.

import { type Deferred, deferred, type Random, randomInteger } from "@s2kit/core";
import type { Disk, DiskFile, DiskLock, OpenFileOptions } from "../storage/disk/medium/disk.js";
import { storageError } from "../storage/durability.js";

const SECTOR_BYTES = 512;

/** What a call finds when the world has stopped. */
export class SimulatedCrash extends Error {
  override readonly name = "SimulatedCrash";
}

interface Change {
  readonly at: number;
  /** Absent: the file was cut or grown to `at`. */
  readonly bytes?: Uint8Array;
}

/** A file apart from its names. */
interface Inode {
  /** What processes see. */
  current: Uint8Array;
  /** What a power loss leaves, before `unsynced` is drawn from. */
  safe: Uint8Array;
  unsynced: Change[];
}

type NameChange =
  | { readonly kind: "set"; readonly path: string; readonly inode: Inode }
  | { readonly kind: "rename"; readonly from: string; readonly to: string; readonly inode: Inode }
  | { readonly kind: "remove"; readonly path: string };

export interface PlantedDiskBugs {
  /** Durable files are not: the engine forgot the flag. */
  readonly skipSync?: boolean;
  /** Directory syncs do nothing: the engine forgot them. */
  readonly skipDirectorySync?: boolean;
}

/** See {@link FaultyDisk.hold}. */
export interface HeldCall {
  /** Resolves when the call began. */
  readonly reached: Promise<void>;
  release(): void;
}

export interface FaultyDiskOptions {
  readonly random: Random;
  readonly planted?: PlantedDiskBugs;
  /**
   * Some calls take turns of the event loop, others overtake them. Default: all end within the turn
   */
  readonly isSlow?: boolean;
  /** What a slow call waits for. Default: as many turns of the event loop */
  readonly pause?: (turns: number) => Promise<void>;
  /** Total bytes of all files before ENOSPC; default: no bound. */
  readonly capacityBytes?: number;
  /** Which part of a store a path belongs to, for labels, if not the usual one. */
  readonly roomOf?: (path: string) => string | undefined;
}

export class FaultyDisk {
  /** How often each labelled call was reached, and how often the world stopped there. */
  readonly reached: Map<string, number> = new Map();
  readonly crashedAt: Map<string, number> = new Map();
  /** Fails the next call with this label part, once: `{ label: "sync", code: "EIO" }`. */
  fault: { readonly label: string; readonly code: string } | undefined;
  capacityBytes: number;
  private readonly random: Random;
  private readonly planted: PlantedDiskBugs;
  private readonly isSlow: boolean;
  private readonly pause: (turns: number) => Promise<void>;
  private readonly roomOf: (path: string) => string;
  private names = new Map<string, Inode>();
  private safeNames = new Map<string, Inode>();
  private nameChanges: NameChange[] = [];
  private readonly directories = new Set<string>();
  private locks = new Set<string>();
  private readonly holds = new Map<string, { reached: Deferred<void>; released: Deferred<void> }>();
  private callsLeft = Number.POSITIVE_INFINITY;
  private crashLabel: string | undefined;
  /** Grows with each crash: handles of an earlier life are dead. */
  private life = 0;
  private isStopped = false;
  private stopped: Deferred<never> = endlessPromise();
  private stoppedBy: SimulatedCrash = new SimulatedCrash("an earlier life");

  constructor(options: FaultyDiskOptions) {
    this.random = options.random;
    this.planted = options.planted ?? {};
    this.isSlow = options.isSlow === true;
    this.pause = options.pause ?? eventLoopTurns;
    this.roomOf = (path) => options.roomOf?.(path) ?? roomOf(path);
    this.capacityBytes = options.capacityBytes ?? Number.POSITIVE_INFINITY;
  }

  /** Stops the world at the n-th call from now; with a label, at the n-th call that has it. */
  crashAfter(calls: number, label?: string): void {
    this.callsLeft = calls;
    this.crashLabel = label;
  }

  /** Rejects when the world stops: a process that waits then will wait forever. */
  get crash(): Promise<never> {
    return this.stopped.promise;
  }

  get hasCrashed(): boolean {
    return this.isStopped;
  }

  /**
   * Ends a life and begins the next: the process is gone.
   *
   * @param kind - `kill` keeps what the system had taken; `power` keeps what was safe and any part
   *   of the rest
   */
  restart(kind: "kill" | "power"): void {
    if (kind === "power") {
      this.loseNames();
      const inodes = new Set(this.names.values());
      for (const inode of inodes) this.losePart(inode);
    }
    this.life++;
    this.stopped = endlessPromise();
    this.locks = new Set();
    this.isStopped = false;
    this.callsLeft = Number.POSITIVE_INFINITY;
    this.fault = undefined;
  }

  /** The disk as one life sees it: its calls end with the life. */
  mount(): Disk {
    const { life } = this;
    const alive = (): void => {
      if (life !== this.life) throw this.stoppedBy;
    };
    return {
      lock: async (path) => (alive(), this.lock(path)),
      makeDirectory: async (path) => (alive(), this.makeDirectory(path)),
      list: async (path) => (alive(), this.list(path)),
      open: async (path, options) => (alive(), this.open(path, options)),
      rename: async (from, to) => (alive(), this.rename(from, to)),
      remove: async (path) => (alive(), this.remove(path)),
      syncDirectory: async (path) => (alive(), this.syncDirectory(path)),
    };
  }

  /** Takes every lock away without telling the holders. */
  loseLocks(): void {
    this.locks.clear();
  }

  /** Flips a bit at rest. */
  flip(path: string, offset: number, bit: number): void {
    const inode = this.inode(path);
    for (const bytes of [inode.current, inode.safe])
      if (offset < bytes.length) bytes[offset] = (bytes[offset] as number) ^ (1 << bit);
  }

  /** Puts a file where it is safe, by no call of the engine. */
  place(path: string, bytes: Uint8Array): void {
    const inode: Inode = { current: bytes.slice(), safe: bytes.slice(), unsynced: [] };
    this.names.set(path, inode);
    this.safeNames.set(path, inode);
    // What a killed process did to the name is over: it must not come back at the next power loss.
    this.nameChanges = this.nameChanges.filter(
      (change) => (change.kind === "rename" ? change.to : change.path) !== path,
    );
  }

  /** What a file holds now. */
  bytesOf(path: string): Uint8Array {
    return this.inode(path).current.slice();
  }

  get paths(): string[] {
    return [...this.names.keys()].sort();
  }

  /** A disk with the same content, as after a power loss with everything synced. */
  clone(random: Random): FaultyDisk {
    const copy = new FaultyDisk({ random });
    for (const [path, inode] of this.names) {
      const twin: Inode = {
        current: inode.current.slice(),
        safe: inode.current.slice(),
        unsynced: [],
      };
      copy.names.set(path, twin);
      copy.safeNames.set(path, twin);
    }
    for (const directory of this.directories) copy.directories.add(directory);
    return copy;
  }

  /**
   * A crash point: throws when the world stops here, or a fault was ordered.
   *
   * @returns the call's turn; others may run meanwhile
   */
  async point(label: string): Promise<void> {
    const { life } = this;
    this.pointSync(label);
    const held = this.holds.get(label);
    if (held !== undefined) {
      this.holds.delete(label);
      held.reached.resolve();
      await held.released.promise;
    }
    if (this.isSlow) await this.latency();
    else
      for (let turns = randomInteger(this.random, 0, 2); turns > 0; turns--)
        await Promise.resolve();
    // The process that called may be gone, and another one at work.
    if (this.isStopped || life !== this.life) throw this.stoppedBy;
  }

  /**
   * Holds the next call with this label where it begins, so that a test decides what happens
   * meanwhile.
   */
  hold(label: string): HeldCall {
    const held = { reached: deferred<void>(), released: deferred<void>() };
    this.holds.set(label, held);
    return { reached: held.reached.promise, release: () => held.released.resolve() };
  }

  /** Most calls end within the turn; some take a few turns of the event loop, few take many. */
  private async latency(): Promise<void> {
    const dice = randomInteger(this.random, 0, 15);
    let turns = randomInteger(this.random, 0, 2);
    if (dice < 12) for (; turns > 0; turns--) await Promise.resolve();
    else {
      turns = dice < 15 ? turns + 1 : randomInteger(this.random, 4, 12);
      await this.pause(turns);
    }
  }

  pointSync(label: string): void {
    // The same error for all that comes after: a stack for each would be most of the work.
    if (this.isStopped) throw this.stoppedBy;
    this.reached.set(label, (this.reached.get(label) ?? 0) + 1);
    if (this.crashLabel !== undefined && this.crashLabel !== label) this.callsLeft++;
    if (--this.callsLeft <= 0) {
      this.isStopped = true;
      this.crashedAt.set(label, (this.crashedAt.get(label) ?? 0) + 1);
      const crash = new SimulatedCrash(label);
      this.stoppedBy = crash;
      this.stopped.reject(crash);
      throw crash;
    }
    const { fault } = this;
    if (fault === undefined || !label.includes(fault.label)) return;
    this.fault = undefined;
    throw systemError(fault.code, label);
  }

  private async lock(path: string): Promise<DiskLock> {
    await this.point("lock");
    if (this.locks.has(path))
      throw storageError(`another process uses this data directory pid=0 lock=${path}`);
    const { locks } = this;
    locks.add(path);
    return {
      requireHeld: () => {
        if (!locks.has(path)) throw lockLost(path);
      },
      onLost: () => undefined,
      release: async () => {
        locks.delete(path);
      },
    };
  }

  private async makeDirectory(path: string): Promise<void> {
    await this.point("make directory");
    this.directories.add(path);
  }

  private async list(path: string): Promise<string[]> {
    await this.point("list");
    const prefix = `${path}/`;
    return [...this.names.keys()]
      .filter((name) => name.startsWith(prefix) && !name.slice(prefix.length).includes("/"))
      .map((name) => name.slice(prefix.length))
      .sort();
  }

  private async open(path: string, options: OpenFileOptions = {}): Promise<DiskFile> {
    await this.point(`open ${this.roomOf(path)}`);
    let inode = this.names.get(path);
    if (inode === undefined) {
      if (options.create !== true) throw systemError("ENOENT", `open ${path}`);
      inode = { current: new Uint8Array(0), safe: new Uint8Array(0), unsynced: [] };
      this.names.set(path, inode);
      this.nameChanges.push({ kind: "set", path, inode });
    }
    const isDurable = options.durable === true && this.planted.skipSync !== true;
    return this.handle(inode, this.roomOf(path), isDurable);
  }

  private async rename(from: string, to: string): Promise<void> {
    await this.point(`rename ${this.roomOf(to)}`);
    const inode = this.inode(from);
    this.names.delete(from);
    this.names.set(to, inode);
    this.nameChanges.push({ kind: "rename", from, to, inode });
  }

  private async remove(path: string): Promise<void> {
    await this.point(`remove ${this.roomOf(path)}`);
    this.inode(path);
    this.names.delete(path);
    this.nameChanges.push({ kind: "remove", path });
  }

  private async syncDirectory(path: string): Promise<void> {
    await this.point(`sync directory of ${this.roomOf(`${path}/`)}`);
    if (this.planted.skipDirectorySync === true) return;
    const isHere = (name: string): boolean => name.slice(0, name.lastIndexOf("/")) === path;
    const isOfDirectory = (change: NameChange): boolean =>
      isHere(change.kind === "rename" ? change.to : change.path);
    for (const change of this.nameChanges)
      if (isOfDirectory(change)) applyName(this.safeNames, change);
    this.nameChanges = this.nameChanges.filter((change) => !isOfDirectory(change));
  }

  private handle(inode: Inode, room: string, isDurable: boolean): DiskFile {
    const { life } = this;
    let isClosed = false;
    const requireLife = (): void => {
      if (life !== this.life) throw this.stoppedBy;
      // A real descriptor may belong to another file by then: worse than an error.
      if (isClosed) throw systemError("EBADF", `use of a closed ${room}`);
    };
    const take = (bytes: Uint8Array, at: number): Change => {
      this.requireSpace(inode, at + bytes.length);
      const change = { at, bytes: bytes.slice() };
      applyChange(inode, "current", change);
      inode.unsynced.push(change);
      return change;
    };
    const settle = (): void => {
      for (const change of inode.unsynced) applyChange(inode, "safe", change);
      inode.unsynced = [];
    };
    /** A durable write brings what it lies on to the medium, and nothing else of the file. */
    const settleWrite = (write: Change): void => {
      const isUnder = (change: Change): boolean =>
        change.bytes === undefined ||
        (change.at < write.at + (write.bytes?.length ?? 0) &&
          write.at < change.at + change.bytes.length);
      const settled = inode.unsynced.filter(isUnder);
      for (const change of settled) applyChange(inode, "safe", change);
      inode.unsynced = inode.unsynced.filter((change) => !settled.includes(change));
    };
    return {
      read: async (target, at) => {
        requireLife();
        await this.point(`read ${room}`);
        requireLife();
        const bytes = inode.current.subarray(at, at + target.length);
        target.set(bytes);
        return bytes.length;
      },
      write: async (bytes, at) => {
        requireLife();
        // A crash at the first point is before the write, at the second within it.
        this.pointSync(`write ${room}`);
        const write = take(this.cutByFault(bytes, room), at);
        await this.point(`writing ${room}`);
        if (isDurable) settleWrite(write);
      },
      writeSync: (bytes, at) => {
        requireLife();
        this.pointSync(`write ${room}`);
        const write = take(bytes, at);
        this.pointSync(`writing ${room}`);
        if (isDurable) settleWrite(write);
      },
      sync: async () => {
        requireLife();
        await this.point(`sync ${room}`);
        settle();
      },
      size: async () => {
        requireLife();
        return inode.current.length;
      },
      truncate: async (size) => {
        requireLife();
        await this.point(`truncate ${room}`);
        const change = { at: size };
        applyChange(inode, "current", change);
        inode.unsynced.push(change);
      },
      close: async () => {
        requireLife();
        isClosed = true;
        if (this.isSlow || this.holds.size > 0) await this.point(`close ${room}`);
        else this.pointSync(`close ${room}`);
      },
    };
  }

  /** A short write that ends in an error leaves a part behind. */
  private cutByFault(bytes: Uint8Array, room: string): Uint8Array {
    const { fault } = this;
    if (fault === undefined || !`short ${room}`.includes(fault.label)) return bytes;
    this.fault = { label: `writing ${room}`, code: fault.code };
    return bytes.subarray(0, randomInteger(this.random, 0, bytes.length));
  }

  private requireSpace(inode: Inode, end: number): void {
    if (end <= inode.current.length || this.capacityBytes === Number.POSITIVE_INFINITY) return;
    let used = end - inode.current.length;
    for (const other of new Set(this.names.values())) used += other.current.length;
    if (used > this.capacityBytes) throw systemError("ENOSPC", "write");
  }

  private inode(path: string): Inode {
    const inode = this.names.get(path);
    if (inode === undefined) throw systemError("ENOENT", path);
    return inode;
  }

  /** Names that were not synced: all, a prefix, or any subset survives. */
  private loseNames(): void {
    const mode = randomInteger(this.random, 0, 2);
    const keep = randomInteger(this.random, 0, this.nameChanges.length);
    this.nameChanges.forEach((change, index) => {
      const isKept = mode === 0 ? index < keep : mode === 1 && this.random.next() < 0.5;
      if (isKept) applyName(this.safeNames, change);
    });
    this.nameChanges = [];
    this.names = new Map(this.safeNames);
  }

  /** Bytes that were not synced: nothing, all, up to somewhere within a change, or any part. */
  private losePart(inode: Inode): void {
    const mode = randomInteger(this.random, 0, 3);
    const keep = randomInteger(this.random, 0, Math.max(0, inode.unsynced.length - 1));
    inode.unsynced.forEach((change, index) => {
      const isWhole = mode === 1 || (mode === 2 && index < keep);
      const isPart = mode === 2 ? index === keep : mode === 3;
      if (isWhole) applyChange(inode, "safe", change);
      else if (isPart && change.bytes !== undefined) this.applyPart(inode, change.at, change.bytes);
    });
    // What stands on the medium is what the next life sees.
    inode.unsynced = [];
    inode.current = inode.safe.slice();
  }

  private applyPart(inode: Inode, at: number, bytes: Uint8Array): void {
    const how = randomInteger(this.random, 0, 2);
    const prefix = randomInteger(this.random, 0, bytes.length);
    for (let start = 0; start < bytes.length; ) {
      const end = Math.min(bytes.length, start + SECTOR_BYTES - ((at + start) % SECTOR_BYTES));
      const sector = bytes.subarray(start, end);
      const isWhole = sector.length === SECTOR_BYTES;
      const chance = this.random.next();
      if (how === 0 ? end <= prefix : chance < 0.5)
        applyChange(inode, "safe", { at: at + start, bytes: sector });
      else if (how === 2 && chance < 0.6) {
        const torn = sector.subarray(0, randomInteger(this.random, 0, sector.length));
        applyChange(inode, "safe", { at: at + start, bytes: torn });
      } else if (how === 2 && chance < 0.7 && isWhole)
        applyChange(inode, "safe", { at: at + start, bytes: new Uint8Array(SECTOR_BYTES) });
      start = end;
    }
  }
}

async function eventLoopTurns(turns: number): Promise<void> {
  for (let left = turns; left > 0; left--) await new Promise((resolve) => setImmediate(resolve));
}

function lockLost(path: string): Error {
  return storageError(`the lock of the data directory was taken lock=${path}`);
}

function endlessPromise(): Deferred<never> {
  const made = deferred<never>();
  // Nobody may be waiting.
  made.promise.catch(() => undefined);
  return made;
}

function applyChange(inode: Inode, side: "current" | "safe", change: Change): void {
  const { at, bytes } = change;
  const end = bytes === undefined ? at : Math.max(inode[side].length, at + bytes.length);
  if (end !== inode[side].length) {
    const resized = new Uint8Array(end);
    resized.set(inode[side].subarray(0, end));
    inode[side] = resized;
  }
  if (bytes !== undefined) inode[side].set(bytes, at);
}

function applyName(names: Map<string, Inode>, change: NameChange): void {
  switch (change.kind) {
    case "set":
      names.set(change.path, change.inode);
      return;
    case "rename":
      names.delete(change.from);
      names.set(change.to, change.inode);
      return;
    case "remove":
      names.delete(change.path);
  }
}

/** Which part of a store a path belongs to: for labels. */
function roomOf(path: string): string {
  if (path.includes("/wal/")) return path.endsWith(".new") ? "next log segment" : "log";
  if (path.includes("/segments/")) return "data file";
  if (path.includes("/state/")) return "state";
  return "format";
}

function systemError(code: string, what: string): Error {
  return Object.assign(new Error(`${code}: simulated, ${what}`), { code });
}
