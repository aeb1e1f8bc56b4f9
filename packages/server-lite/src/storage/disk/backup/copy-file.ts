// Copies a file whole or not at all, with its checksum: under a draft's name until it is on the
// disk. Called by who takes a backup and by who brings one back.

import { createHash } from "node:crypto";
import type { Disk } from "../medium/disk.js";

const STEP_BYTES = 1024 * 1024;
/** Of files that are not whole. */
export const DRAFT_SUFFIX = ".part";

export interface CopyOptions {
  /** Bytes from the start; default: all. */
  readonly bytes?: number | undefined;
  /** The copy gets so long, filled with zeros. */
  readonly fileBytes?: number | undefined;
  onBytes?(bytes: number): void;
}

export interface Copied {
  readonly bytes: number;
  readonly sha256: string;
}

/** @throws the system's error; an error when the source is shorter than it was said to be */
export async function copyFile(
  disk: Disk,
  from: string,
  to: string,
  options: CopyOptions = {},
): Promise<Copied> {
  const source = await disk.open(from, { readOnly: true });
  try {
    const bytes = options.bytes ?? (await source.size());
    return await writeWhole(
      disk,
      to,
      async function* () {
        const buffer = new Uint8Array(STEP_BYTES);
        for (let at = 0; at < bytes; ) {
          const want = buffer.subarray(0, Math.min(STEP_BYTES, bytes - at));
          const count = await source.read(want, at);
          if (count < want.length) throw new Error(`the file is too short path=${from}`);
          yield want;
          options.onBytes?.(count);
          at += count;
        }
      },
      options.fileBytes,
    );
  } finally {
    await source.close();
  }
}

/** Writes chunks to a file that has its name only when it is whole and on the disk. */
export async function writeWhole(
  disk: Disk,
  to: string,
  chunks: () => AsyncIterable<Uint8Array>,
  fileBytes = 0,
): Promise<Copied> {
  const draft = `${to}${DRAFT_SUFFIX}`;
  const target = await disk.open(draft, { create: true });
  const hash = createHash("sha256");
  let at = 0;
  try {
    await target.truncate(0);
    for await (const chunk of chunks()) {
      hash.update(chunk);
      await target.write(chunk, at);
      at += chunk.length;
    }
    const zeros = new Uint8Array(STEP_BYTES);
    for (let end = at; end < fileBytes; end += zeros.length)
      await target.write(zeros.subarray(0, Math.min(zeros.length, fileBytes - end)), end);
    await target.sync();
  } finally {
    await target.close();
  }
  await disk.rename(draft, to);
  return { bytes: at, sha256: hash.digest("hex") };
}

/** The checksum of a file, or of its beginning. */
export async function digestOfFile(disk: Disk, path: string, bytes?: number): Promise<Copied> {
  const file = await disk.open(path, { readOnly: true });
  try {
    const end = Math.min(bytes ?? Number.POSITIVE_INFINITY, await file.size());
    const hash = createHash("sha256");
    const buffer = new Uint8Array(STEP_BYTES);
    for (let at = 0; at < end; ) {
      const count = await file.read(buffer.subarray(0, Math.min(STEP_BYTES, end - at)), at);
      if (count === 0) break;
      hash.update(buffer.subarray(0, count));
      at += count;
    }
    return { bytes: end, sha256: hash.digest("hex") };
  } finally {
    await file.close();
  }
}
