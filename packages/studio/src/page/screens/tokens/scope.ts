// What a token may do, as the scope form knows it, in words, as a value for the client and as text
// to copy. Pure; the rules of scopes are the server's.

import type { AccessTokenScope } from "@s2kit/client";
import { shellWord } from "../../format/copy-as.js";

export type Resource = "access tokens" | "basins" | "streams";

export interface ScopeFields {
  readonly basins: SetFields;
  readonly streams: SetFields;
  readonly accessTokens: SetFields;
  readonly operations: ReadonlySet<string>;
}

export interface SetFields {
  readonly kind: "all" | "exact" | "none" | "prefix";
  readonly name: string;
}

/** Operations by what they are about: the rows and columns of the matrix. */
export const MATRIX: readonly (readonly [
  title: string,
  groups: Readonly<Record<"read" | "write", readonly string[]>>,
])[] = [
  [
    "Streams",
    {
      read: ["read", "check-tail", "get-stream-config", "list-streams", "stream-metrics"],
      write: ["append", "fence", "trim", "create-stream", "reconfigure-stream", "delete-stream"],
    },
  ],
  [
    "Basins",
    {
      read: ["list-basins", "get-basin-config", "basin-metrics"],
      write: ["create-basin", "reconfigure-basin", "delete-basin"],
    },
  ],
  [
    "Access tokens",
    { read: ["list-access-tokens"], write: ["issue-access-token", "revoke-access-token"] },
  ],
  [
    "Account",
    {
      read: ["account-metrics", "list-locations", "get-default-location"],
      write: ["set-default-location"],
    },
  ],
];

const ALL: SetFields = { kind: "all", name: "" };
const NONE: SetFields = { kind: "none", name: "" };

export const READER: ScopeFields = {
  basins: ALL,
  streams: ALL,
  accessTokens: NONE,
  operations: new Set(["read", "check-tail", "list-streams", "list-basins", "get-stream-config"]),
};

/** @throws {Error} for a set without its name */
export function scopeOf(fields: ScopeFields): AccessTokenScope {
  const set = (field: SetFields, what: string) => {
    if (field.kind === "none") return undefined;
    if (field.kind === "all") return { prefix: "" };
    if (field.name === "") throw new Error(`${what}: enter a name, or choose all`);
    return field.kind === "exact" ? { exact: field.name } : { prefix: field.name };
  };
  return {
    basins: set(fields.basins, "Basins"),
    streams: set(fields.streams, "Streams"),
    accessTokens: set(fields.accessTokens, "Access tokens"),
    ops: [...fields.operations] as NonNullable<AccessTokenScope["ops"]>,
  };
}

export function setWords(set: AccessTokenScope["basins"]): string {
  if (set === undefined || ("exact" in set && set.exact === "")) return "none";
  if ("exact" in set) return `only ${set.exact}`;
  return set.prefix === "" ? "all" : `${set.prefix}…`;
}

/** Single operations and groups of a token, as a list for people. */
export function operationWords({ ops = [], opGroups = {} }: AccessTokenScope): readonly string[] {
  const groups = (["account", "basin", "stream"] as const).flatMap((level) => {
    const { read = false, write = false } = opGroups[level] ?? {};
    return read || write
      ? [`${level}: ${[read && "read", write && "write"].filter(Boolean).join(" and ")}`]
      : [];
  });
  return [...groups, ...ops];
}

export function scopeFlags(fields: ScopeFields): string {
  const set = (name: string, { kind, name: value }: SetFields): string =>
    kind === "none"
      ? ""
      : kind === "exact"
        ? ` --${name}-exact ${shellWord(value)}`
        : ` --${name}-prefix ${kind === "all" ? "''" : shellWord(value)}`;
  const ops = [...fields.operations].map((name) => name.replaceAll("-", "_")).join(",");
  return `${set("basins", fields.basins)}${set("streams", fields.streams)}${set("access-tokens", fields.accessTokens)} --ops ${ops}`;
}

export function scopeJson(fields: ScopeFields): unknown {
  const set = ({ kind, name }: SetFields): unknown =>
    kind === "none"
      ? undefined
      : kind === "exact"
        ? { exact: name }
        : { prefix: kind === "all" ? "" : name };
  return {
    basins: set(fields.basins),
    streams: set(fields.streams),
    access_tokens: set(fields.accessTokens),
    ops: [...fields.operations],
  };
}
