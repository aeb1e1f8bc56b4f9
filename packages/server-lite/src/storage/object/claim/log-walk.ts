// Walks the log of earlier epochs from a checkpoint to their ends, repeats every group and fences
// each epoch where it ends. What was acknowledged is found: an owner acknowledges a slot only when
// it and all before it are there, and after the fence no slot behind it is ever reached. A slot
// that is missing although a later object knows it as durable is damage, and nothing is put there.

import { alignUp, SECTOR_BYTES } from "../../log/group.js";
import type { GroupProof } from "../../log/group-proof.js";
import type { LogCursor, ScannedGroup } from "../../log/log-cursor.js";
import { proveRows } from "../../log/proven-group.js";
import { encodeLogFence, type LogObject } from "../format/log-object.js";
import { comparePlaces, type LogPlace, type ShardCheckpoint } from "../format/manifest-entry.js";
import { keyOf, type NumberedName } from "../format/names.js";
import { damaged } from "../format/sealed-object.js";
import type { Successor } from "./manifest-chain.js";
import type { ListedObject, ShardBucket } from "./shard-bucket.js";

/** Objects that are read ahead of the one that is repeated. */
const READ_AHEAD = 8;

export interface WalkRules {
  /** What a group must show before it is believed. */
  readonly proof: GroupProof;
  /** Ends an epoch at a slot where nothing is; says whether the slot has to be looked at again. */
  endLog(putFence: () => Promise<void>): Promise<"look again" | "ended">;
  /** Whether later objects are asked if they know a missing slot as durable. */
  findHole(find: () => Promise<boolean>): Promise<boolean>;
}

export const STRICT_WALK: Omit<WalkRules, "proof"> = {
  async endLog(putFence) {
    await putFence();
    return "look again";
  },
  findHole: (find) => find(),
};

export interface WalkOptions {
  readonly bucket: ShardBucket;
  readonly rules: WalkRules;
  readonly from: ShardCheckpoint;
  /** Walks the epochs below its own. */
  readonly successor: Successor;
  readonly onGroup: (group: ScannedGroup, place: LogPlace) => void | Promise<void>;
}

/** A log of which all earlier epochs are closed. */
export interface WalkedLog {
  /** Number of the next group, and position of its first commit. */
  readonly sequence: number;
  readonly position: number;
  /** Where the last group ends in its run of groups; see {@link LogCursor}. */
  readonly generation: number;
  /** Groups of each epoch that was walked: its fence lies at this slot, or above. */
  readonly slots: ReadonlyMap<number, number>;
}

/** A slot is missing, and is known to have been durable. */
export class MissingObjectError extends Error {
  readonly object: NumberedName;

  constructor(object: NumberedName) {
    super(`an object is missing in the bucket key=${keyOf(object)}`);
    this.name = "MissingObjectError";
    this.object = object;
  }
}

/**
 * @throws {MissingObjectError} when a slot is gone: a later owner collected it, or it was damaged
 * @throws {S2Error} `storage` when an object is damaged
 */
export async function walkLog(options: WalkOptions): Promise<WalkedLog> {
  const { from, successor } = options;
  const slots = new Map<number, number>();
  let cursor: LogCursor = {
    generation: 0,
    offset: 0,
    sequence: from.sequence,
    position: from.position,
    ownerEpoch: from.replay.epoch,
  };
  let { slot } = from.replay;
  for (let { epoch } = from.replay; epoch < successor.epoch; epoch++) {
    const reader = new EpochReader(options.bucket, epoch, await options.bucket.listLog(epoch));
    for (;;) {
      const object = await reader.read(slot);
      if (object === undefined) {
        if ((await endEpoch(options, { epoch, slot })) === "ended") break;
        continue;
      }
      if (object.kind === "fence") break;
      const name = options.bucket.logName(epoch, slot);
      const group = scan(name, object, cursor, options.rules.proof);
      cursor = group.next;
      await options.onGroup(group, { epoch, slot });
      slot++;
    }
    slots.set(epoch, slot);
    slot = 0;
  }
  const { sequence, position, generation } = cursor;
  return { sequence, position, generation, slots };
}

