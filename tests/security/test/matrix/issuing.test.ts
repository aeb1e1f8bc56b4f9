// Issuer x what it wants to hand on: a token makes no other that may more, elsewhere, or longer than itself.
// What the child then holds is looked at by using it.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rowsOf } from "./rows.js";
import { childOf, type Grant, isPermitted, mayIssue, type Names, type WireScope } from "./rule.js";
import type { Shape } from "./shapes.js";
import { SPEC_GROUPS, SPEC_OPERATIONS } from "./spec-tables.js";
import { Ground, type Holder, targetOf, type World } from "./world.js";

let ground: Ground;
let world: World;
beforeAll(async () => {
  ground = await Ground.open();
  world = ground.nextNames();
  await ground.build(world);
});
afterAll(() => ground.close());

const ALL: Names = { prefix: "" };
const SETS: readonly Names[] = [
  null,
  { exact: "" },
  { exact: "orders/a" },
  { exact: "orders/" },
  { prefix: "orders/" },
  { prefix: "orders" },
  { prefix: "orders/a" },
  ALL,
];
const BASIN_SETS: readonly Names[] = [
  null,
  { exact: "" },
  { exact: "orders-basin" },
  { exact: "other-basin" },
  { prefix: "orders" },
  { prefix: "orders-b" },
  { prefix: "order" },
  ALL,
];
const GROUPS = [...SPEC_GROUPS.keys()].map((group) => {
  const [level = "", way = ""] = group.split(".");
  return { [level]: { [way]: true } };
});

function scopeWith(kind: "access_tokens" | "basins" | "streams", set: Names): WireScope {
  return { basins: ALL, streams: ALL, access_tokens: ALL, ops: SPEC_OPERATIONS, [kind]: set };
}

/** Issuers that may issue at all, or the rest of the rule would not be seen. */
const ISSUERS: readonly Shape[] = [
  ...SETS.map((set) => ({ name: `streams ${text(set)}`, scope: scopeWith("streams", set) })),
  {
    name: "streams behind an automatic prefix",
    scope: scopeWith("streams", { prefix: "orders/" }),
    isAutomatic: true,
  },
  { name: "basins orders", scope: scopeWith("basins", { prefix: "orders" }) },
  { name: "tokens of a prefix", scope: scopeWith("access_tokens", { prefix: "w1" }) },
  { name: "tokens elsewhere", scope: scopeWith("access_tokens", { prefix: "q" }) },
  {
    name: "every operation, no group",
    scope: { ...scopeWith("streams", ALL), ops: SPEC_OPERATIONS },
  },
  ...GROUPS.map((groups) => ({
    name: `group ${text(groups)}`,
    scope: { ...scopeWith("streams", ALL), ops: ["issue-access-token"], op_groups: groups },
  })),
  {
    name: "no right to issue",
    scope: {
      ...scopeWith("streams", ALL),
      ops: SPEC_OPERATIONS.filter((each) => each !== "issue-access-token"),
    },
  },
];

const CHILDREN: readonly WireScope[] = [
  ...SETS.map((set) => ({ ops: ["read"], streams: set })),
  ...BASIN_SETS.map((set) => ({ ops: ["read"], streams: { prefix: "orders/" }, basins: set })),
  ...SETS.map((set) => ({ ops: ["read"], access_tokens: set })),
  ...SPEC_OPERATIONS.map((operation) => ({ ops: [operation] })),
  ...GROUPS.map((groups) => ({ op_groups: groups })),
];

function text(value: unknown): string {
  return JSON.stringify(value);
}

let children = 0;
let cells = 0;

async function offencesOf(issuer: Holder): Promise<string[]> {
  const found: string[] = [];
  for (const scope of CHILDREN) {
    cells++;
    const id = `${world.id}-child-${children++}`;
    const isAllowed = mayIssue(issuer.grant, id, scope);
    const body = Buffer.from(text({ id, scope }));
    const headers = { "content-type": "application/json" };
    const asked = { method: "POST", path: "/v1/access-tokens", headers, body };
    const { status, code } = await ground.ask("h2", asked, issuer.token);
    const isMade = status === 201;
    if (isMade !== isAllowed || (!isMade && code !== "permission_denied"))
      found.push(`${text(scope)}: ${status} ${code}, expected ${isAllowed}`);
    if (!isMade) continue;
    const shown = await shownScope(id);
    const { streams = null } = childOf(issuer.grant, scope, false).scope;
    const expected =
      streams !== null && "exact" in streams && streams.exact === "" ? null : streams;
    if (text(shown) !== text(expected)) found.push(`${text(scope)} is kept as ${text(shown)}`);
  }
  return found;
}

async function shownScope(id: string): Promise<unknown> {
  const { text: list } = await ground.root("GET", `/v1/access-tokens?prefix=${id}&limit=1`);
  const { access_tokens: tokens } = JSON.parse(list) as {
    readonly access_tokens: readonly { readonly scope: { readonly streams: Names } }[];
  };
  const set = tokens[0]?.scope.streams ?? null;
  return set !== null && "exact" in set && set.exact === "" ? null : set;
}

describe("an issuer with", () => {
  it.each(ISSUERS.map((issuer) => [issuer.name, issuer] as const))(
    "%s hands on what it holds and nothing else",
    async (name, shape) => {
      const issuer = await ground.issue(shape, `${world.id}-issuer-${ISSUERS.indexOf(shape)}`);
      expect(await offencesOf(issuer), name).toEqual([]);
    },
  );

  it("an end makes no token that lives longer", async () => {
    const LIFE_MS = 60_000;
    const shape = { name: "all", scope: scopeWith("streams", ALL) };
    const issuer = await ground.issue(shape, `${world.id}-mortal`, LIFE_MS);
    const issue = async (id: string, more: object): Promise<unknown> => {
      const body = Buffer.from(
        text({ id: `${world.id}-${id}`, scope: { ops: ["read"] }, ...more }),
      );
      const headers = { "content-type": "application/json" };
      const asked = { method: "POST", path: "/v1/access-tokens", headers, body };
      return (await ground.ask("h2", asked, issuer.token)).status;
    };
    const end = ground.clock.now() + LIFE_MS;
    const at = (ms: number): object => ({ expires_at: new Date(ms).toISOString() });
    const beyond = { expires_at: new Date(end).toISOString().replace("Z", "000001Z") };
    expect(await issue("equal", at(end))).toBe(201);
    expect(await issue("shorter", at(end - 1))).toBe(201);
    expect(await issue("longer", at(end + 1))).toBe(422);
    expect(await issue("longer-by-a-nanosecond", beyond)).toBe(422);
    expect(await issue("inherited", {})).toBe(201);
    const { text: list } = await ground.root(
      "GET",
      `/v1/access-tokens?prefix=${world.id}-inherited`,
    );
    expect(JSON.parse(list)).toMatchObject({ access_tokens: [at(end)] });
  });
});

describe("every cell", () => {
  it("was asked", () => {
    console.log(`matrix: ${cells} cells of issuer and child`);
    expect(cells).toBe(ISSUERS.length * CHILDREN.length);
  });

  it("has children that may do something", () => {
    const grant: Grant = { scope: { ops: ["read"], basins: ALL, streams: ALL }, prefix: "" };
    const rows = rowsOf(targetOf(world, grant, "x"));
    expect(rows.some(({ wish }) => isPermitted(grant, wish))).toBe(true);
  });
});
