// What the sender of a request may do: the outcome of authentication, which every route is checked
// against. Values only; tokens are kept by `access-tokens`, decisions are made by `authorize`.
// Spec: control-plane#access-tokens, control-plane#operations-and-groups,
// control-plane#automatic-prefixes.

import { type Operation } from "@s2kit/core";
import {
  type AccessTokenScope,
  autoPrefixOf,
  effectiveOperations,
  FULL_ACCESS,
  type IssuingToken,
  rfc3339Nanos,
} from "@s2kit/core/control";

export interface Access extends IssuingToken {
  /** Undefined for the root token, and for everyone when authentication is off. */
  readonly tokenId: string | undefined;
  readonly scope: AccessTokenScope;
  readonly operations: ReadonlySet<Operation>;
  readonly autoPrefixStreams: boolean;
  /** Stands before every stream name of this access; empty without auto prefixing. */
  readonly streamPrefix: string;
  /** RFC 3339, as given; undefined when it never ends. */
  readonly expiresAt: string | undefined;
  /** The same in ns since the epoch. */
  readonly expiresNanos: bigint | undefined;
}

export interface AccessGrant {
  readonly tokenId: string | undefined;
  readonly scope: AccessTokenScope;
  readonly autoPrefixStreams: boolean;
  readonly expiresAt: string | undefined;
}

export function accessOf(grant: AccessGrant): Access {
  return Object.freeze({
    ...grant,
    operations: effectiveOperations(grant.scope),
    streamPrefix: grant.autoPrefixStreams ? autoPrefixOf(grant) : "",
    expiresNanos: grant.expiresAt === undefined ? undefined : rfc3339Nanos(grant.expiresAt),
  });
}

/** Everything, for ever: the root token, and everyone when authentication is off. */
export const ROOT_ACCESS: Access = accessOf({
  tokenId: undefined,
  scope: FULL_ACCESS,
  autoPrefixStreams: false,
  expiresAt: undefined,
});
