// An entry of a shard's manifest. Each epoch has a chain of them: the claim, then `open`, then a
// checkpoint for each number, at last either `released` or the fence of a successor, or both.
// Open, checkpoint and released carry where the state is and from where the log has to be repeated.
// Pure.

import { isNodeName, type NumberedName } from "./names.js";
import type { Writer } from "./sealed-object.js";
import { damaged, type ObjectHead, openObject, sealObject } from "./sealed-object.js";
import {
  decodeJson,
  encodeJson,
  fields,
  listOf,
  type Shape,
  text,
  wholeNumber,
} from "./strict-json.js";

/** A place in the log of a shard. */
export interface LogPlace {
  readonly epoch: number;
  readonly slot: number;
}

/** A run of the state, by what its key counts. */
export interface RunName {
  readonly epoch: number;
  readonly number: number;
}

/** Where the state of a shard is, and where the log goes on from it. */
export interface ShardCheckpoint {
  /** The first group that anybody still needs. */
  readonly replay: LogPlace;
  /** Number of that group in the log: dense from 1, over all epochs. */
  readonly sequence: number;
  /** Position of its first commit. */
  readonly position: number;
  /** Base first, then what changed, in order. */
  readonly runs: readonly RunName[];
  /** Slots below are known to have been durable: a log that ends before is damaged. */
  readonly known: LogPlace;
}

/** A process that may own a shard. */
export interface Owner {
  readonly node: string;
  readonly incarnation: string;
}

export type ManifestEntry =
  | { readonly kind: "claim"; readonly owner: Owner; readonly writer: Writer }
  | CarryingEntry
  /** Nothing follows: the owner of `successor` closed the chain. */
  | { readonly kind: "fence"; readonly successor: number; readonly writer: Writer };

/** An entry that carries a checkpoint. */
export interface CarryingEntry {
  readonly kind: "open" | "checkpoint" | "released";
  readonly owner: Owner;
  readonly checkpoint: ShardCheckpoint;
  readonly writer: Writer;
}

/** Runs of a state at most; the engine merges long before. */
const MAX_RUNS = 1024;

const place: Shape<LogPlace> = fields({ epoch: wholeNumber(1), slot: wholeNumber(0) });
const run: Shape<RunName> = fields({ epoch: wholeNumber(1), number: wholeNumber(0) });
const checkpointShape: Shape<ShardCheckpoint> = fields({
  replay: place,
  sequence: wholeNumber(1),
  position: wholeNumber(1),
  runs: listOf(run, MAX_RUNS),
  known: place,
});

interface ClaimBody {
  readonly node: string;
}
interface CarryingBody extends ClaimBody {
  readonly checkpoint: ShardCheckpoint;
}

const claimShape: Shape<ClaimBody> = fields({ node: text(isNodeName) });
const carryingShape: Shape<CarryingBody> = fields({
  node: text(isNodeName),
  checkpoint: checkpointShape,
});

/** The parts of an entry's object. */
export function encodeEntry(
  name: NumberedName,
  entry: ManifestEntry,
  storeKey: number,
): Uint8Array[] {
  const { writer } = entry;
  if (entry.kind === "fence") {
    const fence = { ...writer, kind: "manifest-fence", mark: entry.successor, body: [] } as const;
    return sealObject(name, fence, storeKey);
  }
  const { node } = entry.owner;
  const body =
    entry.kind === "claim"
      ? encodeJson(claimShape({ node }))
      : encodeJson(carryingShape({ node, checkpoint: entry.checkpoint }));
  return sealObject(name, { ...writer, kind: entry.kind, body: [body] }, storeKey);
}

/** @throws {S2Error} `storage` when the object is not an entry that fits under this key */
export function decodeEntry(
  name: NumberedName,
  bytes: Uint8Array,
  storeKey: number,
): ManifestEntry {
  const { head, body } = openObject(name, bytes, storeKey);
  const writer = { incarnation: head.incarnation, nonce: head.nonce };
  if (head.offset !== 0 || (head.kind !== "manifest-fence" && head.mark !== 0))
    throw damaged(name, "mark");
  const { kind } = head;
  if (kind === "manifest-fence") {
    requirePlace(name, head, name.number > 0 && head.mark > name.epoch && body.length === 0);
    return { kind: "fence", successor: head.mark, writer };
  }
  if (kind === "claim") {
    const claim = decodeJson(body, claimShape);
    requirePlace(name, head, claim !== undefined && name.number === 0);
    return { kind, owner: ownerOf(claim as ClaimBody, head), writer };
  }
  if (kind !== "open" && kind !== "checkpoint" && kind !== "released")
    throw damaged(name, `kind=${kind}`);
  const found = decodeJson(body, carryingShape);
  const isInPlace = kind === "open" ? name.number === 1 : name.number > 1;
  requirePlace(name, head, found !== undefined && isInPlace);
  const { checkpoint } = found as CarryingBody;
  return { kind, owner: ownerOf(found as CarryingBody, head), checkpoint, writer };
}

/** Whether an entry carries a checkpoint. */
export function isCarrying(entry: ManifestEntry): entry is CarryingEntry {
  return entry.kind !== "claim" && entry.kind !== "fence";
}

/** The order of places in the log. */
export function comparePlaces(a: LogPlace, b: LogPlace): number {
  return a.epoch - b.epoch || a.slot - b.slot;
}

/** How a process is named among all: as its lease is. */
export function ownerText({ node, incarnation }: Owner): string {
  return `${node}.${incarnation}`;
}

function ownerOf({ node }: ClaimBody, { incarnation }: ObjectHead): Owner {
  return { node, incarnation };
}

function requirePlace(name: NumberedName, head: ObjectHead, holds: boolean): void {
  if (!holds) throw damaged(name, `a ${head.kind} that does not fit`);
}
