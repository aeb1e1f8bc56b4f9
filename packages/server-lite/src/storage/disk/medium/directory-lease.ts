// Keeps a directory for this process, after `directory-lock` took it. It renews the LOCK file in
// beats; a process on another machine takes over only after it saw no beat for longer than a hold
// lasts without one. So a holder that was stopped for a while must prove its hold again before it
// writes anything: it renews, then looks whether the name still leads to its own file. A newcomer
// renames the file first and looks for a new beat then, so one of the two always sees the other.

import * as fs from "node:fs";
import { assert, type Clock, type S2Error, type Timer } from "@s2kit/core";
import { storageError } from "../../durability.js";
import { type DiskLock, systemCodeOf } from "./disk.js";
import type { LifeSign } from "./life-sign.js";
import { encodeLock, type LockRecord } from "./lock-record.js";

/** Between two renewals, ms. */
export const BEAT_MS = 3000;
/** A hold lasts this long after the start of a renewal, ms. */
export const LEASE_MS = 10_000;
/** A newcomer watches a lock for this long without a beat, ms: longer, since clocks differ. */
export const WATCH_MS = 15_000;

assert(2 * BEAT_MS < LEASE_MS, "one beat that is late does not end a hold");
assert(LEASE_MS < WATCH_MS, "a hold ends before a newcomer may take over");

export interface LeaseComponents {
  readonly path: string;
  /** Of the LOCK file, open to be written. */
  readonly fd: number;
  readonly record: LockRecord;
  readonly sign: LifeSign | undefined;
  readonly clock: Clock;
  /** When the file was written, monotonic. */
  readonly startMs: number;
}

export class DirectoryLease implements DiskLock {
  private readonly components: LeaseComponents;
  private readonly own: fs.Stats;
  private beat: number;
  private validUntilMs: number;
  private lost: S2Error | undefined;
  private readonly listeners: ((error: S2Error) => void)[] = [];
  private timer: Timer | undefined;
  private beating: Promise<void> | undefined;
  private isReleased = false;

  constructor(components: LeaseComponents) {
    this.components = components;
    this.own = fs.fstatSync(components.fd);
    this.beat = components.record.beat;
    this.validUntilMs = components.startMs + LEASE_MS;
    this.arm();
  }

  requireHeld(): void {
    this.requireNotLost();
    const startMs = this.components.clock.monotonic();
    if (startMs < this.validUntilMs) return;
    // On the event loop: this comes after a stall only, and nothing may be written before it is
    // known.
    const { fd, path } = this.components;
    try {
      const text = this.nextText();
      fs.writeSync(fd, text, 0, "utf8");
      fs.fdatasyncSync(fd);
      this.settle(startMs, isSame(this.own, statIfThere(path)));
    } catch (error) {
      throw cannotRenew(path, error);
    }
    this.requireNotLost();
  }

  private requireNotLost(): void {
    if (this.lost !== undefined) throw this.lost;
  }

  onLost(listener: (error: S2Error) => void): void {
    if (this.lost === undefined) this.listeners.push(listener);
    else listener(this.lost);
  }

  async release(): Promise<void> {
    if (this.isReleased) return;
    this.isReleased = true;
    this.timer?.cancel();
    await this.beating;
    const { fd, path, sign } = this.components;
    // The name first: while the sign is there, nobody else goes on.
    if (isSame(this.own, statIfThere(path))) fs.rmSync(path, { force: true });
    fs.closeSync(fd);
    sign?.close();
  }

  private arm(): void {
    const { clock } = this.components;
    this.timer = clock.setTimer(
      () => {
        // A disk that cannot take a beat is no loss: who writes next proves the hold, or fails.
        this.beating = this.renew().catch(() => undefined);
        void this.beating.then(() => {
          this.beating = undefined;
          if (!this.isReleased && this.lost === undefined) this.arm();
        });
      },
      BEAT_MS,
      { keepsAlive: false },
    );
  }

  private async renew(): Promise<void> {
    const { fd, path, clock } = this.components;
    const startMs = clock.monotonic();
    const text = this.nextText();
    await settled((done) => fs.write(fd, text, 0, "utf8", done));
    await settled((done) => fs.fdatasync(fd, done));
    this.settle(startMs, isSame(this.own, await fs.promises.stat(path).catch(absent)));
  }

  private nextText(): string {
    return encodeLock({ ...this.components.record, beat: ++this.beat });
  }

  private settle(startMs: number, isOwn: boolean): void {
    if (this.lost !== undefined) return;
    if (isOwn) {
      this.validUntilMs = Math.max(this.validUntilMs, startMs + LEASE_MS);
      return;
    }
    this.lost = storageError(
      `the lock of the data directory was taken or removed while this server used it: nothing more is written lock=${this.components.path}`,
    );
    for (const listener of this.listeners.splice(0)) listener(this.lost);
  }
}

function cannotRenew(path: string, cause: unknown): S2Error {
  const text = cause instanceof Error ? cause.message : String(cause);
  return storageError(
    `the lock of the data directory cannot be renewed lock=${path} cause=${text}`,
    cause,
  );
}

function statIfThere(path: string): fs.Stats | undefined {
  try {
    return fs.statSync(path);
  } catch (error) {
    return absent(error);
  }
}

function absent(error: unknown): undefined {
  if (systemCodeOf(error) === "ENOENT") return undefined;
  throw error;
}

function isSame(own: fs.Stats, other: fs.Stats | undefined): boolean {
  return other !== undefined && own.ino === other.ino && own.dev === other.dev;
}

function settled(start: (done: (error: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) =>
    start((error) => (error === null ? resolve() : reject(error))),
  );
}
