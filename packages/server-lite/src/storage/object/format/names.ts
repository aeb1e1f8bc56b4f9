// Every key of the bucket: written and read back here and nowhere else. A key that is not written
// exactly so is none of ours. The epoch is in the key: what an old owner sends late lands where
// nobody looks any more, instead of on a number that somebody uses again. Pure.
//
//      cluster                               written once: what the store is
//      nodes/<node>.<incarnation>            the lease of a process
//      s/<shard>/manifest/<epoch>/<n>        0 the claim, 1 open, then checkpoints; a fence at the end
//      s/<shard>/log/<epoch>/<slot>          one group of the log; a fence at the end
//      s/<shard>/state/<epoch>-<n>.run       sorted changes of the state
//      s/<shard>/data/<epoch>-<n>.seg        extents

import { assert } from "@s2kit/core";

export type ObjectName =
  | { readonly kind: "cluster" }
  | { readonly kind: "lease"; readonly node: string; readonly incarnation: string }
  | NumberedName;

/** An object of a shard. Its number is of its epoch and kind, and is never used again. */
export interface NumberedName {
  readonly kind: "manifest" | "log" | "run" | "data";
  readonly shard: number;
  readonly epoch: number;
  /** Of a log object: the slot. */
  readonly number: number;
}

export const NODES_PREFIX = "nodes/";
export const CLUSTER_KEY = "cluster";
/** Of all shards. */
export const SHARDS_PREFIX = "s/";

const SHARD_DIGITS = 2;
const EPOCH_DIGITS = 10;
const NUMBER_DIGITS = 8;
const SLOT_DIGITS = 12;
/** Shards of a store at most. */
export const MAX_SHARDS: number = 10 ** SHARD_DIGITS;

/** Letters, digits and single hyphens: what host names and pod names are made of. */
const NODE = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const INCARNATION = /^[0-9a-f]{32}$/;
const LEASE = /^nodes\/([^.]*)\.([^.]*)$/;
const MANIFEST = /^s\/(\d{2})\/manifest\/(\d{10})\/(\d{8})$/;
const LOG = /^s\/(\d{2})\/log\/(\d{10})\/(\d{12})$/;
const RUN = /^s\/(\d{2})\/state\/(\d{10})-(\d{8})\.run$/;
const DATA = /^s\/(\d{2})\/data\/(\d{10})-(\d{8})\.seg$/;

const NUMBERED: readonly (readonly [NumberedName["kind"], RegExp])[] = [
  ["manifest", MANIFEST],
  ["log", LOG],
  ["run", RUN],
  ["data", DATA],
];

/** @throws {InvariantError} when a part of the name has no place in a key */
export function keyOf(name: ObjectName): string {
  switch (name.kind) {
    case "cluster":
      return CLUSTER_KEY;
    case "lease":
      assert(isNodeName(name.node), "a node has a name that fits into a key");
      assert(INCARNATION.test(name.incarnation), "an incarnation is 32 digits in hex");
      return `${NODES_PREFIX}${name.node}.${name.incarnation}`;
    case "manifest":
      return `${manifestPrefix(name.shard, name.epoch)}${digits(name.number, NUMBER_DIGITS)}`;
    case "log":
      return `${logPrefix(name.shard, name.epoch)}${digits(name.number, SLOT_DIGITS)}`;
    case "run":
      return `${statePrefix(name.shard)}${epochAndNumber(name)}.run`;
    case "data":
      return `${dataPrefix(name.shard)}${epochAndNumber(name)}.seg`;
  }
}

/** The name that a key stands for; undefined when it is none of ours. */
export function nameOf(key: string): ObjectName | undefined {
  if (key === CLUSTER_KEY) return { kind: "cluster" };
  const lease = LEASE.exec(key);
  if (lease !== null) {
    const [, node = "", incarnation = ""] = lease;
    if (!isNodeName(node) || !INCARNATION.test(incarnation)) return undefined;
    return { kind: "lease", node, incarnation };
  }
  for (const [kind, pattern] of NUMBERED) {
    const match = pattern.exec(key);
    if (match === null) continue;
    const [, shard, epoch, number] = match.map(Number) as [number, number, number, number];
    return { kind, shard, epoch, number };
  }
  return undefined;
}

/** Whether a node of this name can have a lease. */
export function isNodeName(node: string): boolean {
  return NODE.test(node);
}

export function isIncarnation(text: string): boolean {
  return INCARNATION.test(text);
}

/** Of a shard's manifest, or of one epoch of it. */
export function manifestPrefix(shard: number, epoch?: number): string {
  return `${shardPrefix(shard)}manifest/${epoch === undefined ? "" : `${digits(epoch, EPOCH_DIGITS)}/`}`;
}

/** Of a shard's log, or of one epoch of it. */
export function logPrefix(shard: number, epoch?: number): string {
  return `${shardPrefix(shard)}log/${epoch === undefined ? "" : `${digits(epoch, EPOCH_DIGITS)}/`}`;
}

export function statePrefix(shard: number): string {
  return `${shardPrefix(shard)}state/`;
}

export function dataPrefix(shard: number): string {
  return `${shardPrefix(shard)}data/`;
}

export function shardPrefix(shard: number): string {
  return `${SHARDS_PREFIX}${digits(shard, SHARD_DIGITS)}/`;
}

function epochAndNumber({ epoch, number }: NumberedName): string {
  return `${digits(epoch, EPOCH_DIGITS)}-${digits(number, NUMBER_DIGITS)}`;
}

function digits(value: number, width: number): string {
  assert(Number.isSafeInteger(value) && value >= 0 && value < 10 ** width, "a number fits its key");
  return String(value).padStart(width, "0");
}
