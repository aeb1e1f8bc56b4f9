// The secrets of access tokens: how one is made, and the hash that is all that is kept of it.
// Called by `access-tokens`; a secret never leaves it but as the answer to who issued it.

import { createHash, timingSafeEqual } from "node:crypto";
import type { Random } from "@s2kit/core";

const SECRET_BYTES = 32;
/** Tells people and secret scanners what a string is. */
const SECRET_PREFIX = "s2kit_";

export function newSecret(random: Random): string {
  const bytes = random.bytes(SECRET_BYTES);
  return SECRET_PREFIX + Buffer.from(bytes).toString("base64url");
}

/** Secrets have 256 bits of chance, so one round of a fast hash keeps them. */
export function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("base64url");
}

export function isSameHash(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
