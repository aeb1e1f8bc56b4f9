// Operation x token state at the head of a request: none, malformed, unknown, expired, revoked. Nobody gets
// in, nothing changes, and a token that is not in force is answered alike whatever it asks for.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Carrier } from "./carriers.js";
import { rowsOf } from "./rows.js";
import type { Shape } from "./shapes.js";
import { SPEC_OPERATIONS } from "./spec-tables.js";
import { Ground, type Holder, targetOf, type World } from "./world.js";

const EVERYTHING: Shape = {
  name: "everything",
  scope: {
    basins: { prefix: "" },
    streams: { prefix: "" },
    access_tokens: { prefix: "" },
    ops: SPEC_OPERATIONS,
  },
};
const LIFE_MS = 60_000;

let ground: Ground;
let world: World;
let valid: Holder;
/** The whole value of the `authorization` header by state of the token; undefined sends none. */
const states = new Map<string, string | undefined>();

beforeAll(async () => {
  ground = await Ground.open();
  world = ground.nextNames();
  await ground.build(world);
  valid = await ground.issue(EVERYTHING, `${world.id}-valid`);
  const expired = await ground.issue(EVERYTHING, `${world.id}-expired`, LIFE_MS);
  const revoked = await ground.issue(EVERYTHING, `${world.id}-revoked`);
  await ground.revoke(revoked.tokenId);
  ground.clock.advance(LIFE_MS);
  const bearer = (token: string): string => `Bearer ${token}`;
  for (const [state, value] of Object.entries({
    absent: undefined,
    empty: "",
    "without a scheme": valid.token,
    "of another scheme": `Basic ${valid.token}`,
    "without a token": "Bearer",
    "of two words": bearer(`${valid.token} more`),
    "in quotes": bearer(`"${valid.token}"`),
    "cut by a character": bearer(valid.token.slice(0, -1)),
    "longer by a character": bearer(`${valid.token}A`),
    "in capitals": bearer(valid.token.toUpperCase()),
    "a hash of one": bearer(Buffer.alloc(32, 7).toString("base64url")),
    "the id of one": bearer(valid.tokenId),
    unknown: bearer("s2kit_never-issued"),
    "very long": bearer("x".repeat(8000)),
    expired: bearer(expired.token),
    revoked: bearer(revoked.token),
  }))
    states.set(state, value);
});
afterAll(() => ground.close());

const STATES = [
  "absent",
  "empty",
  "without a scheme",
  "of another scheme",
  "without a token",
  "of two words",
  "in quotes",
  "cut by a character",
  "longer by a character",
  "in capitals",
  "a hash of one",
  "the id of one",
  "unknown",
  "very long",
  "expired",
  "revoked",
];
let cells = 0;

async function answersOf(carrier: Carrier, authorization: string | undefined): Promise<string[]> {
  const found: string[] = [];
  for (const row of rowsOf(targetOf(world, valid.grant, "new"))) {
    if (!row.carriers.includes(carrier)) continue;
    const headers = {
      ...row.ask.headers,
      ...(authorization === undefined ? {} : { authorization }),
    };
    const { status, code } = await ground.carriers.ask(carrier, { ...row.ask, headers });
    cells++;
    if (status !== 401 || (row.ask.method !== "HEAD" && code !== "authn"))
      found.push(`${row.name}: ${status} ${code}`);
  }
  return found;
}

describe.each<Carrier>(["h1", "h2", "ws"])("over %s, a token that is", (carrier) => {
  it.each(STATES)("%s opens no route and changes nothing", async (state) => {
    const before = await ground.stateOf(world);
    expect(states.has(state)).toBe(true);
    expect(await answersOf(carrier, states.get(state))).toEqual([]);
    expect(await ground.stateOf(world)).toEqual(before);
  });
});

describe("the states", () => {
  it("are all tried on every row", () => {
    expect([...states.keys()]).toEqual(STATES);
    console.log(`matrix: ${cells} cells of operation, token state and carrier`);
    expect(cells).toBeGreaterThan(1000);
  });
});
