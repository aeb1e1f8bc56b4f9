// The disk of the operating system, through the callback API of node:fs (faster than its promises).
// Durable files use O_DSYNC where it means what it says, else a sync behind each write.

import * as fs from "node:fs";
import { dirname, resolve } from "node:path";
import { lockDirectory } from "./directory-lock.js";
import { type Disk, type DiskFile, type OpenFileOptions, systemCodeOf } from "./disk.js";

/**
 * macOS has the flag, but its drives cache on; only fsync (F_FULLFSYNC) reaches the medium there.
 */
const HAS_DURABLE_WRITES = process.platform === "linux";

export const realDisk: Disk = {
  lock: lockDirectory,
  makeDirectory,
  async list(path) {
    try {
      return (await fs.promises.readdir(path)).sort();
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
      throw error;
    }
  },
  async open(path, options = {}) {
    const flags =
      (options.readOnly === true ? fs.constants.O_RDONLY : fs.constants.O_RDWR) |
      (options.create === true ? fs.constants.O_CREAT : 0) |
      (options.durable === true && HAS_DURABLE_WRITES ? fs.constants.O_DSYNC : 0);
    const fd = await new Promise<number>((resolve, reject) =>
      fs.open(path, flags, 0o600, (error, opened) =>
        error === null ? resolve(opened) : reject(error),
      ),
    );
    return new RealFile(path, fd, options);
  },
  rename: (from, to) => fs.promises.rename(from, to),
  remove: (path) => fs.promises.rm(path),
  async syncDirectory(path) {
    // Windows cannot open directories; NTFS journals names itself.
    if (process.platform === "win32") return;
    const handle = await fs.promises.open(path, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  async freeBytes(path) {
    // What is kept for the administrator counts: it is a bound, and the process may be theirs.
    const found = await fs.promises.statfs(path).catch(() => undefined);
    return found === undefined ? Number.POSITIVE_INFINITY : found.bfree * found.bsize;
  },
};

class RealFile implements DiskFile {
  private readonly path: string;
  private readonly fd: number;
  private readonly needsSync: boolean;

  constructor(path: string, fd: number, options: OpenFileOptions) {
    this.path = path;
    this.fd = fd;
    this.needsSync = options.durable === true && !HAS_DURABLE_WRITES;
  }

  read(target: Uint8Array, at: number): Promise<number> {
    return new Promise((resolve, reject) => {
      const next = (done: number): void => {
        if (done === target.length) return resolve(done);
        fs.read(this.fd, target, done, target.length - done, at + done, (error, count) => {
          if (error !== null) reject(error);
          else if (count === 0) resolve(done);
          else next(done + count);
        });
      };
      next(0);
    });
  }

  write(bytes: Uint8Array, at: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const next = (done: number): void => {
        fs.write(this.fd, bytes, done, bytes.length - done, at + done, (error, count) => {
          if (error !== null) reject(error);
          else if (done + count < bytes.length) {
            if (count === 0) reject(new Error(`write made no progress path=${this.path}`));
            else next(done + count);
          } else if (this.needsSync) this.sync().then(resolve, reject);
          else resolve();
        });
      };
      next(0);
    });
  }

  writeSync(bytes: Uint8Array, at: number): void {
    let done = 0;
    while (done < bytes.length) {
      const count = fs.writeSync(this.fd, bytes, done, bytes.length - done, at + done);
      if (count === 0) throw new Error(`write made no progress path=${this.path}`);
      done += count;
    }
    if (this.needsSync) fs.fdatasyncSync(this.fd);
  }

  sync(): Promise<void> {
    return settled((done) => fs.fsync(this.fd, done));
  }

  async size(): Promise<number> {
    return new Promise((resolve, reject) =>
      fs.fstat(this.fd, (error, stats) => (error === null ? resolve(stats.size) : reject(error))),
    );
  }

  truncate(size: number): Promise<void> {
    return settled((done) => fs.ftruncate(this.fd, size, done));
  }

  close(): Promise<void> {
    return settled((done) => fs.close(this.fd, done));
  }
}

function settled(start: (done: (error: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) =>
    start((error) => (error === null || error === undefined ? resolve() : reject(error))),
  );
}

/**
 * Each new directory is synced into its parent: a lost parent would lose all below. One by one from
 * the first that exists, since Node's own recursion never ends where the system lets nothing be
 * made.
 */
async function makeDirectory(path: string): Promise<void> {
  const missing: string[] = [];
  for (let at = resolve(path); !(await isDirectory(at)); at = dirname(at)) missing.push(at);
  for (const at of missing.reverse()) {
    await fs.promises.mkdir(at, { mode: 0o700 }).catch((error: unknown) => {
      if (systemCodeOf(error) !== "EEXIST") throw error;
    });
    await realDisk.syncDirectory(dirname(at));
  }
}

/** @throws the system's error for what is there and no directory */
async function isDirectory(path: string): Promise<boolean> {
  try {
    if ((await fs.promises.stat(path)).isDirectory()) return true;
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return false;
    throw error;
  }
  throw Object.assign(new Error(`ENOTDIR: not a directory path=${path}`), { code: "ENOTDIR" });
}
