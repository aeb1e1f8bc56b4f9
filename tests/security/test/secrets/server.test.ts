// Everything that a server says and keeps, after every operation with marked secrets went through it, in
// success and in failure: answers, log lines, the pages beside the API, its own inspection, its files.

import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { encodeUtf8 } from "@s2kit/core";
import { createServer, inspectDirectory, verifyDirectory } from "@s2kit/server-lite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Ask, type Carrier, Carriers, type Outcome } from "../matrix/carriers.js";
import { rowsOf } from "../matrix/rows.js";
import { Marks } from "./marks.js";

const marks = new Marks();
const ROOT = marks.add("root token", "rootMark+Q7x/Zk92LpW4tTn8");
const STRANGER = marks.add("refused token", "strangerMark+B3v/Hd71MsY6");
const KEY = marks.add("encryption key", Buffer.alloc(32, 0xb6).toString("base64"));
const OTHER_KEY = marks.add("wrong key", Buffer.alloc(32, 0x5d).toString("base64"));
const COOKIE = marks.add("cookie", "cookieMark+Jr5/Tq83XeN2");
const SIGNED = marks.add("signature of a query", "signedMark+Fw6/Kc14ZuR9");
const PLAIN = marks.add("record of an encrypted stream", "recordMark+Gy8/Pb25SiM3");

const BASIN = "secret-basin";
const directory = mkdtempSync(join(tmpdir(), "s2kit-secrets-"));
const logged: string[] = [];
const leaks: string[] = [];
let issued = "";
let ticket = "";
let answers = 0;

const note =
  (level: string) =>
  (fields: object, message: string): void => {
    // Before any redaction: what is never handed over cannot be missed.
    logged.push(`${level} ${message} ${inspect(fields, { depth: 20 })} ${JSON.stringify(fields)}`);
  };
const logger = { info: note("info"), warn: note("warn"), error: note("error") };
const settings = { port: 0, rootToken: ROOT, storage: { kind: "disk", directory } } as const;
const server = createServer({ ...settings, drainGraceMs: 100 }, { logger });
let carriers: Carriers;
let url = "";

beforeAll(async () => {
  ({ url } = await server.listen());
  carriers = new Carriers(url);
});
afterAll(async () => {
  carriers.close();
  await server.close();
  rmSync(directory, { recursive: true, force: true });
});

/** @param isTold - the answer may show the secret that was asked for */
async function ask(carrier: Carrier, asked: Ask, isTold = false): Promise<Outcome> {
  const outcome = await carriers.ask(carrier, asked);
  answers++;
  if (!isTold) leaks.push(...marks.in(`the answer to ${asked.method} ${asked.path}`, outcome.text));
  return outcome;
}

function root(method: string, path: string, json?: unknown, more: object = {}): Ask {
  return {
    method,
    path,
    headers: {
      authorization: `Bearer ${ROOT}`,
      "s2-basin": BASIN,
      ...(json === undefined ? {} : { "content-type": "application/json" }),
      ...more,
    },
    body: json === undefined ? undefined : encodeUtf8(JSON.stringify(json)),
  };
}

const TARGET = {
  basin: BASIN,
  stream: "s",
  tokenId: "victim",
  newBasin: "other-secret-basin",
  newStream: "new",
  newTokenId: "new",
};

/** Whoever may ask, and what goes with it. */
const SENDERS: readonly (readonly [string, string])[] = [
  ["the root token", `Bearer ${ROOT}`],
  ["a refused token", `Bearer ${STRANGER}`],
  ["another scheme", `Basic ${Buffer.from(`user:${STRANGER}`).toString("base64")}`],
  ["a broken header", `Bearer ${STRANGER} ${ROOT}`],
];

