// An access token of the account, without its secret.
//
//     "t/" id                        AccessTokenRecord

import { OPERATIONS } from "@s2kit/core";
import type { AccessTokenScope, ReadWrite, ResourceSet } from "@s2kit/core/control";
import { type Decode, flag, listOf, number, object, oneOf, optional, text } from "./decode.js";
import { type KeyKind, namedKind } from "./key-kind.js";

export interface AccessTokenRecord {
  /** SHA-256 of the secret, base64url. */
  readonly hash: string;
  readonly issuedMs: number;
  readonly expiresAt?: string | undefined;
  readonly autoPrefixStreams: boolean;
  readonly scope: AccessTokenScope;
}

export const ACCESS_TOKEN: KeyKind<string, AccessTokenRecord> = namedKind("t/", (json) => {
  const { hash, issuedMs, expiresAt, autoPrefixStreams, scope } = object(json);
  return {
    hash: text(hash),
    issuedMs: number(issuedMs),
    expiresAt: optional(text)(expiresAt),
    autoPrefixStreams: flag(autoPrefixStreams),
    scope: scopeOf(scope),
  };
});

function scopeOf(json: unknown): AccessTokenScope {
  const { basins, streams, accessTokens, opGroups, ops } = object(json);
  return {
    basins: optional(resources)(basins),
    streams: optional(resources)(streams),
    accessTokens: optional(resources)(accessTokens),
    opGroups: optional((groups) => {
      const { account, basin, stream } = object(groups);
      return {
        account: optional(readWrite)(account),
        basin: optional(readWrite)(basin),
        stream: optional(readWrite)(stream),
      };
    })(opGroups),
    ops: optional(listOf(oneOf(OPERATIONS)))(ops),
  };
}

const resources: Decode<ResourceSet> = (json) => {
  const { exact, prefix } = object(json);
  return exact === undefined ? { prefix: text(prefix) } : { exact: text(exact) };
};

const readWrite: Decode<ReadWrite> = (json) => {
  const { read, write } = object(json);
  return { read: optional(flag)(read), write: optional(flag)(write) };
};
