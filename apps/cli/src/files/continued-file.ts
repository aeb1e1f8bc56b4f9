// A file that a later run goes on with. What it holds up to a proven length stays; what lies behind
// (a last line torn off by a crash, records written and not yet noted) is neither trusted nor cut:
// it is compared with what belongs there, byte by byte, and only then written on. So nothing is
// doubled, nothing half stays, and what somebody else wrote into the file is found and left alone.

import { type FileHandle, open } from "node:fs/promises";
import { CliError } from "../values/failure.js";

const COMPARE_BYTES: number = 1024 * 1024;

export class ContinuedFile {
  readonly #path: string;
  /** Undefined as long as there is none: a run that fails before its first byte leaves none. */
  #file: FileHandle | undefined;
  #size: number;
  #bytes: number;

  private constructor(path: string, file: FileHandle | undefined, size: number, bytes: number) {
    this.#path = path;
    this.#file = file;
    this.#size = size;
    this.#bytes = bytes;
  }

  /**
   * A missing file is made by the first write or flush.
   *
   * @param provenBytes - length that is known to be right
   * @throws {CliError} exit code 9 when the file is shorter than that
   */
  static async open(path: string, provenBytes: number): Promise<ContinuedFile> {
    const file = await openIfThere(path);
    try {
      const size = file === undefined ? 0 : (await file.stat()).size;
      if (size < provenBytes)
        throw new CliError(`the file was cut path=${path} bytes=${size} expected=${provenBytes}`, {
          exitCode: 9,
          hint: "put the whole file back, or start again into another one",
        });
      return new ContinuedFile(path, file, size, provenBytes);
    } catch (error) {
      await file?.close();
      throw error;
    }
  }

  /** Proven or written so far: where the next byte belongs. */
  get bytes(): number {
    return this.#bytes;
  }

  /** What lies behind, from an earlier run or from somebody else. */
  get unprovenBytes(): number {
    return this.#size - this.#bytes;
  }

  /**
   * @throws {CliError} exit code 9 when the file holds something else there; it is left as it is
   */
  async write(data: Uint8Array): Promise<void> {
    const known = Math.min(data.length, this.unprovenBytes);
    const file = await this.#opened();
    if (known > 0) await this.#compare(file, data.subarray(0, known));
    const rest = data.subarray(known);
    for (let at = 0; at < rest.length; ) {
      const { bytesWritten } = await file.write(
        rest,
        at,
        rest.length - at,
        this.#bytes + known + at,
      );
      at += bytesWritten;
    }
    this.#bytes += data.length;
    this.#size = Math.max(this.#size, this.#bytes);
  }

  /** Resolves when all that was written is on the disk. */
  async flush(): Promise<void> {
    await (await this.#opened()).datasync();
  }

  async close(): Promise<void> {
    await this.#file?.close();
  }

  async #opened(): Promise<FileHandle> {
    this.#file ??= await open(this.#path, "wx+");
    return this.#file;
  }

  async #compare(file: FileHandle, wanted: Uint8Array): Promise<void> {
    for (let at = 0; at < wanted.length; ) {
      const piece = Buffer.allocUnsafe(Math.min(COMPARE_BYTES, wanted.length - at));
      const { bytesRead } = await file.read(piece, 0, piece.length, this.#bytes + at);
      const found = piece.subarray(0, bytesRead);
      if (bytesRead === 0 || found.compare(wanted.subarray(at, at + bytesRead)) !== 0)
        throw new CliError(
          `the file holds something else than what follows path=${this.#path} from_byte=${this.#bytes}`,
          {
            exitCode: 9,
            hint: "it is left as it is; cut it off there if that part can go, or use another file",
          },
        );
      at += bytesRead;
    }
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, "r+");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
