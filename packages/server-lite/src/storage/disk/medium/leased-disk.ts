// The disk and the state store as the holder of a directory may use them: nothing is changed unless
// the hold on the directory is certain at that moment. One place, so that no writer can forget it.

import type { StateStore } from "../../log/state-store.js";
import type { Disk, DiskFile, DiskLock } from "./disk.js";

/**
 * A lock that counts what is about to be changed under it: whoever waits sees that work goes on.
 */
export class CountingLock implements DiskLock {
  /** Changes begun so far. */
  changes = 0;
  private readonly inner: DiskLock;

  constructor(inner: DiskLock) {
    this.inner = inner;
  }

  requireHeld(): void {
    this.inner.requireHeld();
    this.changes++;
  }

  onLost(listener: Parameters<DiskLock["onLost"]>[0]): void {
    this.inner.onLost(listener);
  }

  release(): Promise<void> {
    return this.inner.release();
  }
}

export function leasedDisk(disk: Disk, lock: DiskLock): Disk {
  return {
    lock: (path, options) => disk.lock(path, options),
    list: (path) => disk.list(path),
    async makeDirectory(path) {
      lock.requireHeld();
      await disk.makeDirectory(path);
    },
    async open(path, options) {
      if (options?.create === true) lock.requireHeld();
      return new LeasedFile(await disk.open(path, options), lock);
    },
    async rename(from, to) {
      lock.requireHeld();
      await disk.rename(from, to);
    },
    async remove(path) {
      lock.requireHeld();
      await disk.remove(path);
    },
    syncDirectory: (path) => disk.syncDirectory(path),
    freeBytes: (path) => disk.freeBytes(path),
  };
}

export function leasedStateStore(store: StateStore, lock: DiskLock): StateStore {
  return {
    get: (key) => store.get(key),
    scan: (range) => store.scan(range),
    count: () => store.count(),
    async write(changes) {
      lock.requireHeld();
      await store.write(changes);
    },
    close: () => store.close(),
  };
}

class LeasedFile implements DiskFile {
  private readonly file: DiskFile;
  private readonly lock: DiskLock;

  constructor(file: DiskFile, lock: DiskLock) {
    this.file = file;
    this.lock = lock;
  }

  read(target: Uint8Array, at: number): Promise<number> {
    return this.file.read(target, at);
  }

  // No turn more than the file itself takes: appends wait for it.
  write(bytes: Uint8Array, at: number): Promise<void> {
    try {
      this.lock.requireHeld();
    } catch (error) {
      return Promise.reject(error);
    }
    return this.file.write(bytes, at);
  }

  writeSync(bytes: Uint8Array, at: number): void {
    this.lock.requireHeld();
    this.file.writeSync(bytes, at);
  }

  sync(): Promise<void> {
    return this.file.sync();
  }

  size(): Promise<number> {
    return this.file.size();
  }

  async truncate(size: number): Promise<void> {
    this.lock.requireHeld();
    return this.file.truncate(size);
  }

  close(): Promise<void> {
    return this.file.close();
  }
}
