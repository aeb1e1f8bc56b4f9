// Where the groups of a log lie in the bucket, by the places that their rows name: a run of groups
// that follow each other, as a segment file is for the disk engine. Reads parts of them with range
// requests. Whether what comes back is what was written is proven by whoever has its checksum.

import { assert } from "@s2kit/core";
import { storageError } from "../../durability.js";
import type { ShardBucket } from "../claim/shard-bucket.js";
import { comparePlaces, type LogPlace } from "../format/manifest-entry.js";
import { keyOf } from "../format/names.js";
import { HEAD_BYTES } from "../format/sealed-object.js";

/** A group, as the log was told of it. */
export interface PlacedGroup {
  readonly place: LogPlace;
  /** Offset in its run of groups, and its length. */
  readonly offset: number;
  readonly length: number;
}

/** A run of groups as readers of a log know it. */
interface GroupRun {
  pins: number;
  readonly file: { read(target: Uint8Array, offset: number): Promise<number> };
}

export class LogObjects {
  private readonly bucket: ShardBucket;
  private readonly runs = new Map<number, GroupRun>();
  /** By run of groups, in order of their offsets. */
  private readonly groups = new Map<number, PlacedGroup[]>();

  constructor(bucket: ShardBucket) {
    this.bucket = bucket;
  }

  /** A run, to be read; undefined when there is none. */
  segment(generation: number): GroupRun | undefined {
    if (!this.groups.has(generation)) return undefined;
    const run = this.runs.get(generation) ?? {
      pins: 0,
      file: {
        read: async (target, offset) => {
          await this.read(generation, target, offset);
          return target.length;
        },
      },
    };
    this.runs.set(generation, run);
    return run;
  }

  /** Takes note of the next group of a run. */
  note(generation: number, group: PlacedGroup): void {
    const known = this.groups.get(generation);
    if (known === undefined) {
      this.groups.set(generation, [group]);
      return;
    }
    const last = known.at(-1);
    const isBehind = last === undefined || last.offset + last.length <= group.offset;
    assert(isBehind, "groups of a run follow each other");
    known.push(group);
  }

  /** The first group of a run that is still known: nothing below is needed for it. */
  firstPlace(generation: number): LogPlace | undefined {
    return this.groups.get(generation)?.[0]?.place;
  }

  /** Forgets a run: its records are elsewhere. */
  forget(generation: number): void {
    this.groups.delete(generation);
    this.runs.delete(generation);
  }

  /** The first place of all that are known; undefined when none is. */
  get lowest(): LogPlace | undefined {
    let lowest: LogPlace | undefined;
    for (const [first] of this.groups.values())
      if (first !== undefined && (lowest === undefined || comparePlaces(first.place, lowest) < 0))
        lowest = first.place;
    return lowest;
  }

  /** For messages: the object that holds a byte of a run. */
  pathOf(generation: number, offset = 0): string {
    const [group] = this.overlapping(generation, offset, 1);
    if (group === undefined) return `generation=${generation}`;
    return keyOf(this.bucket.logName(group.place.epoch, group.place.slot));
  }

  /**
   * Fills a target with a part of a run; what lies between groups stays as it is.
   *
   * @throws {S2Error} `storage` when an object is gone, or shorter than it was
   */
  async read(generation: number, target: Uint8Array, offset: number): Promise<void> {
    const parts = this.overlapping(generation, offset, target.length);
    await Promise.all(parts.map((group) => this.readPart(group, target, offset)));
  }

  private async readPart(group: PlacedGroup, target: Uint8Array, offset: number): Promise<void> {
    const { bucket } = this;
    const from = Math.max(group.offset, offset);
    const end = Math.min(group.offset + group.length, offset + target.length);
    const name = bucket.logName(group.place.epoch, group.place.slot);
    const length = end - from;
    const bytes = await bucket.get(name, length, HEAD_BYTES + from - group.offset);
    if (bytes === undefined || bytes.length !== length)
      throw storageError(
        `an object of the log is missing or cut: restore it from a copy, and look for lifecycle rules key=${keyOf(name)}`,
      );
    target.set(bytes, from - offset);
  }

  private overlapping(generation: number, offset: number, length: number): PlacedGroup[] {
    const known = this.groups.get(generation) ?? [];
    let low = 0;
    let high = known.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const group = known[middle] as PlacedGroup;
      if (group.offset + group.length <= offset) low = middle + 1;
      else high = middle;
    }
    const found: PlacedGroup[] = [];
    for (let at = low; at < known.length; at++) {
      const group = known[at] as PlacedGroup;
      if (group.offset >= offset + length) break;
      found.push(group);
    }
    return found;
  }
}
