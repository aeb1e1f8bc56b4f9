// The bytes of a run of groups, for whoever moves all of its batches: from memory where they are
// still there, else from the bucket, a few objects at a time. Held in memory until the run is
// moved: at most as much as a run is large.

import type { TailCache } from "../../log/tail-cache.js";
import type { GroupRun, PlacedGroup } from "./log-objects.js";

/** Objects that are read at the same time. */
const MAX_READS = 4;

interface Part {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

export class RunBytes {
  private readonly parts: readonly Part[];
  private last = 0;

  private constructor(parts: readonly Part[]) {
    this.parts = parts;
  }

  /** @throws {S2Error} `storage` when an object is gone, or does not come */
  static async load(run: GroupRun, cache: TailCache): Promise<RunBytes> {
    const parts: Part[] = [];
    run.pins++;
    try {
      for (let at = 0; at < run.groups.length; at += MAX_READS) {
        const some = run.groups.slice(at, at + MAX_READS);
        parts.push(...(await Promise.all(some.map((group) => partOf(run, group, cache)))));
      }
    } finally {
      run.pins--;
    }
    return new RunBytes(parts);
  }

  /** The bytes from an offset on; undefined when no group holds them. */
  at(offset: number, length: number): Uint8Array | undefined {
    const part = this.partAt(offset);
    if (part === undefined) return undefined;
    const start = offset - part.offset;
    if (start < 0 || start + length > part.bytes.length) return undefined;
    return part.bytes.subarray(start, start + length);
  }

  /** Neighbours are asked for one after the other, mostly. */
  private partAt(offset: number): Part | undefined {
    const { parts } = this;
    const known = parts[this.last];
    if (known !== undefined && isIn(known, offset)) return known;
    let low = 0;
    let high = parts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((parts[middle] as Part).offset <= offset) low = middle + 1;
      else high = middle;
    }
    this.last = Math.max(low - 1, 0);
    return parts[low - 1];
  }
}

function isIn({ offset, bytes }: Part, at: number): boolean {
  return at >= offset && at < offset + bytes.length;
}

async function partOf(run: GroupRun, group: PlacedGroup, cache: TailCache): Promise<Part> {
  const { offset, length } = group;
  const cached = cache.find(run.generation, offset, length);
  if (cached !== undefined) return { offset, bytes: cached };
  const bytes = new Uint8Array(length);
  await run.read(bytes, offset);
  return { offset, bytes };
}
