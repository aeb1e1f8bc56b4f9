// The data files of a backup: copied, or used again from an earlier try or an earlier backup, since
// they never change. Each that is copied is proven, extent by extent.

import type { S2Error } from "@s2kit/core";
import { storageError } from "../../durability.js";
import { TRAILER_BYTES } from "../../extents/extent-footer.js";
import { isSoundExtent } from "../../extents/extent-proof.js";
import { dataFileIdOf, loadFooter } from "../data/data-file.js";
import type { Disk } from "../medium/disk.js";
import { tryLinkFile } from "../medium/link-file.js";
import { type Copied, copyFile, digestOfFile } from "./copy-file.js";
import type { BackupFile, BackupManifest } from "./manifest.js";

/** Directories that files go from and to. */
export interface CopyPlaces {
  readonly directory: string;
  readonly target: string;
  /** An earlier backup of the same store. */
  readonly since?: string | undefined;
}

export class DataCopies {
  reusedFiles = 0;
  reusedBytes = 0;
  private readonly disk: Disk;
  private readonly places: CopyPlaces;
  private readonly earlier: ReadonlyMap<string, BackupFile>;
  private readonly onBytes: (bytes: number) => void;

  constructor(
    disk: Disk,
    places: CopyPlaces,
    earlier: BackupManifest | undefined,
    onBytes: (bytes: number) => void,
  ) {
    this.disk = disk;
    this.places = places;
    this.earlier = new Map(earlier?.files.map((file) => [file.file, file]));
    this.onBytes = onBytes;
  }

  /**
   * @param file - relative to the directory
   * @param isInUse - it is whole; a file that was left over may be a part, and proves nothing
   * @throws {S2Error} `storage` when it is damaged
   */
  async copy(file: string, isInUse: boolean): Promise<Copied> {
    const { disk, onBytes } = this;
    const { directory, target, since } = this.places;
    const there = `${target}/${file}`;
    if (await this.isSame(file, there)) {
      const known = await digestOfFile(disk, there);
      if (isInUse) await this.prove(there);
      return this.reused(known);
    }
    const earlier = this.earlier.get(file);
    if (earlier !== undefined && (await this.isSame(file, `${since}/${file}`))) {
      await disk.remove(there).catch(() => undefined);
      const { bytes, sha256 } = earlier;
      if (await tryLinkFile(`${since}/${file}`, there)) return this.reused({ bytes, sha256 });
    }
    const copied = await copyFile(disk, `${directory}/${file}`, there, { onBytes });
    if (isInUse) await this.prove(there);
    return copied;
  }

  private reused(known: Copied): Copied {
    this.reusedFiles++;
    this.reusedBytes += known.bytes;
    return known;
  }

  /**
   * Whether a copy is of this file. Its trailer has the checksum of the footer, the footer those of
   * the rows, and rows those of the records: files with one trailer hold the same.
   */
  private async isSame(file: string, copy: string): Promise<boolean> {
    const theirs = await this.trailerOf(copy).catch(() => undefined);
    if (theirs === undefined) return false;
    return theirs === (await this.trailerOf(`${this.places.directory}/${file}`));
  }

  private async trailerOf(path: string): Promise<string | undefined> {
    const file = await this.disk.open(path, { readOnly: true });
    try {
      const size = await file.size();
      if (size < TRAILER_BYTES) return undefined;
      const bytes = new Uint8Array(TRAILER_BYTES);
      await file.read(bytes, size - TRAILER_BYTES);
      return `${size} ${Buffer.from(bytes).toString("hex")}`;
    } finally {
      await file.close();
    }
  }

  /** Damage is found while earlier backups are there. */
  private async prove(path: string): Promise<void> {
    const id = dataFileIdOf(path.slice(path.lastIndexOf("/") + 1)) ?? 0;
    const extents = await loadFooter(this.disk, path, id);
    if (extents === undefined) throw damaged(path, 0);
    const file = await this.disk.open(path, { readOnly: true });
    try {
      for (const extent of extents) {
        const bytes = new Uint8Array(extent.length);
        await file.read(bytes, extent.offset);
        if (!isSoundExtent(extent, bytes)) throw damaged(path, extent.offset);
      }
    } finally {
      await file.close();
    }
  }
}

function damaged(path: string, offset: number): S2Error {
  return storageError(
    `a data file is damaged: run verify, and restore the directory from an earlier backup file=${path} offset=${offset}`,
  );
}
