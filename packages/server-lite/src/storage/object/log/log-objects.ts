// Where the groups of a log lie in the bucket, by the places that their rows name: a run of groups
// that follow each other, as a segment file is for the disk engine. Reads parts of them with range
// requests. Whether what comes back is what was written is proven by whoever has its checksum.

import { assert } from "@s2kit/core";
import { storageError } from "../../durability.js";
import type { LogCursor } from "../../log/log-cursor.js";
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
  /** Number in the log, and position of its first commit. */
  readonly sequence: number;
  readonly position: number;
}

/** A run of groups. It is read to the end by those who began, whatever was forgotten meanwhile. */
export class GroupRun {
  /** Reads under way, and planned: its objects stay meanwhile. */
  pins = 0;
  readonly generation: number;
  /** In order of their offsets. */
  readonly groups: PlacedGroup[] = [];
  bytes = 0;
  readonly file: { read(target: Uint8Array, offset: number): Promise<number> };
  private readonly bucket: ShardBucket;

  constructor(bucket: ShardBucket, generation: number) {
    this.bucket = bucket;
    this.generation = generation;
    this.file = {
      read: async (target, offset) => {
        await this.read(target, offset);
        return target.length;
      },
    };
  }

  add(group: PlacedGroup): void {
    const last = this.groups.at(-1);
    const isBehind = last === undefined || last.offset + last.length <= group.offset;
    assert(isBehind, "groups of a run follow each other");
    this.groups.push(group);
    this.bytes += group.length;
  }

  /** Where the run begins, as a place to go on from; undefined while it has no group. */
  get start(): LogCursor | undefined {
    const [first] = this.groups;
    if (first === undefined) return undefined;
    const { place, offset, sequence, position } = first;
    return { generation: this.generation, offset, sequence, position, ownerEpoch: place.epoch };
  }

  /**
   * Fills a target with a part of the run; what lies between groups stays as it is.
   *
   * @throws {S2Error} `storage` when an object is gone, or shorter than it was
   */
  async read(target: Uint8Array, offset: number): Promise<void> {
    const parts = this.overlapping(offset, target.length);
    await Promise.all(parts.map((group) => this.readPart(group, target, offset)));
  }

  /** For messages: the object that holds a byte of the run. */
  pathOf(offset: number): string | undefined {
    const [group] = this.overlapping(offset, 1);
    if (group === undefined) return undefined;
    return keyOf(this.bucket.logName(group.place.epoch, group.place.slot));
  }

  private async readPart(group: PlacedGroup, target: Uint8Array, offset: number): Promise<void> {
    const from = Math.max(group.offset, offset);
    const end = Math.min(group.offset + group.length, offset + target.length);
    const name = this.bucket.logName(group.place.epoch, group.place.slot);
    const range = { offset: HEAD_BYTES + from - group.offset, length: end - from };
    const bytes = await this.bucket.readPart(name, range);
    if (bytes === undefined || bytes.length !== range.length)
      throw storageError(
        `an object of the log is missing or cut: restore it from a copy, and look for lifecycle rules key=${keyOf(name)}`,
      );
    target.set(bytes, from - offset);
  }

  private overlapping(offset: number, length: number): PlacedGroup[] {
    const { groups } = this;
    let low = 0;
    let high = groups.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const group = groups[middle] as PlacedGroup;
      if (group.offset + group.length <= offset) low = middle + 1;
      else high = middle;
    }
    const found: PlacedGroup[] = [];
    for (let at = low; at < groups.length; at++) {
      const group = groups[at] as PlacedGroup;
      if (group.offset >= offset + length) break;
      found.push(group);
    }
    return found;
  }
}

export class LogObjects {
  /** Of all groups that are known: what a successor would have to repeat. */
  bytes = 0;
  slots = 0;
  private readonly bucket: ShardBucket;
  /** By generation, oldest first. */
  private readonly runs = new Map<number, GroupRun>();
  /** Forgotten, and still read by somebody. */
  private readonly leaving = new Set<GroupRun>();

  constructor(bucket: ShardBucket) {
    this.bucket = bucket;
  }

  /** A run, to be read; undefined when there is none. */
  segment(generation: number): GroupRun | undefined {
    return this.runs.get(generation);
  }

  /** Takes note of the next group of a run. */
  note(generation: number, group: PlacedGroup): void {
    const run = this.runs.get(generation) ?? new GroupRun(this.bucket, generation);
    this.runs.set(generation, run);
    run.add(group);
    this.bytes += group.length;
    this.slots++;
  }

  /** Forgets a run: its records are elsewhere. */
  forget(generation: number): void {
    const run = this.runs.get(generation);
    if (run === undefined) return;
    this.runs.delete(generation);
    this.bytes -= run.bytes;
    this.slots -= run.groups.length;
    if (run.pins > 0) this.leaving.add(run);
  }

  /** The first group of all that are known; undefined when none is. */
  get lowest(): PlacedGroup | undefined {
    return lowestOf(this.runs.values());
  }

  /** The first group that somebody still reads of what was forgotten. */
  get lowestRead(): PlacedGroup | undefined {
    for (const run of this.leaving) if (run.pins === 0) this.leaving.delete(run);
    return lowestOf(this.leaving);
  }

  /** For messages: the object that holds a byte of a run. */
  pathOf(generation: number, offset = 0): string {
    return this.runs.get(generation)?.pathOf(offset) ?? `generation=${generation}`;
  }
}

function lowestOf(runs: Iterable<GroupRun>): PlacedGroup | undefined {
  let lowest: PlacedGroup | undefined;
  for (const { groups } of runs) {
    const [first] = groups;
    if (
      first !== undefined &&
      (lowest === undefined || comparePlaces(first.place, lowest.place) < 0)
    )
      lowest = first;
  }
  return lowest;
}
