// A disk that lies as real ones do. Bytes are safe after a sync, or when a write to a durable file
// is done; names are safe after a directory sync. A crash keeps any part of the rest. What lies on
// it is in `faulty-medium`, what may happen to a call in `crash-points`, what a crash leaves in
// `power-loss`.
//
// Chance comes from a seed: the same seed gives the same disk.

import type { Random } from "@s2kit/core";
import type { Disk, DiskFile, DiskLock, OpenFileOptions } from "../storage/disk/medium/disk.js";
import { storageError } from "../storage/durability.js";
import { CrashPoints, type CrashPointsOptions, type HeldCall } from "./crash-points.js";
import { openFaultyFile } from "./faulty-file.js";
import { FaultyMedium, type Inode, systemError } from "./faulty-medium.js";
import { losePower } from "./power-loss.js";

/** Faults that a disk must not have, for proving that tests find them. */
export interface PlantedDiskBugs {
  /** Durable files are not: the engine forgot the flag. */
  readonly skipSync?: boolean;
  /** Directory syncs do nothing: the engine forgot them. */
  readonly skipDirectorySync?: boolean;
}

/** Which faults a disk has. */
export interface FaultyDiskOptions extends CrashPointsOptions {
  readonly planted?: PlantedDiskBugs;
  /** Total bytes of all files before ENOSPC; default: no bound. */
  readonly capacityBytes?: number;
  /** Which part of a store a path belongs to, for labels, if not the usual one. */
  readonly roomOf?: (path: string) => string | undefined;
}

/** A disk in memory that fails as disks do. */
export class FaultyDisk {
  capacityBytes: number;
  private readonly random: Random;
  private readonly planted: PlantedDiskBugs;
  private readonly roomOf: (path: string) => string;
  private readonly points: CrashPoints;
  private medium = new FaultyMedium();
  private locks = new Set<string>();

  constructor(options: FaultyDiskOptions) {
    this.random = options.random;
    this.planted = options.planted ?? {};
    this.points = new CrashPoints(options);
    this.roomOf = (path) => options.roomOf?.(path) ?? roomOf(path);
    this.capacityBytes = options.capacityBytes ?? Number.POSITIVE_INFINITY;
  }

  /** How often each labelled call was reached. */
  get reached(): Map<string, number> {
    return this.points.reached;
  }

  /** How often the world stopped at each labelled call. */
  get crashedAt(): Map<string, number> {
    return this.points.crashedAt;
  }

  /** Fails the next call with this label part, once: `{ label: "sync", code: "EIO" }`. */
  get fault(): { readonly label: string; readonly code: string } | undefined {
    return this.points.fault;
  }

  set fault(fault: { readonly label: string; readonly code: string } | undefined) {
    this.points.fault = fault;
  }

  /** Stops the world at the n-th call from now; with a label, at the n-th call that has it. */
  crashAfter(calls: number, label?: string): void {
    this.points.crashAfter(calls, label);
  }

  /** Rejects when the world stops: a process that waits then will wait forever. */
  get crash(): Promise<never> {
    return this.points.crash;
  }

  get hasCrashed(): boolean {
    return this.points.hasCrashed;
  }

  /**
   * A crash point: throws when the world stops here, or a fault was ordered.
   *
   * @returns the call's turn; others may run meanwhile
   */
  point(label: string): Promise<void> {
    return this.points.point(label);
  }

  /**
   * Holds the next call with this label where it begins, so that a test decides what happens
   * meanwhile.
   */
  hold(label: string): HeldCall {
    return this.points.hold(label);
  }

  /**
   * Ends a life and begins the next: the process is gone.
   *
   * @param kind - `kill` keeps what the system had taken; `power` keeps what was safe and any part
   *   of the rest
   */
  restart(kind: "kill" | "power"): void {
    if (kind === "power") losePower(this.medium, this.random);
    this.points.beginLife();
    this.locks = new Set();
  }

  /** The disk as one life sees it: its calls end with the life. */
  mount(): Disk {
    const { points } = this;
    const { life } = points;
    const alive = (): void => points.requireLife(life);
    return {
      lock: async (path) => (alive(), this.lock(path)),
      makeDirectory: async (path) => (alive(), this.makeDirectory(path)),
      list: async (path) => (alive(), this.list(path)),
      open: async (path, options) => (alive(), this.open(path, options)),
      rename: async (from, to) => (alive(), this.rename(from, to)),
      remove: async (path) => (alive(), this.remove(path)),
      syncDirectory: async (path) => (alive(), this.syncDirectory(path)),
      freeBytes: async () => (alive(), Math.max(0, this.capacityBytes - this.medium.usedBytes)),
    };
  }

  /** Somebody took every lock; nobody told the holders. */
  loseLocks(): void {
    this.locks.clear();
  }

  /** Flips a bit at rest. */
  flip(path: string, offset: number, bit: number): void {
    this.medium.flip(path, offset, bit);
  }

  /** Puts a file where it is safe, by no call of the engine. */
  place(path: string, bytes: Uint8Array): void {
    this.medium.place(path, bytes);
  }

  /** What a file holds now. */
  bytesOf(path: string): Uint8Array {
    return this.medium.inode(path).current.slice();
  }

  get paths(): string[] {
    return [...this.medium.names.keys()].sort();
  }

  /** A disk with the same content, as after a power loss with everything synced. */
  clone(random: Random): FaultyDisk {
    const copy = new FaultyDisk({ random });
    copy.medium = this.medium.clone();
    return copy;
  }

  private async lock(path: string): Promise<DiskLock> {
    await this.points.point("lock");
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
    await this.points.point("make directory");
    this.medium.makeDirectory(path);
  }

  private async list(path: string): Promise<string[]> {
    await this.points.point("list");
    return this.medium.list(path);
  }

  private async open(path: string, options: OpenFileOptions = {}): Promise<DiskFile> {
    await this.points.point(`open ${this.roomOf(path)}`);
    const inode = this.medium.open(path, options.create === true);
    const isDurable = options.durable === true && this.planted.skipSync !== true;
    return openFaultyFile(inode, {
      room: this.roomOf(path),
      isDurable,
      points: this.points,
      requireSpace: (end) => this.requireSpace(inode, end),
    });
  }

  private async rename(from: string, to: string): Promise<void> {
    await this.points.point(`rename ${this.roomOf(to)}`);
    this.medium.rename(from, to);
  }

  private async remove(path: string): Promise<void> {
    await this.points.point(`remove ${this.roomOf(path)}`);
    this.medium.remove(path);
  }

  private async syncDirectory(path: string): Promise<void> {
    await this.points.point(`sync directory of ${this.roomOf(`${path}/`)}`);
    if (this.planted.skipDirectorySync !== true) this.medium.syncDirectory(path);
  }

  private requireSpace(inode: Inode, end: number): void {
    const more = end - inode.current.length;
    if (more <= 0 || this.capacityBytes === Number.POSITIVE_INFINITY) return;
    if (this.medium.usedBytes + more > this.capacityBytes) throw systemError("ENOSPC", "write");
  }
}

function lockLost(path: string): Error {
  return storageError(`the lock of the data directory was taken lock=${path}`);
}

/** Which part of a store a path belongs to: for labels. */
function roomOf(path: string): string {
  if (path.includes("/wal/")) return path.endsWith(".new") ? "next log segment" : "log";
  if (path.includes("/segments/")) return "data file";
  if (path.includes("/state/")) return "state";
  return "format";
}
