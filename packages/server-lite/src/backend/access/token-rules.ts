// Small rules about access tokens that need no store: when one is over, what lists show of it,
// which scopes cannot be. Spec: control-plane#issue.

import { S2Error, streamPrefixRule } from "@s2kit/core";
import type { AccessTokenInfo, AccessTokenScope } from "@s2kit/core/control";
import { ACCESS_TOKEN, type AccessTokenRecord } from "../catalog/keys/access-token.js";
import type { AccountChange } from "../catalog/keys/account-change.js";
import { TOKEN_HASH } from "../catalog/keys/token-hash.js";
import { invalid } from "../invalid.js";

/** A token is over from its nanosecond on. */
export function isExpired(nanos: bigint | undefined, nowMs: number): boolean {
  return nanos !== undefined && nanos <= BigInt(nowMs) * 1_000_000n;
}

export function infoOf(id: string, record: AccessTokenRecord): AccessTokenInfo {
  const { expiresAt, autoPrefixStreams, scope } = record;
  return { id, expiresAt, autoPrefixStreams, scope };
}

/** Secrets and tokens that a change of rows has taken away. */
export function endedBy(rows: AccountChange): {
  hashes: readonly string[];
  ids: readonly string[];
} {
  const gone = rows.flatMap(([key, value]) => (value === undefined ? [key] : []));
  const below = (prefix: string): readonly string[] =>
    gone.filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
  return { hashes: below(TOKEN_HASH.prefix), ids: below(ACCESS_TOKEN.prefix) };
}

/**
 * Prefixes of issuer and child together may become longer than any stream name.
 *
 * @throws {S2Error} `invalid`
 */
export function checkStreamPrefix({ streams }: AccessTokenScope): void {
  const text = streams === undefined ? "" : "exact" in streams ? streams.exact : streams.prefix;
  const rule = streamPrefixRule(text, "prefix");
  if (rule !== undefined) throw invalid(rule);
}

export function authn(message: string): S2Error {
  return new S2Error({ code: "authn", message });
}
