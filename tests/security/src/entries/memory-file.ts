// Files and a disk in memory, with the face that the disk engine asks of them.

// @boundaries-ignore the fuzzer feeds what no face shows
import type {
  Disk,
  DiskFile,
} from "../../../../packages/server-lite/src/storage/disk/medium/disk.js";

export class MemoryFile implements DiskFile {
  bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  async read(target: Uint8Array, at: number): Promise<number> {
    const part = this.bytes.subarray(at, at + target.length);
    target.set(part);
    return part.length;
  }

  async write(bytes: Uint8Array, at: number): Promise<void> {
    this.writeSync(bytes, at);
  }

  writeSync(bytes: Uint8Array, at: number): void {
    if (at + bytes.length > this.bytes.length) {
      const grown = new Uint8Array(at + bytes.length);
      grown.set(this.bytes);
      this.bytes = grown;
    }
    this.bytes.set(bytes, at);
  }

  async sync(): Promise<void> {}

  async size(): Promise<number> {
    return this.bytes.length;
  }

  async truncate(size: number): Promise<void> {
    this.bytes = this.bytes.slice(0, size);
  }

  async close(): Promise<void> {}
}

/** A disk that has these files, and can be read only. */
export function memoryDisk(files: Readonly<Record<string, Uint8Array>>): Disk {
  const disk: Pick<Disk, "list" | "open"> = {
    list: async (path) =>
      Object.keys(files)
        .filter((name) => name.startsWith(`${path}/`))
        .map((name) => name.slice(path.length + 1)),
    open: async (path) => new MemoryFile(files[path] ?? new Uint8Array(0)),
  };
  return disk as Disk;
}
