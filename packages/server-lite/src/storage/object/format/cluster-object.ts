// What the store in a bucket is: written once, before anything else, by whoever comes first. Two
// stores under one prefix would take each other's objects for their own: the key of the store,
// from which all other heads are sealed, tells them apart. Pure.

import { isIncarnation, MAX_SHARDS } from "./names.js";
import { damaged, openObject, sealObject } from "./sealed-object.js";
import { decodeJson, encodeJson, fields, type Shape, text, wholeNumber } from "./strict-json.js";

export interface Cluster {
  /** 128 random bits, 32 hex digits. */
  readonly clusterId: string;
  /** Number of shards; never changes. */
  readonly shards: number;
  /** Seed of the checksums of heads and groups: 32 random bits. */
  readonly storeKey: number;
}

const NAME = { kind: "cluster" } as const;
/** Its own head cannot be sealed with a key that is inside. */
const NO_KEY = 0;

const shape: Shape<Cluster> = fields({
  clusterId: text(isIncarnation),
  shards: wholeNumber(1),
  storeKey: wholeNumber(0),
});

/** The parts of the object. */
export function encodeCluster(cluster: Cluster): Uint8Array[] {
  const { clusterId, shards, storeKey } = cluster;
  const writer = { incarnation: clusterId, nonce: clusterId };
  const body = [encodeJson({ clusterId, shards, storeKey })];
  return sealObject(NAME, { ...writer, kind: "cluster", body }, NO_KEY);
}

/** @throws {S2Error} `storage` when it is damaged, or a newer version wrote it */
export function decodeCluster(bytes: Uint8Array): Cluster {
  const { head, body } = openObject(NAME, bytes, NO_KEY);
  const cluster = decodeJson(body, shape);
  if (cluster === undefined || head.incarnation !== cluster.clusterId)
    throw damaged(NAME, "cluster");
  const { shards, storeKey } = cluster;
  if (shards > MAX_SHARDS || storeKey > 0xffff_ffff || head.nonce !== cluster.clusterId)
    throw damaged(NAME, "cluster");
  if (head.mark !== 0 || head.offset !== 0) throw damaged(NAME, "mark");
  return cluster;
}
