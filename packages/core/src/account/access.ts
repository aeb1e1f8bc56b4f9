// Access tokens: what a scope permits, and which scopes a token may hand on. All rules are pure;
// authentication, storage and enforcement are the server's.
// Spec: control-plane#access-tokens, control-plane#issue, control-plane#operations-and-groups,
// control-plane#what-is-checked, control-plane#automatic-prefixes.
//
// Operation groups are open-ended: an operation that is added to the API joins its groups here.

import { unreachable } from "../assert.js";
import { S2Error } from "../error.js";
import { OPERATIONS, type Operation } from "../paths.js";
import {
  containsResource,
  isEmptyResourceSet,
  isResourceSubset,
  type ResourceSet,
} from "./resource-set.js";

/** Reading and writing, each for itself. */
export interface ReadWrite {
  readonly read?: boolean | undefined;
  readonly write?: boolean | undefined;
}

/** Groups of operations. Write does not imply read. */
export interface OperationGroups {
  readonly account?: ReadWrite | undefined;
  readonly basin?: ReadWrite | undefined;
  readonly stream?: ReadWrite | undefined;
}

/** What a token may do, and with what. The operations of `ops` and of the groups add up. */
export interface AccessTokenScope {
  readonly basins?: ResourceSet | undefined;
  readonly streams?: ResourceSet | undefined;
  readonly accessTokens?: ResourceSet | undefined;
  readonly opGroups?: OperationGroups | undefined;
  readonly ops?: readonly Operation[] | undefined;
}

/** A token as lists show it, without its secret. */
export interface AccessTokenInfo {
  readonly id: string;
  /** RFC 3339 text as it was given: equal instants must stay equal to the last digit. */
  readonly expiresAt?: string | undefined;
  /** The prefix of `scope.streams` is added to stream names in requests and taken from answers. */
  readonly autoPrefixStreams: boolean;
  readonly scope: AccessTokenScope;
}

/** A token to issue. */
export interface IssueAccessTokenRequest {
  readonly id: string;
  /** Default: that of the issuing token. */
  readonly expiresAt?: string | undefined;
  /** Default false. */
  readonly autoPrefixStreams?: boolean | undefined;
  readonly scope: AccessTokenScope;
}

/** A group of operations: a level, and reading or writing. */
export type OperationGroup =
  | "account.read"
  | "account.write"
  | "basin.read"
  | "basin.write"
  | "stream.read"
  | "stream.write";

/** All groups of operations. */
export const OPERATION_GROUPS: readonly OperationGroup[] = [
  "account.read",
  "account.write",
  "basin.read",
  "basin.write",
  "stream.read",
  "stream.write",
];

/** A scope that may do everything with everything: the root token of an account. */
export const FULL_ACCESS: AccessTokenScope = /* @__PURE__ */ Object.freeze({
  basins: /* @__PURE__ */ Object.freeze({ prefix: "" }),
  streams: /* @__PURE__ */ Object.freeze({ prefix: "" }),
  accessTokens: /* @__PURE__ */ Object.freeze({ prefix: "" }),
  opGroups: /* @__PURE__ */ Object.freeze({
    account: /* @__PURE__ */ Object.freeze({ read: true, write: true }),
    basin: /* @__PURE__ */ Object.freeze({ read: true, write: true }),
    stream: /* @__PURE__ */ Object.freeze({ read: true, write: true }),
  }),
});

/** The groups that grant an operation: any one of them is enough. */
export function groupsOf(operation: Operation): readonly OperationGroup[] {
  switch (operation) {
    case "account-metrics":
    case "get-default-location":
    case "list-access-tokens":
    case "list-basins":
    case "list-locations":
      return ["account.read"];
    case "create-basin":
    case "delete-basin":
    case "issue-access-token":
    case "reconfigure-basin":
    case "revoke-access-token":
    case "set-default-location":
      return ["account.write"];
    // Published mappings disagree about the next one and `get-stream-config`: both groups grant it.
    case "get-basin-config":
      return ["basin.read", "account.read"];
    case "basin-metrics":
    case "list-streams":
      return ["basin.read"];
    case "create-stream":
    case "delete-stream":
    case "reconfigure-stream":
      return ["basin.write"];
    case "get-stream-config":
      return ["stream.read", "basin.read"];
    case "check-tail":
    case "read":
    case "stream-metrics":
      return ["stream.read"];
    case "append":
    case "fence":
    case "trim":
      return ["stream.write"];
    default:
      return unreachable(operation);
  }
}

