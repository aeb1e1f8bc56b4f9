// The state of a simulated shard: which record lies at which position, and which data objects hold
// them. Restored from the bucket by a claim, as an engine restores its own.

import { MissingObjectError } from "../../../../../src/storage/object/claim/log-walk.js";
import type { ShardBucket } from "../../../../../src/storage/object/claim/shard-bucket.js";
import type { ShardCheckpoint } from "../../../../../src/storage/object/format/manifest-entry.js";
import type { NumberedName } from "../../../../../src/storage/object/format/names.js";
import {
  openObject,
  sealObject,
  type Writer,
} from "../../../../../src/storage/object/format/sealed-object.js";
import type { Segment, SmallGroup } from "./small-group.js";

export class ShardState {
  readonly records: string[] = [];
  segments: Segment[] = [];
  /** Data objects that the state no longer names, and no confirmed checkpoint has told of. */
  dropped: NumberedName[] = [];
  private readonly bucket: ShardBucket;
  private readonly loaded = new Set<string>();

  constructor(bucket: ShardBucket) {
    this.bucket = bucket;
  }

  get covered(): number {
    return this.segments.at(-1)?.to ?? 0;
  }

  nameOf({ epoch, number }: Segment): NumberedName {
    return { kind: "data", shard: this.bucket.shard, epoch, number };
  }

  runName(epoch: number, number: number): NumberedName {
    return { kind: "run", shard: this.bucket.shard, epoch, number };
  }

  /** @throws {MissingObjectError} when a run or a data object is gone */
  async load({ runs }: ShardCheckpoint): Promise<void> {
    for (const { epoch, number } of runs)
      this.segments = await this.fetch<Segment[]>(this.runName(epoch, number));
    for (const segment of this.segments) await this.loadSegment(segment);
  }

  /** Whatever a switch brought in while the log was repeated is there too. */
  async check(): Promise<void> {
    for (const segment of this.segments)
      if (!this.loaded.has(idOf(segment))) await this.loadSegment(segment);
  }

  repeat({ records, position, moved }: SmallGroup): void {
    for (const [at, record] of records.entries()) this.records[position + at] = record;
    if (moved !== undefined) this.move(moved);
  }

  /** A switch: from now on these records are in that object. */
  move(moved: Segment): void {
    const { segments } = this;
    if (segments.some((segment) => idOf(segment) === idOf(moved))) return;
    const isInside = ({ from, to }: Segment): boolean => from >= moved.from && to <= moved.to;
    // Repeated over a state that is ahead: it was replaced meanwhile.
    if (segments.some(({ from, to }) => from <= moved.from && to > moved.to)) return;
    for (const segment of segments.filter(isInside)) this.dropped.push(this.nameOf(segment));
    const kept = segments.filter((segment) => !isInside(segment));
    this.segments = [...kept, moved].sort((a, b) => a.from - b.from);
  }

  /** Uploads a run or a data object. */
  async upload(name: NumberedName, writer: Writer, content: unknown): Promise<boolean> {
    const body = [Buffer.from(JSON.stringify(content), "utf8")];
    const kind = name.kind === "run" ? "run" : "data";
    const parts = sealObject(name, { ...writer, kind, body }, this.bucket.storeKey);
    return (await this.bucket.settle(name, parts)).kind === "mine";
  }

  private async loadSegment(segment: Segment): Promise<void> {
    const records = await this.fetch<string[]>(this.nameOf(segment));
    for (const [at, record] of records.entries()) this.records[segment.from + at] = record;
    this.loaded.add(idOf(segment));
  }

  private async fetch<T>(name: NumberedName): Promise<T> {
    const bytes = await this.bucket.get(name);
    if (bytes === undefined) throw new MissingObjectError(name);
    const { body } = openObject(name, bytes, this.bucket.storeKey);
    return JSON.parse(Buffer.from(body).toString("utf8")) as T;
  }
}

function idOf({ epoch, number }: Segment): string {
  return `${epoch}-${number}`;
}
