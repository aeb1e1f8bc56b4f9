// Access tokens in JSON: resource sets as single-key objects, groups with read and write flags,
// operation names as kebab-case strings. Names are checked while they are read, so a bad one is a
// bad body. Spec: control-plane#json, control-plane#access-tokens.

import {
  type AccessTokenInfo,
  type AccessTokenScope,
  type IssueAccessTokenRequest,
  type OperationGroups,
  type ReadWrite,
} from "../account/access.js";
import {
  accessTokenIdPrefixRule,
  accessTokenIdRule,
  type BrokenRule,
  basinNameRule,
  basinPrefixRule,
  streamNameRule,
  streamPrefixRule,
} from "../account/names.js";
import { isEmptyResourceSet, type ResourceSet } from "../account/resource-set.js";
import { OPERATIONS } from "../paths.js";
import { isRfc3339 } from "../text/rfc3339.js";
import { array, badJson, boolean, object, oneOf, optional, string } from "./shape.js";

/** How names of a kind are checked: whole ones, and prefixes of them. */
interface NameRules {
  readonly exact: (text: string) => BrokenRule;
  readonly prefix: (text: string) => BrokenRule;
}

const BASIN_RULES: NameRules = {
  exact: basinNameRule,
  prefix: (text) => basinPrefixRule(text, "prefix"),
};
const STREAM_RULES: NameRules = {
  exact: streamNameRule,
  prefix: (text) => streamPrefixRule(text, "prefix"),
};
const TOKEN_RULES: NameRules = {
  exact: accessTokenIdRule,
  prefix: (text) => accessTokenIdPrefixRule(text, "prefix"),
};

/** @throws {S2Error} `bad_json` */
export function issueAccessTokenRequestFromJson(json: unknown): IssueAccessTokenRequest {
  const request = object(json, "body");
  return {
    id: checked(string(request.id, "id"), accessTokenIdRule, "id"),
    expiresAt: optional(request.expires_at, "expires_at", timestamp),
    autoPrefixStreams: optional(request.auto_prefix_streams, "auto_prefix_streams", boolean),
    scope: accessTokenScopeFromJson(request.scope, "scope"),
  };
}

/** A token to issue, in JSON. */
export function issueAccessTokenRequestToJson(request: IssueAccessTokenRequest): unknown {
  return {
    id: request.id,
    expires_at: request.expiresAt,
    auto_prefix_streams: request.autoPrefixStreams,
    scope: accessTokenScopeToJson(request.scope),
  };
}

/** @throws {S2Error} `bad_json` */
export function accessTokenInfoFromJson(json: unknown, field = "body"): AccessTokenInfo {
  const info = object(json, field);
  const flag = optional(info.auto_prefix_streams, `${field}.auto_prefix_streams`, boolean);
  return {
    id: string(info.id, `${field}.id`),
    expiresAt: optional(info.expires_at, `${field}.expires_at`, string),
    autoPrefixStreams: flag ?? false,
    scope: accessTokenScopeFromJson(info.scope, `${field}.scope`),
  };
}

/** With every group and flag filled in, as lists show it. */
export function accessTokenInfoToJson(info: AccessTokenInfo): unknown {
  return {
    id: info.id,
    expires_at: info.expiresAt ?? null,
    auto_prefix_streams: info.autoPrefixStreams,
    scope: accessTokenScopeToJson(info.scope),
  };
}

/** The answer to an issue: the secret, shown once. */
export function issuedAccessTokenToJson(secret: string): unknown {
  return { access_token: secret };
}

/** @throws {S2Error} `bad_json` */
export function issuedAccessTokenFromJson(json: unknown): string {
  return string(object(json, "body").access_token, "access_token");
}

/** @throws {S2Error} `bad_json`; also for operations that do not exist */
export function accessTokenScopeFromJson(json: unknown, field = "scope"): AccessTokenScope {
  const scope = object(json, field);
  const names = (key: string, rules: NameRules): ResourceSet | undefined =>
    optional(scope[key], `${field}.${key}`, (value, at) => resourceSet(value, rules, at));
  return {
    basins: names("basins", BASIN_RULES),
    streams: names("streams", STREAM_RULES),
    accessTokens: names("access_tokens", TOKEN_RULES),
    opGroups: optional(scope.op_groups, `${field}.op_groups`, operationGroups),
    ops: optional(scope.ops, `${field}.ops`, (value, at) => [
      ...new Set(array(value, at).map((name, i) => oneOf(name, OPERATIONS, `${at}[${i}]`))),
    ]),
  };
}

/** A scope in JSON. */
export function accessTokenScopeToJson(scope: AccessTokenScope): unknown {
  const { account, basin, stream } = scope.opGroups ?? {};
  return {
    basins: resourceSetToJson(scope.basins),
    streams: resourceSetToJson(scope.streams),
    access_tokens: resourceSetToJson(scope.accessTokens),
    op_groups: {
      account: flagsToJson(account),
      basin: flagsToJson(basin),
      stream: flagsToJson(stream),
    },
    ops: [...new Set(scope.ops ?? [])],
  };
}

/** Exactly `""` names nothing and is shown as null. */
function resourceSetToJson(set: ResourceSet | undefined): unknown {
  if (set === undefined || isEmptyResourceSet(set)) return null;
  return "exact" in set ? { exact: set.exact } : { prefix: set.prefix };
}

function flagsToJson(flags: ReadWrite = {}): unknown {
  return { read: flags.read ?? false, write: flags.write ?? false };
}

function resourceSet(json: unknown, rules: NameRules, field: string): ResourceSet {
  const set = object(json, field);
  const [key, ...others] = Object.keys(set);
  if (others.length === 0 && key === "exact") {
    const name = string(set.exact, `${field}.exact`);
    return { exact: name === "" ? name : checked(name, rules.exact, `${field}.exact`) };
  }
  if (others.length === 0 && key === "prefix") {
    const prefix = string(set.prefix, `${field}.prefix`);
    return { prefix: checked(prefix, rules.prefix, `${field}.prefix`) };
  }
  throw badJson(`expected {"exact": name} or {"prefix": text} field=${field}`);
}

function operationGroups(json: unknown, field: string): OperationGroups {
  const groups = object(json, field);
  return {
    account: optional(groups.account, `${field}.account`, readWrite),
    basin: optional(groups.basin, `${field}.basin`, readWrite),
    stream: optional(groups.stream, `${field}.stream`, readWrite),
  };
}

function readWrite(json: unknown, field: string): ReadWrite {
  const flags = object(json, field);
  return {
    read: optional(flags.read, `${field}.read`, boolean),
    write: optional(flags.write, `${field}.write`, boolean),
  };
}

function checked(text: string, rule: (text: string) => BrokenRule, field: string): string {
  const broken = rule(text);
  if (broken === undefined) return text;
  throw badJson(`${broken} field=${field}`);
}

function timestamp(json: unknown, field: string): string {
  const text = string(json, field);
  if (isRfc3339(text)) return text;
  throw badJson(`expected an RFC 3339 time field=${field}`);
}