describe("a server", () => {
  it("says no secret in the answers of any operation, on any carrier", async () => {
    const config = { stream_cipher: "aegis-256", create_stream_on_append: true };
    for (const [, authorization] of SENDERS)
      for (const carrier of ["h1", "h2", "ws"] as const) {
        await ask("h2", root("PUT", `/v1/basins/${BASIN}`, { config }));
        await ask("h2", root("PUT", "/v1/streams/s", {}));
        for (const row of rowsOf(TARGET).toSorted((a, b) => a.destroys - b.destroys)) {
          if (!row.carriers.includes(carrier) || row.destroys > 1) continue;
          const mark = row.ask.path.includes("?") ? "&" : "?";
          const path = `${row.ask.path}${mark}X-Signature=${encodeURIComponent(SIGNED)}`;
          const headers = {
            ...row.ask.headers,
            authorization,
            cookie: `session=${COOKIE}`,
            "s2-encryption-key": KEY,
          };
          const isTold = row.route.startsWith("issue-");
          const outcome = await ask(carrier, { ...row.ask, path, headers }, isTold);
          if (isTold && outcome.status === 201) noteIssued(outcome.text);
        }
      }
    expect([issued, ticket]).not.toContain("");
    expect(leaks).toEqual([]);
  });

  function noteIssued(text: string): void {
    const answer = JSON.parse(text) as { access_token?: string; ticket?: string };
    if (answer.access_token !== undefined)
      marks.add("issued token", (issued = answer.access_token));
    if (answer.ticket !== undefined) marks.add("read ticket", (ticket = answer.ticket));
  }

  it("says none when a ticket is all that a request has", async () => {
    const query = (more: string): string => `seq_num=0&wait=0&ticket=${ticket}${more}`;
    const asked = [
      // Let in, and told that the stream is encrypted: keys are no parameter.
      ["/v1/streams/s/records", `&basin=${BASIN}`, 400],
      ["/v1/streams/other/records", `&basin=${BASIN}`, 403],
      ["/v1/streams/s/records", "&basin=BAD", 400],
      ["/v1/streams/s/records", `&basin=${BASIN}&format=${ticket}`, 400],
      ["/v1/streams/s/records", `&basin=${BASIN}&last_event_id=${ticket}`, 400],
      ["/v1/streams/s/records", `&basin=${BASIN}&ticket=${ticket}`, 401],
      ["/v1/streams/s/records/tail", `&basin=${BASIN}`, 401],
      ["/v1/nowhere", "", 404],
    ] as const;
    await ask("h2", root("PUT", "/v1/streams/s", {}));
    for (const carrier of ["h1", "h2"] as const)
      for (const [path, more, status] of asked) {
        const headers = { accept: "text/event-stream" };
        const outcome = await ask(carrier, {
          method: "GET",
          path: `${path}?${query(more)}`,
          headers,
        });
        expect(outcome.status, `${path} ${more.slice(0, 20)}`).toBe(status);
      }
    expect(leaks).toEqual([]);
  });

  it("says none when keys, bodies and heads are wrong", async () => {
    const records = { records: [{ body: PLAIN }] };
    const stream = "/v1/streams/sealed/records";
    const sealed = await ask("h1", root("POST", stream, records, { "s2-encryption-key": KEY }));
    expect(sealed.status).toBe(200);
    const read = `${stream}?seq_num=0`;
    const wrong: readonly Ask[] = [
      root("GET", read, undefined, { "s2-encryption-key": OTHER_KEY }),
      root("GET", read),
      root("GET", read, undefined, { "s2-encryption-key": `${KEY}${OTHER_KEY}` }),
      root("GET", read, undefined, { "s2-encryption-key": KEY, "s2-basin": `BAD ${COOKIE}` }),
      root("POST", stream, records, { "s2-stream-config": `{"x":"${COOKIE}"` }),
      root("POST", stream, records, { "content-encoding": "br", cookie: COOKIE }),
      root("GET", "/v1/nowhere", undefined, { "s2-encryption-key": KEY }),
      root("DELETE", "/v1/basins", undefined, { cookie: COOKIE }),
    ];
    for (const asked of wrong)
      for (const carrier of ["h1", "h2"] as const) {
        // A basin that is no name is quoted to who said it, and to nobody else.
        const isTold = asked.headers?.["s2-basin"] !== BASIN;
        const { status } = await ask(carrier, asked, isTold);
        expect(status).toBeGreaterThanOrEqual(400);
      }
    expect(leaks).toEqual([]);
  });

  it("has none on its pages, in its log and in its own inspection", async () => {
    for (const path of ["/health", "/ping", "/metrics", "/studio", "/dashboard", "/"])
      await ask("h1", { method: "GET", path, headers: { cookie: COOKIE } });
    expect(leaks).toEqual([]);
    expect(logged.length).toBeGreaterThan(100);
    expect(logged.flatMap((line) => marks.in(line.slice(0, 200), line))).toEqual([]);
    expect(marks.shownBy("the server", server)).toEqual([]);
    expect(marks.shownBy("the settings", server.status)).toEqual([]);
  });

  it("keeps hashes of tokens in its files, and nothing else of them", async () => {
    await server.close();
    expect(marks.below(directory)).toEqual([]);
    const hash = createHash("sha256").update(issued).digest("base64url");
    const files = readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((each) => each.isFile())
      .map((each) => readFileSync(join(each.parentPath, each.name)));
    expect(files.some((bytes) => bytes.includes(hash))).toBe(true);
    const shown = [await inspectDirectory({ directory }), await verifyDirectory({ directory })];
    expect(marks.shownBy("inspect and verify", shown)).toEqual([]);
    console.log(`secrets: ${answers} answers and ${logged.length} log lines of a server searched`);
  });
});

describe("settings that are refused", () => {
  it.each<[string, object]>([
    ["a short root token", { rootToken: STRANGER.slice(0, 10) }],
    ["a key that is none", { tls: { cert: "none", key: `-----BEGIN ${OTHER_KEY}` } }],
    ["an origin", { rootToken: ROOT, cors: { origins: ["not an origin"] } }],
  ])("do not show %s", async (_, wrong) => {
    const own = new Marks();
    own.add("root", ROOT);
    own.add("short", STRANGER.slice(0, 10));
    own.add("key", OTHER_KEY);
    let failure: unknown;
    try {
      await using refused = createServer({ port: 0, ...wrong });
      await refused.listen();
    } catch (error) {
      failure = error;
    }
    expect(failure).toBeInstanceOf(Error);
    expect(own.shownBy("the error", failure)).toEqual([]);
  });
});
