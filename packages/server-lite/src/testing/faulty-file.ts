// A file of a disk that lies, as the life that opened it sees it: what of it is safe is told to
// the medium, what may happen to its calls comes from the crash points.

import type { DiskFile } from "../storage/disk/medium/disk.js";
import type { CrashPoints } from "./crash-points.js";
import { changeFile, type Inode, settle, settleWrite, systemError } from "./faulty-medium.js";

export interface FaultyFileOptions {
  /** Which part of a store it belongs to: for labels. */
  readonly room: string;
  /** Each write is safe when it is done. */
  readonly isDurable: boolean;
  readonly points: CrashPoints;
  /** Throws ENOSPC when the disk has no room for a file of this length. */
  readonly requireSpace: (end: number) => void;
}

export function openFaultyFile(inode: Inode, options: FaultyFileOptions): DiskFile {
  const { room, isDurable, points, requireSpace } = options;
  const { life } = points;
  let isClosed = false;
  const requireOpen = (): void => {
    points.requireLife(life);
    // A real descriptor may belong to another file by then: worse than an error.
    if (isClosed) throw systemError("EBADF", `use of a closed ${room}`);
  };
  return {
    read: async (target, at) => {
      requireOpen();
      await points.point(`read ${room}`);
      requireOpen();
      const bytes = inode.current.subarray(at, at + target.length);
      target.set(bytes);
      return bytes.length;
    },
    write: async (bytes, at) => {
      requireOpen();
      // A crash at the first point is before the write, at the second within it.
      points.pointSync(`write ${room}`);
      const taken = points.cutByFault(bytes, room);
      requireSpace(at + taken.length);
      const write = changeFile(inode, at, taken);
      await points.point(`writing ${room}`);
      if (isDurable) settleWrite(inode, write);
    },
    writeSync: (bytes, at) => {
      requireOpen();
      points.pointSync(`write ${room}`);
      requireSpace(at + bytes.length);
      const write = changeFile(inode, at, bytes);
      points.pointSync(`writing ${room}`);
      if (isDurable) settleWrite(inode, write);
    },
    sync: async () => {
      requireOpen();
      await points.point(`sync ${room}`);
      settle(inode);
    },
    size: async () => {
      requireOpen();
      return inode.current.length;
    },
    truncate: async (size) => {
      requireOpen();
      await points.point(`truncate ${room}`);
      changeFile(inode, size);
    },
    close: async () => {
      requireOpen();
      isClosed = true;
      if (points.isPunctual) points.pointSync(`close ${room}`);
      else await points.point(`close ${room}`);
    },
  };
}