/** The groups whose flag is set. */
export function grantedGroups(groups: OperationGroups = {}): ReadonlySet<OperationGroup> {
  const { account, basin, stream } = groups;
  const flags: readonly (readonly [OperationGroup, boolean | undefined])[] = [
    ["account.read", account?.read],
    ["account.write", account?.write],
    ["basin.read", basin?.read],
    ["basin.write", basin?.write],
    ["stream.read", stream?.read],
    ["stream.write", stream?.write],
  ];
  return new Set(flags.filter(([, isSet]) => isSet === true).map(([group]) => group));
}

/** The union of `ops` and of what the groups grant. */
export function effectiveOperations(scope: AccessTokenScope): ReadonlySet<Operation> {
  const groups = grantedGroups(scope.opGroups);
  const granted = OPERATIONS.filter((operation) =>
    groupsOf(operation).some((group) => groups.has(group)),
  );
  return new Set([...granted, ...(scope.ops ?? [])]);
}

/**
 * Rules of a token that do not depend on who issues it or when.
 *
 * @throws {S2Error} `invalid` without any operation, or for auto prefixing without a prefix
 */
export function checkIssueRequest(request: IssueAccessTokenRequest): void {
  if (effectiveOperations(request.scope).size === 0)
    throw new S2Error({ code: "invalid", message: "Access token permissions cannot be empty" });
  if (request.autoPrefixStreams === true && autoPrefixOf(request) === "")
    throw new S2Error({
      code: "invalid",
      message: "Auto prefixing is only allowed for streams with prefix matching",
    });
}

/** What of a token decides about its children. */
export interface IssuingToken {
  readonly scope: AccessTokenScope;
  readonly autoPrefixStreams: boolean;
}

/**
 * The request in the namespace of the whole account: under an issuer with auto prefixing, the
 * child's streams are meant inside the issuer's prefix.
 */
export function withinIssuerPrefix(
  request: IssueAccessTokenRequest,
  issuer: IssuingToken,
): IssueAccessTokenRequest {
  const { streams } = request.scope;
  const prefix = issuer.autoPrefixStreams ? autoPrefixOf(issuer) : "";
  if (prefix === "" || streams === undefined || isEmptyResourceSet(streams)) return request;
  const shifted =
    "exact" in streams ? { exact: prefix + streams.exact } : { prefix: prefix + streams.prefix };
  return { ...request, scope: { ...request.scope, streams: shifted } };
}

/**
 * The subset rule: which part of a child token its issuer may not hand on, or undefined. The
 * request is in the account's namespace (see {@link withinIssuerPrefix}); expiry is the server's.
 * Broken rules are answered with 403 `permission_denied`.
 */
export function escalationOf(
  request: IssueAccessTokenRequest,
  issuer: IssuingToken,
): string | undefined {
  const { scope } = request;
  const held = effectiveOperations(issuer.scope);
  if (!held.has("issue-access-token")) return "operation is not permitted op=issue-access-token";
  if (!containsResource(issuer.scope.accessTokens, request.id))
    return `access token is out of scope id=${request.id}`;
  const operation = [...effectiveOperations(scope)].find((wanted) => !held.has(wanted));
  if (operation !== undefined) return `operation exceeds the issuer's op=${operation}`;
  // A group grants operations that do not exist yet, so holding today's members is not enough.
  const heldGroups = grantedGroups(issuer.scope.opGroups);
  const group = [...grantedGroups(scope.opGroups)].find((wanted) => !heldGroups.has(wanted));
  if (group !== undefined) return `operation group exceeds the issuer's group=${group}`;
  const parent = issuer.scope;
  if (!isResourceSubset(scope.basins, parent.basins)) return "basins exceed the issuer's";
  if (!isResourceSubset(scope.streams, parent.streams)) return "streams exceed the issuer's";
  if (!isResourceSubset(scope.accessTokens, parent.accessTokens))
    return "access tokens exceed the issuer's";
  return undefined;
}

/** The prefix that a token with auto prefixing adds; `""` when its scope has none. */
export function autoPrefixOf(token: { readonly scope: AccessTokenScope }): string {
  const { streams } = token.scope;
  return streams !== undefined && "prefix" in streams ? streams.prefix : "";
}

/** A stream name, prefix or cursor of a request, as the account knows it. */
export function addAutoPrefix(prefix: string, name: string): string {
  return prefix + name;
}

/** A stream name as a token with this prefix sees it; undefined when it must not see it. */
export function stripAutoPrefix(prefix: string, name: string): string | undefined {
  // A stream called exactly like the prefix would be nameless: it is left out.
  if (prefix !== "" && name === prefix) return undefined;
  return name.startsWith(prefix) ? name.slice(prefix.length) : undefined;
}
