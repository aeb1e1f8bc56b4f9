// What a token permits, once more and in few words, from the specification's text alone: no function of
// core or of the server is used here. Spec: control-plane#what-is-checked,
// control-plane#operations-and-groups, control-plane#automatic-prefixes, control-plane#issue.

import { SPEC_GROUPS } from "./spec-tables.js";

export type Names = { readonly exact: string } | { readonly prefix: string } | null;

/** A scope as it is on the wire. */
export interface WireScope {
  readonly basins?: Names;
  readonly streams?: Names;
  readonly access_tokens?: Names;
  readonly op_groups?: Readonly<
    Record<string, { readonly read?: boolean; readonly write?: boolean }>
  >;
  readonly ops?: readonly string[];
}

export interface Grant {
  readonly scope: WireScope;
  /** What stands before each stream name that the token's holder says; empty when nothing does. */
  readonly prefix: string;
}

/** What one request is about, in the holder's words. */
export interface Wish {
  /** All of them are needed. */
  readonly operations: readonly string[];
  readonly basin?: string;
  readonly stream?: string;
  readonly tokenId?: string;
  /** The set that a list shows. */
  readonly lists?: "access_tokens" | "basins" | "streams";
}

export function operationsOf({ ops = [], op_groups = {} }: WireScope): ReadonlySet<string> {
  const held = new Set<string>(ops);
  for (const [level, flags] of Object.entries(op_groups))
    for (const way of ["read", "write"] as const)
      if (flags[way] === true)
        for (const each of SPEC_GROUPS.get(`${level}.${way}`) ?? []) held.add(each);
  return held;
}

export function isPermitted({ scope, prefix }: Grant, wish: Wish): boolean {
  const held = operationsOf(scope);
  if (!wish.operations.every((each) => held.has(each))) return false;
  if (wish.basin !== undefined && !names(scope.basins, wish.basin)) return false;
  if (wish.stream !== undefined && !names(scope.streams, prefix + wish.stream)) return false;
  if (wish.tokenId !== undefined && !names(scope.access_tokens, wish.tokenId)) return false;
  return wish.lists === undefined || !isNothing(scope[wish.lists]);
}

function isNothing(set: Names | undefined): boolean {
  return set === undefined || set === null || ("exact" in set && set.exact === "");
}

function names(set: Names | undefined, name: string): boolean {
  if (set === undefined || set === null) return false;
  if ("prefix" in set) return name.slice(0, set.prefix.length) === set.prefix;
  return set.exact !== "" && set.exact === name;
}

/** Whether a token may make another one with this scope, under this id. */
export function mayIssue(issuer: Grant, id: string, asked: WireScope): boolean {
  if (!isPermitted(issuer, { operations: ["issue-access-token"], tokenId: id })) return false;
  const held = operationsOf(issuer.scope);
  if (![...operationsOf(asked)].every((each) => held.has(each))) return false;
  // A group will also hold what is not invented yet: the operations of today do not make up for it.
  for (const [level, flags] of Object.entries(asked.op_groups ?? {}))
    for (const way of ["read", "write"] as const)
      if (flags[way] === true && issuer.scope.op_groups?.[level]?.[way] !== true) return false;
  return (
    isWithin(asked.basins, issuer.scope.basins) &&
    isWithin(behind(issuer.prefix, asked.streams), issuer.scope.streams) &&
    isWithin(asked.access_tokens, issuer.scope.access_tokens)
  );
}

/** The child's grant in the words of the account. */
export function childOf(issuer: Grant, scope: WireScope, isAutomatic: boolean): Grant {
  const streams = behind(issuer.prefix, scope.streams);
  const shifted = streams === undefined ? scope : { ...scope, streams };
  return { scope: shifted, prefix: isAutomatic ? textOf(streams) : "" };
}

function behind(prefix: string, set: Names | undefined): Names | undefined {
  if (set === undefined || set === null || isNothing(set)) return set;
  return "prefix" in set ? { prefix: prefix + set.prefix } : { exact: prefix + set.exact };
}

function textOf(set: Names | undefined): string {
  return set !== undefined && set !== null && "prefix" in set ? set.prefix : "";
}

function isWithin(child: Names | undefined, parent: Names | undefined): boolean {
  if (child === undefined || child === null || isNothing(child)) return true;
  if ("exact" in child) return names(parent, child.exact);
  // Names without end can only be within names without end.
  return (
    parent !== undefined &&
    parent !== null &&
    "prefix" in parent &&
    child.prefix.slice(0, parent.prefix.length) === parent.prefix
  );
}
