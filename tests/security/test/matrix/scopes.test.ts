// Operation x scope shape, over each carrier that an operation has: what is refused is refused as the
// specification says and changes nothing, what is permitted succeeds.

import { ROUTES } from "@s2kit/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Carrier, Outcome } from "./carriers.js";
import { ROUTES_WITH_ROWS, type Row, rowsOf, type Target } from "./rows.js";
import { type Grant, isPermitted, type WireScope } from "./rule.js";
import { STREAM_PREFIX, shapesOf } from "./shapes.js";
import { SPEC_OPERATIONS, SPEC_ROUTES } from "./spec-tables.js";
import { Ground, targetOf, type World } from "./world.js";

const DENIED = { status: 403, code: "permission_denied" };
const HTTP: readonly Carrier[] = ["h1", "h2"];

let ground: Ground;
let cells = 0;
beforeAll(async () => {
  ground = await Ground.open();
});
afterAll(() => ground.close());

/** Why an outcome is not what was expected; undefined when it is. */
function wrongWith(row: Row, outcome: Outcome, isAllowed: boolean): string | undefined {
  cells++;
  const { status, code } = outcome;
  const isRight = isAllowed
    ? row.statuses.includes(status) && code === undefined
    : status === DENIED.status && (row.ask.method === "HEAD" || code === DENIED.code);
  if (isRight) return undefined;
  return `${isAllowed ? "permitted" : "forbidden"}, but ${status} ${outcome.text}`;
}

/** A row is asked over its carriers; the WebSocket goes with the first world. */
function carriersIn(row: Row, carrier: Carrier): readonly Carrier[] {
  return carrier === "h1" && row.carriers.includes("ws") ? ["h1", "ws"] : [carrier];
}

async function offences(
  rows: readonly Row[],
  carrier: Carrier,
  token: string,
  isAllowed: boolean,
): Promise<string[]> {
  const found: string[] = [];
  for (const row of rows)
    for (const each of carriersIn(row, carrier)) {
      const wrong = wrongWith(row, await ground.ask(each, row.ask, token), isAllowed);
      if (wrong !== undefined) found.push(`${row.name} over ${each}: ${wrong}`);
    }
  return found;
}

async function tryShape(index: number, carrier: Carrier): Promise<void> {
  const world = ground.nextNames();
  const shape = shapesOf(world)[index];
  if (shape === undefined) throw new Error("no such shape");
  await ground.build(world);
  const { token, grant } = await ground.issue(shape, `${world.id}-holder`);
  const rows = rowsOf(targetOf(world, grant, "new"));
  const permitted = rows.filter(({ wish }) => isPermitted(grant, wish));
  const forbidden = rows.filter((row) => !permitted.includes(row));

  const before = await ground.stateOf(world);
  expect(await offences(forbidden, carrier, token, false)).toEqual([]);
  expect(await ground.stateOf(world)).toEqual(before);
  const gently = permitted.toSorted((a, b) => a.destroys - b.destroys);
  expect(await offences(gently, carrier, token, true)).toEqual([]);
}

const SAMPLE: World = { id: "w100", basin: "sample-basin", stream: "orders/s", tokenId: "w100-t" };

describe.each(HTTP)("over %s, a token with", (carrier) => {
  it.each(shapesOf(SAMPLE).map(({ name }, index) => [name, index] as const))(
    "%s may do just what it names",
    (_, index) => tryShape(index, carrier),
  );
});

describe("what is out of scope", () => {
  const ELSEWHERE: WireScope = {
    basins: { prefix: "q" },
    streams: { prefix: "q" },
    access_tokens: { prefix: "q" },
    ops: SPEC_OPERATIONS,
  };

  it.each(HTTP)("looks over %s as what does not exist", async (carrier) => {
    const world = ground.nextNames();
    await ground.build(world);
    const shape = { name: "elsewhere", scope: ELSEWHERE };
    const { token, grant } = await ground.issue(shape, `${world.id}-holder`);
    const named = { newBasin: world.basin, newTokenId: world.tokenId };
    const there = { ...targetOf(world, grant, "x"), ...named };
    const missing = targetOf(ground.nextNames(), grant, "x");
    const answers = async (target: Target): Promise<unknown> =>
      Promise.all(
        rowsOf(target)
          .filter(({ wish }) => wish.lists === undefined && !isPermitted(grant, wish))
          .map(async ({ name, ask }) => {
            const { status, text } = await ground.ask(carrier, ask, token);
            // What was asked for may be said again.
            return [name, status, text.replace(target.newTokenId, "it")];
          }),
      );
    expect(await answers(there)).toEqual(await answers(missing));
  });

  it.each(HTTP)("is not listed over %s", async (carrier) => {
    const world = ground.nextNames();
    await ground.build(ground.nextNames());
    await ground.build(world);
    const shape = { name: "elsewhere", scope: { ...ELSEWHERE, basins: { prefix: world.id } } };
    const { token } = await ground.issue(shape, `${world.id}-holder`);
    const list = async (path: string): Promise<unknown> => {
      const headers = { "s2-basin": world.basin };
      const { text } = await ground.ask(carrier, { method: "GET", path, headers }, token);
      return JSON.parse(text);
    };
    expect(await list("/v1/basins")).toMatchObject({
      basins: [{ name: world.basin }],
      has_more: false,
    });
    expect(await list("/v1/streams")).toEqual({ streams: [], has_more: false });
    expect(await list("/v1/access-tokens")).toEqual({ access_tokens: [], has_more: false });
  });
});

describe("an automatic prefix", () => {
  it.each(HTTP)("is in no answer over %s", async (carrier) => {
    const world = ground.nextNames();
    await ground.build(world);
    const scope = { ...ALL_OPERATIONS, streams: { prefix: STREAM_PREFIX } };
    const shape = { name: "automatic", scope, isAutomatic: true };
    const { token, grant } = await ground.issue(shape, `${world.id}-holder`);
    const target = targetOf(world, grant, "new");
    const told: string[] = [];
    for (const stream of ["missing", target.stream])
      for (const row of rowsOf({ ...target, stream, newStream: target.stream })) {
        // Its own scope is what a holder may know; what destroys comes last, and again.
        if (row.route === "list-access-tokens" || row.destroys > 1) continue;
        const { text } = await ground.ask(carrier, row.ask, token);
        if (text.includes(STREAM_PREFIX)) told.push(`${row.name}: ${text}`);
      }
    expect(told).toEqual([]);
  });
});

describe("the matrix", () => {
  it("has rows for every route that core has, and for every one that is specified", () => {
    expect(ROUTES_WITH_ROWS.toSorted()).toEqual(Object.keys(ROUTES).toSorted());
    const templates = Object.values(ROUTES).map(({ method, template }) => `${method} ${template}`);
    const specified = SPEC_ROUTES.map(({ method, template }) => `${method} ${template}`);
    expect(templates.toSorted()).toEqual(specified.toSorted());
    const asked = new Set(
      rowsOf(targetOf(SAMPLE, NOBODY, "x")).flatMap(({ wish }) => wish.operations),
    );
    expect([...asked].toSorted()).toEqual(SPEC_OPERATIONS.toSorted());
  });

  it("has thousands of cells", () => {
    console.log(`matrix: ${cells} cells of operation, scope and carrier`);
    expect(cells).toBeGreaterThan(8000);
  });
});

const ALL_OPERATIONS: WireScope = {
  basins: { prefix: "" },
  access_tokens: { prefix: "" },
  ops: SPEC_OPERATIONS,
};
const NOBODY: Grant = { scope: {}, prefix: "" };
