// The lease of a process, and where it can be reached. The one kind of object that is overwritten,
// and only by the process whose incarnation its key names. Pure.

import { MAX_SHARDS, type ObjectName } from "./names.js";
import { damaged, openObject, sealObject, type Writer } from "./sealed-object.js";
import {
  decodeJson,
  encodeJson,
  fields,
  listOf,
  type Shape,
  text,
  wholeNumber,
} from "./strict-json.js";

export interface Lease {
  readonly node: string;
  readonly incarnation: string;
  /** Counts renewals: a change of it is the sign of life. */
  readonly seq: number;
  /** Where other nodes reach it; empty when they need not. */
  readonly url: string;
  /** A draining node takes no shard and gives its own away. */
  readonly state: "up" | "draining";
  /** Shards that it serves, rising. */
  readonly shards: readonly number[];
}

const MAX_URL_LENGTH = 1024;

interface LeaseBody {
  readonly url: string;
  readonly state: Lease["state"];
  readonly shards: readonly number[];
}

const shape: Shape<LeaseBody> = fields({
  url: text((url) => url.length <= MAX_URL_LENGTH),
  state: (value) => (value === "up" || value === "draining" ? value : undefined),
  shards: listOf(wholeNumber(0), MAX_SHARDS),
});

export type LeaseName = ObjectName & { readonly kind: "lease" };

export function leaseName({ node, incarnation }: Pick<Lease, "node" | "incarnation">): LeaseName {
  return { kind: "lease", node, incarnation };
}

/** The parts of a lease's object. */
export function encodeLease(lease: Lease, storeKey: number): Uint8Array[] {
  const { incarnation, seq, url, state, shards } = lease;
  const body = [encodeJson({ url, state, shards })];
  // It is no part of a claim: the incarnation stands for the nonce too.
  const writer: Writer = { incarnation, nonce: incarnation };
  return sealObject(leaseName(lease), { ...writer, kind: "lease", mark: seq, body }, storeKey);
}

/** @throws {S2Error} `storage` when the object is not a lease that fits under this key */
export function decodeLease(name: LeaseName, bytes: Uint8Array, storeKey: number): Lease {
  const { head, body } = openObject(name, bytes, storeKey);
  const found = decodeJson(body, shape);
  const isOwn = head.incarnation === name.incarnation && head.nonce === name.incarnation;
  if (found === undefined || !isOwn || head.offset !== 0) throw damaged(name, "lease");
  if (found.shards.some((shard, at) => at > 0 && shard <= (found.shards[at - 1] as number)))
    throw damaged(name, "shards");
  return { node: name.node, incarnation: name.incarnation, seq: head.mark, ...found };
}
