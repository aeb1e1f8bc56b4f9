// The data objects of a shard, by the numbers that extents name: read in parts, put whole. Whether
// an extent counts is known by `object-extents`, what goes into an object by who moves data.

import { assert } from "@s2kit/core";
import { storageError } from "../../durability.js";
import { misfitOfExtent } from "../../extents/extent-proof.js";
import type { Extent } from "../../log/extent.js";
import { MissingObjectError } from "../claim/log-walk.js";
import type { ShardBucket } from "../claim/shard-bucket.js";
import { dataNameOf, fileIdOf } from "../format/data-name.js";
import { decodeFooter, footerPlaceOf } from "../format/data-object.js";
import { dataPrefix, keyOf, type NumberedName } from "../format/names.js";
import { damaged, HEAD_BYTES, type Writer } from "../format/sealed-object.js";
import type { DataObjectDraft } from "./data-object-draft.js";

export class DataObjects {
  private readonly bucket: ShardBucket;
  private owner: { readonly epoch: number; readonly writer: Writer } | undefined;
  private number = 0;

  constructor(bucket: ShardBucket) {
    this.bucket = bucket;
  }

  /** The shard is ours: what is written from now on carries these. */
  own(epoch: number, writer: Writer): void {
    assert(this.owner === undefined, "data objects have one owner");
    this.owner = { epoch, writer };
  }

  /** @throws {S2Error} `storage` when no object can have this number */
  nameOf(fileId: number): NumberedName {
    const name = dataNameOf(this.bucket.shard, fileId);
    if (name === undefined)
      throw storageError(`the state names a data object that cannot be: run verify file=${fileId}`);
    return name;
  }

  pathOf(fileId: number): string {
    return keyOf(this.nameOf(fileId));
  }

  /** The number of a new object: each is used once, also when nothing came of it. */
  takeFileId(): number {
    assert(this.owner !== undefined, "an owner writes data objects");
    return fileIdOf(this.owner.epoch, this.number++);
  }

  /**
   * Puts an object.
   *
   * @param limitMs - the time it has
   * @returns its bytes in the bucket
   * @throws {S2Error} `storage` when the outcome stays unknown
   */
  async put(draft: DataObjectDraft, limitMs: number): Promise<number> {
    const { bucket, owner } = this;
    assert(owner !== undefined, "an owner writes data objects");
    const name = this.nameOf(draft.fileId);
    const parts = draft.seal(name, owner.writer, bucket.storeKey);
    const settled = await bucket.settle(name, parts, limitMs);
    if (settled.kind !== "mine")
      throw storageError(
        `another process writes data of this shard as we do: stop one of them key=${keyOf(name)}`,
      );
    return parts.reduce((sum, { length }) => sum + length, 0);
  }

  /**
   * The entries of an object.
   *
   * @param isPatient - waits for the bucket as long as it takes, as a claim does. Default: true
   * @throws {MissingObjectError} when it is gone
   * @throws {S2Error} `storage` when it is damaged, or does not come
   */
  async footer(fileId: number, isPatient = true): Promise<readonly Extent[]> {
    const { bucket } = this;
    const name = this.nameOf(fileId);
    const read = (offset: number, length: number): Promise<Uint8Array | undefined> =>
      isPatient ? bucket.get(name, length, offset) : bucket.readPart(name, { offset, length });
    const head = await read(0, HEAD_BYTES);
    if (head === undefined) throw new MissingObjectError(name);
    const place = footerPlaceOf(name, head, bucket.storeKey);
    const bytes = await read(place.offset, place.length);
    if (bytes === undefined) throw new MissingObjectError(name);
    return decodeFooter(name, place, bytes);
  }

  /**
   * The bytes of an extent, proven.
   *
   * @throws {S2Error} `storage` when they are gone, damaged, or do not come
   */
  async extent(extent: Extent): Promise<Uint8Array> {
    const name = this.nameOf(extent.fileId);
    const { offset, length } = extent;
    const bytes = await this.bucket.readPart(name, { offset, length });
    if (bytes === undefined)
      throw storageError(
        `a data object is missing: restore it from a copy, and look for lifecycle rules key=${keyOf(name)}`,
      );
    const misfit = misfitOfExtent(extent, bytes);
    if (misfit !== undefined) throw damaged(name, `extent offset=${offset} ${misfit}`);
    return bytes;
  }

  /** @throws {MissingObjectError} when one of these is not in the bucket */
  async requireAll(fileIds: Iterable<number>): Promise<void> {
    const wanted = new Map<string, NumberedName>();
    for (const fileId of fileIds) wanted.set(this.pathOf(fileId), this.nameOf(fileId));
    if (wanted.size === 0) return;
    for (const { name } of await this.bucket.list(dataPrefix(this.bucket.shard)))
      wanted.delete(keyOf(name));
    for (const name of wanted.values()) throw new MissingObjectError(name);
  }
}
