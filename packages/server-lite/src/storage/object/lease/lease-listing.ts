// A look at the leases of all nodes: a listing, and each lease that it shows. One that is removed
// or overwritten meanwhile is seen as it is when it is read, which is never older than the look.

import type { ShardBucket } from "../claim/shard-bucket.js";
import { decodeLease, type Lease } from "../format/lease-object.js";
import { ownerText } from "../format/manifest-entry.js";
import { NODES_PREFIX, nameOf } from "../format/names.js";

/** All leases, by the process that holds them. @throws {S2Error} `storage` when one is damaged */
export async function listLeases(
  bucket: Pick<ShardBucket, "store" | "storeKey" | "patience">,
): Promise<Map<string, Lease>> {
  const { store, storeKey, patience } = bucket;
  const names: { kind: "lease"; node: string; incarnation: string }[] = [];
  let cursor: string | undefined;
  do {
    const at = cursor;
    const page = await patience.untilAnswered(`list ${NODES_PREFIX}`, (signal) =>
      store.list(NODES_PREFIX, at, signal),
    );
    for (const { key } of page.entries) {
      const name = nameOf(key);
      if (name?.kind === "lease") names.push(name);
    }
    cursor = page.cursor;
  } while (cursor !== undefined);
  const found = new Map<string, Lease>();
  await Promise.all(
    names.map(async (name) => {
      const key = `${NODES_PREFIX}${ownerText(name)}`;
      const bytes = await patience.untilAnswered(`get ${key}`, (signal) =>
        store.get(key, undefined, signal),
      );
      if (bytes !== undefined) found.set(ownerText(name), decodeLease(name, bytes, storeKey));
    }),
  );
  return found;
}

/** Which renewal each lease showed. */
export function seqsOf(leases: ReadonlyMap<string, Lease>): Map<string, number> {
  return new Map([...leases].map(([holder, { seq }]) => [holder, seq]));
}
