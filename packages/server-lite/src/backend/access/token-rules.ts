// Small rules about access tokens that need no store: when one is over, what lists show of it,
// which scopes cannot be. Spec: control-plane#issue.

import { S2Error, streamPrefixRule } from "@s2kit/core";
import type { AccessTokenInfo, AccessTokenScope } from "@s2kit/core/control";
import type { AccessTokenRecord } from "../catalog/keys/access-token.js";
import { invalid } from "../invalid.js";

/** A token is over from its nanosecond on. */
export function isExpired(nanos: bigint | undefined, nowMs: number): boolean {
  return nanos !== undefined && nanos <= BigInt(nowMs) * 1_000_000n;
}

export function infoOf(id: string, record: AccessTokenRecord): AccessTokenInfo {
  const { expiresAt, autoPrefixStreams, scope } = record;
  return { id, expiresAt, autoPrefixStreams, scope };
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
