// Operation x moment at which a token ends: between the head of a request and its whole body, and while a
// session or a long poll runs. What comes behind the end has no effect, and is told so.

import { encodeAppendInput, encodeMessageFrame, encodeUtf8 } from "@s2kit/core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Carrier, Outcome, Running } from "./carriers.js";
import { type Row, rowsOf } from "./rows.js";
import type { Shape } from "./shapes.js";
import { SPEC_OPERATIONS } from "./spec-tables.js";
import { Ground, type Holder, targetOf, type World, withToken } from "./world.js";

const EVERYTHING: Shape = {
  name: "everything",
  scope: {
    basins: { prefix: "" },
    streams: { prefix: "" },
    access_tokens: { prefix: "" },
    ops: SPEC_OPERATIONS,
  },
};
/** Shorter than a body may take. */
const LIFE_MS = 10_000;
const ENDS = ["revoked", "expired"] as const;
type End = (typeof ENDS)[number];

let ground: Ground;
let world: World;
beforeAll(async () => {
  ground = await Ground.open();
});
afterAll(() => ground.close());
beforeEach(async () => {
  world = ground.nextNames();
  await ground.build(world);
});

async function holderWith(end: End): Promise<Holder> {
  const life = end === "expired" ? LIFE_MS : undefined;
  return ground.issue(EVERYTHING, `${world.id}-holder`, life);
}

async function bringAbout(end: End, { tokenId }: Holder): Promise<void> {
  if (end === "revoked") await ground.revoke(tokenId);
  else await ground.clock.advanceAsync(LIFE_MS);
}

