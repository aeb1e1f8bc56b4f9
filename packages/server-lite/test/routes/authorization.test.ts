import { OPERATIONS, type Operation, ROUTES, type RouteName } from "@s2kit/core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Answer, call, startServer, type TestServer } from "../support/test-server.js";

// Every route of core's table, asked without a token, with a token that lacks one operation, and
// with one that has just what the route needs.

const ROOT = "root-token-of-tests";
const NOT_AUTHORIZED = { status: 401, json: { code: "authn" } };
const DENIED = { status: 403, json: { code: "permission_denied" } };

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ auth: true, rootToken: ROOT });
});
afterAll(() => server.server.close());

interface Ask {
  readonly token?: string | undefined;
  readonly json?: unknown;
  readonly basin?: string;
}

function ask(method: string, path: string, { token, json, basin }: Ask = {}): Promise<Answer> {
  return call(server.url, method, path, {
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    ...(basin === undefined ? {} : { basin }),
    ...(json === undefined ? {} : { json }),
  });
}

let issued = 0;

async function tokenWith(scope: object, more: object = {}): Promise<string> {
  const answer = await ask("POST", "/v1/access-tokens", {
    token: ROOT,
    json: { id: `token-${issued++}`, scope, ...more },
  });
  expect(answer.status).toBe(201);
  return answer.json.access_token;
}

const EVERYTHING = {
  basins: { prefix: "" },
  streams: { prefix: "" },
  access_tokens: { prefix: "" },
};

/** One item for the stream that every round has. */
function otlp(of: string, items: string): object {
  const attributes = [{ key: "s2.stream", value: { stringValue: "s" } }];
  return { [`resource${of}`]: [{ resource: { attributes }, [`scope${of}`]: [{ [items]: [{}] }] }] };
}

/** What makes each route succeed; the rest of its request follows from the route table. */
const REQUESTS: Readonly<Record<RouteName, { json?: unknown; query?: string }>> = {
  "list-basins": {},
  "create-basin": { json: { basin: "made-by-test" } },
  "get-basin-config": {},
  "ensure-basin": {},
  "reconfigure-basin": { json: {} },
  "delete-basin": {},
  "list-access-tokens": {},
  "issue-access-token": { json: { id: "issued-by-test", scope: { ops: ["issue-access-token"] } } },
  "revoke-access-token": {},
  "list-locations": {},
  "get-default-location": {},
  "set-default-location": { json: "local" },
  "account-metrics": { query: "?set=account-ops&start=0&end=60" },
  "basin-metrics": { query: "?set=storage&start=0&end=60" },
  "stream-metrics": { query: "?set=storage&start=0&end=60" },
  "list-streams": {},
  "create-stream": { json: { stream: "made-by-test" } },
  "get-stream-config": {},
  "ensure-stream": {},
  "reconfigure-stream": { json: {} },
  "delete-stream": {},
  "check-tail": {},
  read: { query: "?seq_num=0" },
  append: { json: { records: [{ body: "x" }] } },
  "issue-read-ticket": {},
  "otlp-logs": { json: otlp("Logs", "logRecords") },
  "otlp-metrics": { json: otlp("Metrics", "metrics") },
  "otlp-traces": { json: otlp("Spans", "spans") },
};

let round = 0;

/** Routes of basins are asked in both ways: with the basin as a header, and in the path. */
const FORMS = (Object.keys(ROUTES) as RouteName[]).flatMap((name) =>
  ROUTES[name].level === "account"
    ? [{ name, form: "alone" }]
    : [
        { name, form: "with a header" },
        { name, form: "with the basin in its path" },
      ],
);

describe.each(FORMS)("the route $name $form", ({ name, form }) => {
  const route = ROUTES[name];
  const isInPath = form === "with the basin in its path";
  const { json, query = "" } = REQUESTS[name];
  let basin = "";
  let path = "";

  // A fresh basin with a stream of one record, since some routes delete what they are asked about.
  beforeEach(async () => {
    basin = `round-of-tests-${round++}`;
    await ask("PUT", `/v1/basins/${basin}`, { token: ROOT });
    await ask("PUT", "/v1/streams/s", { token: ROOT, basin });
    await ask("POST", "/v1/streams/s/records", {
      token: ROOT,
      basin,
      json: { records: [{ body: "x" }] },
    });
    await ask("POST", "/v1/access-tokens", {
      token: ROOT,
      json: { id: basin, scope: { ops: ["read"] } },
    });
    const names: Record<string, string> = { basin, stream: "s", id: basin };
    const plain = route.template.replace(/\{(\w+)\}/g, (_, key: string) => names[key] ?? "");
    const inPath = plain.startsWith("/v1/") ? plain.slice("/v1".length) : plain;
    path = (isInPath ? `/v1/basins/${basin}${inPath}` : plain) + query;
  });

  const run = (token?: string): Promise<Answer> =>
    ask(route.method, path, {
      token,
      json,
      ...(route.level === "basin" && !isInPath ? { basin } : {}),
    });

  it("answers 401 without a token, and with one that nobody issued", async () => {
    expect(await run()).toMatchObject(NOT_AUTHORIZED);
    expect(await run("never-issued")).toMatchObject(NOT_AUTHORIZED);
  });

  it("answers 403 to a token without the operation", async () => {
    for (const missing of route.operations) {
      const ops = OPERATIONS.filter((each) => each !== missing && !isCommandOf(name, each));
      expect(await run(await tokenWith({ ...EVERYTHING, ops }))).toMatchObject(DENIED);
    }
  });

  it("succeeds with just the operations that it needs", async () => {
    const answer = await run(await tokenWith({ ...EVERYTHING, ops: route.operations }));
    expect(answer.status, answer.text).toBeLessThan(300);
  });
});

function isCommandOf(name: RouteName, operation: Operation): boolean {
  return name === "append" && (operation === "trim" || operation === "fence");
}
