// Rules that basins and streams share when they are created: the idempotency key of a create call,
// and the outcomes. Pure but for the hash. Spec: control-plane#create, control-plane#ensure.

import { createHash } from "node:crypto";
import type { ProvisionResult } from "@s2kit/core/control";

/** What a create or ensure did, and the resource as it is now. */
export interface Provisioned<T> {
  readonly result: ProvisionResult;
  readonly value: T;
}

/**
 * Identifies a create call by its token and what it asked for, whatever the text of its JSON was.
 *
 * @param canonical - the decoded request in canonical JSON form
 */
export function requestKeyOf(token: string | undefined, canonical: unknown): string | undefined {
  if (token === undefined) return undefined;
  return createHash("sha256")
    .update(`${Buffer.byteLength(token)}:${token}`)
    .update(JSON.stringify(canonical))
    .digest("base64url");
}