/** State of a world without the token that ended. */
async function stateWithout({ tokenId }: Holder): Promise<unknown> {
  const state = JSON.stringify(await ground.stateOf(world));
  const [tokens] = state.match(/\{\\"access_tokens\\".*?has_more/) ?? [""];
  const others = [...tokens.matchAll(/\\"id\\":\\"([^"\\]+)\\"/g)]
    .map(([, id]) => id)
    .filter((id) => id !== tokenId);
  return [state.replace(tokens, ""), others];
}

const SAMPLE = {
  basin: "b",
  stream: "s",
  tokenId: "t",
  newBasin: "b",
  newStream: "s",
  newTokenId: "t",
};
const isLate = ({ ask, carriers }: Row): boolean =>
  ask.body !== undefined && !carriers.includes("ws");
const LATE_ROWS = rowsOf(SAMPLE)
  .map(({ name }, index) => [name, index] as const)
  .filter(([, index]) => isLate(rowsOf(SAMPLE)[index] as Row));

async function askLate(
  row: Row,
  carrier: Carrier,
  { token }: Holder,
  meanwhile: () => Promise<void>,
): Promise<Outcome> {
  const body = row.ask.body ?? new Uint8Array(0);
  const headers = {
    ...row.ask.headers,
    ...(carrier === "h1" ? { expect: "100-continue" } : {}),
    "content-length": String(body.length),
  };
  const running = ground.carriers.start(carrier, withToken({ ...row.ask, headers }, token));
  // The server wants the body when the head has passed every check.
  if (carrier === "h1") await running.continued;
  running.send(body.subarray(0, 1));
  // On the same connection: what was sent before it is there when this is answered.
  await ground.root("GET", "/v1/locations");
  await meanwhile();
  running.end(body.subarray(1));
  return running.outcome;
}

describe.each<Carrier>(["h1", "h2"])("over %s, between head and whole body of", (carrier) => {
  describe.each(LATE_ROWS)("%s", (_, index) => {
    it.each(ENDS)("a token that is %s has no effect any more", async (end) => {
      const holder = await holderWith(end);
      const row = rowsOf(targetOf(world, holder.grant, "late"))[index] as Row;
      const before = await stateWithout(holder);
      const outcome = await askLate(row, carrier, holder, () => bringAbout(end, holder));
      expect([outcome.status, outcome.code]).toEqual([401, "authn"]);
      expect(await stateWithout(holder)).toEqual(before);
    });

    it("a token that stays has its effect", async () => {
      const holder = await holderWith("revoked");
      const row = rowsOf(targetOf(world, holder.grant, "late"))[index] as Row;
      const { status } = await askLate(row, carrier, holder, async () => undefined);
      expect(row.statuses).toContain(status);
    });
  });
});

interface Session {
  readonly name: string;
  readonly carriers: readonly Carrier[];
  readonly method: "GET" | "POST";
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes that tell that it runs: none for an answer that comes at its end only. */
  readonly sign: number;
}

const S2S = { "content-type": "s2s/proto" };
const SESSIONS: readonly Session[] = [
  {
    name: "an append session",
    carriers: ["h1", "h2", "ws"],
    method: "POST",
    query: "",
    headers: S2S,
    sign: 10,
  },
  {
    name: "a read session",
    carriers: ["h1", "h2", "ws"],
    method: "GET",
    query: "?seq_num=0&wait=3600",
    headers: S2S,
    sign: 10,
  },
  {
    name: "a session of events",
    carriers: ["h1", "h2"],
    method: "GET",
    query: "?seq_num=0&wait=3600",
    headers: { accept: "text/event-stream" },
    sign: 10,
  },
  {
    name: "a long poll",
    carriers: ["h1", "h2"],
    method: "GET",
    query: "?tail_offset=0&wait=60",
    headers: {},
    sign: 0,
  },
];
const RUNS = SESSIONS.flatMap((session) =>
  session.carriers.map((carrier) => [session.name, carrier, session] as const),
);

const FRAME = encodeMessageFrame(
  encodeAppendInput({ records: [{ timestamp: undefined, headers: [], body: encodeUtf8("a") }] }),
);

describe("a token that ends while there runs", () => {
  let running: Running | undefined;
  afterEach(async () => {
    running?.end();
    running = undefined;
  });

  async function start(session: Session, carrier: Carrier, holder: Holder): Promise<Running> {
    const { method, query, headers, sign } = session;
    const path = `/v1/streams/${encodeURIComponent(world.stream)}/records${query}`;
    const asked = { method, path, headers: { ...headers, "s2-basin": world.basin } };
    const started = ground.carriers.start(carrier, withToken(asked, holder.token));
    if (carrier === "ws") await started.continued;
    if (method === "POST") started.send(FRAME);
    else if (carrier !== "ws") started.end();
    if (sign > 0) await started.whenHeard(sign);
    else await untilReading();
    return started;
  }

  /** A long poll says nothing until its end; one more request behind it says that it has begun. */
  async function untilReading(): Promise<void> {
    for (let turn = 0; turn < 20; turn++) await ground.root("GET", "/v1/locations");
  }

  it.each(RUNS)("%s over %s: it ends when the token is revoked", async (_, carrier, session) => {
    const holder = await holderWith("revoked");
    running = await start(session, carrier, holder);
    await ground.revoke(holder.tokenId);
    const { status, code } = await running.outcome;
    expect([status, code]).toEqual([session.sign === 0 ? 401 : statusOf(session), "authn"]);
  });

  it.each(RUNS)("%s over %s: it ends when the token expires", async (_, carrier, session) => {
    const holder = await holderWith("expired");
    // A long poll is shorter than the life of the token: it begins near the end of it.
    if (session.sign === 0) await ground.clock.advanceAsync(LIFE_MS - 1000);
    running = await start(session, carrier, holder);
    await ground.clock.advanceAsync(session.sign === 0 ? 1000 : LIFE_MS);
    const { status, code } = await running.outcome;
    expect([status, code]).toEqual([session.sign === 0 ? 401 : statusOf(session), "authn"]);
  });

  it.each(RUNS)("%s over %s: it goes on when another token ends", async (_, carrier, session) => {
    const holder = await holderWith("revoked");
    const other = await ground.issue(EVERYTHING, `${world.id}-other`);
    running = await start(session, carrier, holder);
    const heard = running.heard().length;
    await ground.revoke(other.tokenId);
    const stream = `/v1/streams/${encodeURIComponent(world.stream)}/records`;
    if (session.method === "POST") {
      running.send(FRAME);
      await running.whenHeard(heard + 10);
      running.end();
    } else {
      await ground.must("POST", stream, { records: [{ body: "next" }] }, world.basin);
      await running.whenHeard(heard + 10);
      await ground.revoke(holder.tokenId);
    }
    const { code, text } = await running.outcome;
    const isPoll = session.sign === 0;
    expect([code, isPoll && !text.includes("next")]).toEqual([
      session.method === "POST" || isPoll ? undefined : "authn",
      false,
    ]);
  });

  it.each<Carrier>(["h1", "h2", "ws"])("nothing is appended behind it over %s", async (carrier) => {
    const [append] = SESSIONS;
    const holder = await holderWith("revoked");
    running = await start(append as Session, carrier, holder);
    await ground.revoke(holder.tokenId);
    running.send(FRAME);
    running.send(FRAME);
    await running.outcome;
    const path = `/v1/streams/${encodeURIComponent(world.stream)}/records/tail`;
    const { text } = await ground.root("GET", path, undefined, world.basin);
    expect(JSON.parse(text)).toMatchObject({ tail: { seq_num: 2 } });
  });
});

/** Events tell a failure within an answer that is 200. */
function statusOf({ headers }: Session): number {
  return "accept" in headers ? 200 : 401;
}
