// Shapes of scopes, made from the specification's operations and groups and from the names of one world:
// each operation alone and all but it, each group, each kind of resource set, prefixes that are put before
// names, and children of tokens that are limited themselves.

import type { Names, WireScope } from "./rule.js";
import { SPEC_GROUPS, SPEC_OPERATIONS } from "./spec-tables.js";

/** What one world is called; each shape has a world of its own. */
export interface WorldNames {
  readonly basin: string;
  readonly stream: string;
  /** A token that can be revoked. */
  readonly tokenId: string;
}

export interface Shape {
  readonly name: string;
  readonly scope: WireScope;
  readonly isAutomatic?: boolean;
  /** Who issues the token; the root token by default. */
  readonly parent?: Shape;
}

const ALL: Names = { prefix: "" };
const EVERYWHERE = { basins: ALL, streams: ALL, access_tokens: ALL } satisfies WireScope;
const EVERYTHING: WireScope = { ...EVERYWHERE, ops: SPEC_OPERATIONS };

export const STREAM_PREFIX = "orders/";

export function shapesOf(world: WorldNames): readonly Shape[] {
  return [...operationShapes(), ...groupShapes(), ...resourceShapes(world), ...nestedShapes(world)];
}

function operationShapes(): Shape[] {
  return SPEC_OPERATIONS.flatMap((operation) => [
    { name: `only ${operation}`, scope: { ...EVERYWHERE, ops: [operation] } },
    {
      name: `all but ${operation}`,
      scope: { ...EVERYWHERE, ops: SPEC_OPERATIONS.filter((each) => each !== operation) },
    },
  ]);
}

function groupsScope(groups: readonly string[]): WireScope {
  const flags: Record<string, Record<string, boolean>> = {};
  for (const group of groups) {
    const [level = "", way = ""] = group.split(".");
    flags[level] = { ...flags[level], [way]: true };
  }
  return { ...EVERYWHERE, op_groups: flags };
}

function groupShapes(): Shape[] {
  const groups = [...SPEC_GROUPS.keys()];
  const ending = (end: string): string[] => groups.filter((group) => group.endsWith(end));
  return [
    ...groups.map((group) => ({ name: `group ${group}`, scope: groupsScope([group]) })),
    { name: "every read group", scope: groupsScope(ending("read")) },
    { name: "every write group", scope: groupsScope(ending("write")) },
    { name: "every group", scope: groupsScope(groups) },
    {
      name: "groups that are off beside one operation",
      scope: {
        ...EVERYWHERE,
        ops: ["check-tail"],
        op_groups: { account: { read: false, write: false }, stream: { write: false } },
      },
    },
    {
      name: "a group and an operation of another",
      scope: { ...groupsScope(["stream.read"]), ops: ["append"] },
    },
  ];
}

/** Sets that name the thing, its neighbours, nothing, or everything. */
function setsAround(name: string): readonly (readonly [string, Names | undefined])[] {
  return [
    ["absent", undefined],
    ["null", null],
    ["exactly nothing", { exact: "" }],
    ["exactly it", { exact: name }],
    ["exactly a shorter name", { exact: name.slice(0, -1) }],
    ["exactly a longer name", { exact: `${name}x` }],
    ["a prefix of it", { prefix: name.slice(0, 6) }],
    ["itself as a prefix", { prefix: name }],
    ["a prefix that is longer", { prefix: `${name}x` }],
    ["another prefix", { prefix: "q" }],
  ];
}

function resourceShapes({ basin, stream, tokenId }: WorldNames): Shape[] {
  const kinds = [
    ["basins", basin],
    ["streams", stream],
    ["access_tokens", tokenId],
  ] as const;
  return kinds.flatMap(([kind, name]) =>
    setsAround(name).map(([title, set]) => {
      const { [kind]: _, ...others } = EVERYTHING;
      return {
        name: `${kind}: ${title}`,
        scope: set === undefined ? others : { ...others, [kind]: set },
      };
    }),
  );
}

function nestedShapes({ basin, stream, tokenId }: WorldNames): Shape[] {
  const automatic: Shape = {
    name: "an automatic prefix",
    scope: { ...EVERYTHING, streams: { prefix: STREAM_PREFIX } },
    isAutomatic: true,
  };
  const narrow: Shape = {
    name: "exactly one of each",
    scope: {
      ...EVERYTHING,
      basins: { exact: basin },
      streams: { exact: stream },
      access_tokens: { prefix: tokenId.slice(0, 4) },
    },
  };
  return [
    automatic,
    narrow,
    {
      name: "a child within an automatic prefix",
      scope: { ...EVERYTHING, streams: { exact: stream.slice(STREAM_PREFIX.length) } },
      parent: automatic,
    },
    {
      name: "an automatic child within an automatic prefix",
      scope: { ...EVERYTHING, streams: { prefix: stream.slice(STREAM_PREFIX.length, -1) } },
      isAutomatic: true,
      parent: automatic,
    },
    {
      name: "a child of a narrow token",
      scope: { ...narrow.scope, ops: ["read", "check-tail", "list-streams"] },
      parent: narrow,
    },
    {
      name: "a child that names no streams",
      scope: { basins: ALL, access_tokens: ALL, ops: SPEC_OPERATIONS },
      parent: automatic,
    },
  ];
}