async function endEpoch(
  { bucket, rules, from, successor }: WalkOptions,
  place: LogPlace,
): Promise<"look again" | "ended"> {
  const name = bucket.logName(place.epoch, place.slot);
  // Its owner said that this was durable, or a later owner walked past the end of the epoch.
  const isKnown = comparePlaces(place, from.known) < 0;
  if (isKnown || (await rules.findHole(() => isDurableForLater(bucket, place)))) {
    // The owner may have put it meanwhile, and what was behind it after that.
    if ((await bucket.logObject(name)) !== undefined) return "look again";
    throw new MissingObjectError(name);
  }
  return rules.endLog(async () => {
    const { writer, epoch } = successor;
    await bucket.settle(name, encodeLogFence(name, writer, epoch, bucket.storeKey));
  });
}

/** Whether an object behind a slot was sealed when the slot was durable. */
async function isDurableForLater(bucket: ShardBucket, { epoch, slot }: LogPlace): Promise<boolean> {
  const behind = (await bucket.listLog(epoch)).filter(({ name }) => name.number > slot);
  for (const { name } of behind) {
    const head = await bucket.head(name);
    if (head?.kind === "group" && head.mark > slot) return true;
  }
  return false;
}

/** A group as the next one of the log. @throws {S2Error} `storage` when it is not */
function scan(
  name: NumberedName,
  { header, offset, group }: LogObject & { kind: "group" },
  cursor: LogCursor,
  proof: GroupProof,
): ScannedGroup {
  // Runs of groups follow each other: the offset goes on, or begins anew with a later run.
  const isFirst = cursor.generation === 0;
  const goesOn = header.generation === cursor.generation && offset === cursor.offset;
  const beginsAnew = header.generation > cursor.generation && offset === 0;
  if (!isFirst && !goesOn && !beginsAnew)
    throw damaged(name, `generation=${header.generation} offset=${offset}`);
  const { generation } = header;
  const misfit = proof.misfitOf(header, { ...cursor, generation, offset });
  if (misfit !== undefined) throw damaged(name, misfit);
  const rows = proveRows(aligned(group), header, offset, proof);
  if (typeof rows === "string") throw damaged(name, rows);
  const next: LogCursor = {
    generation,
    offset: offset + alignUp(header.length, SECTOR_BYTES),
    sequence: header.sequence + 1,
    position: header.position + header.commits,
    ownerEpoch: header.ownerEpoch,
  };
  return { header, offset, ...rows, rowCount: header.rows, next };
}

/** Rows are read as words, which memory has at multiples of four only. */
function aligned(group: Uint8Array): Uint8Array {
  return group.byteOffset % 4 === 0 ? group : Uint8Array.from(group);
}

/** Reads the slots of an epoch in order; those that a listing showed, ahead. */
class EpochReader {
  private readonly bucket: ShardBucket;
  private readonly epoch: number;
  private readonly listed: ReadonlySet<number>;
  private readonly reading = new Map<number, Promise<LogObject | undefined>>();

  constructor(bucket: ShardBucket, epoch: number, listed: readonly ListedObject[]) {
    this.bucket = bucket;
    this.epoch = epoch;
    this.listed = new Set(listed.map(({ name }) => name.number));
  }

  async read(slot: number): Promise<LogObject | undefined> {
    for (let ahead = slot; ahead < slot + READ_AHEAD && this.listed.has(ahead); ahead++)
      if (!this.reading.has(ahead)) this.reading.set(ahead, this.start(ahead));
    const reading = this.reading.get(slot);
    // What was read ahead is looked at once: a slot that was missing is asked for anew.
    if (reading === undefined) return this.start(slot);
    const object = await reading;
    this.reading.delete(slot);
    return object ?? this.start(slot);
  }

  private start(slot: number): Promise<LogObject | undefined> {
    const object = this.bucket.logObject(this.bucket.logName(this.epoch, slot));
    // A failure belongs to whoever takes the slot; a walk that ended before takes none.
    object.catch(() => undefined);
    return object;
  }
}
