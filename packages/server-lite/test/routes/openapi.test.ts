// The description of the API: valid as OpenAPI 3.1, one with the route table, and what the server answers is what it
// says: every operation is called, and its answers and its failures are held to their schemas. Nothing may be in an
// answer that the description does not name.

import { ROUTES } from "@s2kit/core";
import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeApi } from "../../src/exchange/openapi/describe-api.js";
import { call, startServer, type TestServer } from "../support/test-server.js";

interface Described {
  readonly tags: readonly string[];
  readonly operationId: string;
  readonly responses: Readonly<Record<string, { readonly $ref?: string }>>;
}

interface Description {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: object;
}

const HEADERS = { authorization: "Bearer root-token-of-tests" };
const basin = "described-basin";

let server: TestServer;
let description: Description;
let ajv: Ajv2020;

beforeAll(async () => {
  server = await startServer({ rootToken: "root-token-of-tests" });
  description = (await call(server.url, "GET", "/openapi.json")).json;
  ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema(closed(description) as object, "api");
});
afterAll(() => server.server.close());

/** The same, with objects that have no fields but those that are named. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== "object" || value === null) return value;
  const copy = Object.fromEntries(Object.entries(value).map(([key, each]) => [key, closed(each)]));
  return "properties" in copy && !("additionalProperties" in copy)
    ? { ...copy, additionalProperties: false }
    : copy;
}

function operations(): { path: string; method: string; operation: Described }[] {
  return Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
}

/** The schema of a JSON answer; undefined when the description names no such answer, or no body for it. */
function validatorOf(name: string, status: number): ValidateFunction | undefined {
  const found = operations().find(({ operation }) => operation.operationId === name);
  if (found === undefined) throw new Error(`not described: ${name}`);
  const { responses } = found.operation;
  const key = String(status) in responses ? String(status) : `${Math.floor(status / 100)}XX`;
  const shared = responses[key]?.$ref;
  const path = found.path
    .replaceAll("~", "~0")
    .replaceAll("/", "~1")
    .replaceAll(/[{}]/g, (brace) => encodeURIComponent(brace));
  const at = shared ?? `#/paths/${path}/${found.method}/responses/${key}`;
  return ajv.getSchema(`api${at}/content/application~1json/schema`);
}

const isPage = ({ tags }: Described): boolean => tags.includes("Server");

describe("the description", () => {
  it("is valid OpenAPI 3.1, and says so of no secret or address of this server", async () => {
    const validator = new Validator();
    expect(await validator.validate(describeApi() as Record<string, unknown>)).toEqual({
      valid: true,
    });
    expect(validator.version).toBe("3.1");
    expect(JSON.stringify(description)).not.toMatch(/root-token|127\.0\.0\.1|localhost/);
  });

  it("refers only to what is there", () => {
    const text = JSON.stringify(description);
    for (const [, path = ""] of text.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      const target = path
        .split("/")
        .reduce<unknown>(
          (value, key) => (value as Record<string, unknown> | undefined)?.[key],
          description,
        );
      expect([path, target]).not.toEqual([path, undefined]);
    }
  });

  it("has the routes of the table, and no other but the pages of the server", () => {
    const described = operations()
      .filter(({ operation }) => !isPage(operation))
      .map(({ path, method, operation }) => `${method} ${path} ${operation.operationId}`);
    const routed = Object.entries(ROUTES).map(
      ([name, { method, template }]) => `${method.toLowerCase()} ${template} ${name}`,
    );
    expect(described.toSorted()).toEqual(routed.toSorted());
  });

  it("has pages outside the API that answer without a token", async () => {
    const pages = operations().filter(({ operation }) => isPage(operation));
    expect(pages.length).toBeGreaterThan(5);
    for (const { path } of pages)
      expect([path, (await call(server.url, "GET", path)).status]).toEqual([path, 200]);
    expect((await call(server.url, "POST", "/openapi.json")).status).toBe(405);
  });
});

const scope = {
  basins: { prefix: "" },
  streams: { prefix: "" },
  op_groups: { stream: { read: true, write: true } },
};
const config = {
  default_stream_config: { retention_policy: { age: 60 }, timestamping: { mode: "arrival" } },
  create_stream_on_append: true,
};
const now = Math.floor(Date.now() / 1000);
const range = `start=${now - 3600}&end=${now}`;

/** Name, path, status, body: in the order of a life. */
const CALLS: readonly (readonly [
  name: keyof typeof ROUTES,
  path: string,
  status: number,
  json?: unknown,
])[] = [
  ["create-basin", "/v1/basins", 201, { basin, config }],
  ["create-basin", "/v1/basins", 409, { basin }],
  ["create-basin", "/v1/basins", 400, { basin: "no" }],
  ["ensure-basin", `/v1/basins/${basin}`, 200, { config }],
  ["ensure-basin", "/v1/basins/another-basin", 201, {}],
  ["ensure-basin", `/v1/basins/${basin}`, 422, { config, location: "elsewhere" }],
  ["get-basin-config", `/v1/basins/${basin}`, 200],
  ["get-basin-config", "/v1/basins/another-basin", 200],
  ["get-basin-config", "/v1/basins/no-such-basin", 404],
  [
    "reconfigure-basin",
    `/v1/basins/${basin}`,
    200,
    { create_stream_on_read: true, stream_cipher: null },
  ],
  ["list-basins", "/v1/basins", 200],
  ["list-basins", "/v1/basins?limit=x", 400],
  ["create-stream", "/v1/streams", 201, { stream: "s" }],
  ["ensure-stream", "/v1/streams/t", 201, { retention_policy: { infinite: {} } }],
  ["ensure-stream", "/v1/streams/t", 200, { delete_on_empty: { min_age_secs: 5 } }],
  ["get-stream-config", "/v1/streams/s", 200],
  ["get-stream-config", "/v1/streams/none", 404],
  ["reconfigure-stream", "/v1/streams/s", 200, { timestamping: { uncapped: true } }],
  ["reconfigure-stream", "/v1/streams/s", 422, { retention_policy: { age: 0 } }],
  ["list-streams", "/v1/streams", 200],
  ["append", "/v1/streams/s/records", 200, { records: [{ body: "a", headers: [["k", "v"]] }, {}] }],
  ["append", "/v1/streams/s/records", 412, { records: [{}], match_seq_num: 9 }],
  ["append", "/v1/streams/s/records", 412, { records: [{}], fencing_token: "other" }],
  ["append", "/v1/streams/s/records", 422, { records: [] }],
  ["read", "/v1/streams/s/records?seq_num=0", 200],
  ["read", "/v1/streams/s/records?seq_num=7", 416],
  ["read", "/v1/streams/s/records?seq_num=0&tail_offset=1", 422],
  ["check-tail", "/v1/streams/s/records/tail", 200],
  ["issue-read-ticket", "/v1/streams/s/tickets", 201, { expires_in_secs: 60 }],
  ["issue-read-ticket", "/v1/streams/s/tickets", 422, { expires_in_secs: 0 }],
  ["issue-access-token", "/v1/access-tokens", 201, { id: "described", scope }],
  ["issue-access-token", "/v1/access-tokens", 422, { id: "nothing", scope: {} }],
  ["list-access-tokens", "/v1/access-tokens", 200],
  ["revoke-access-token", "/v1/access-tokens/described", 204],
  ["revoke-access-token", "/v1/access-tokens/described", 404],
  ["list-locations", "/v1/locations", 200],
  ["get-default-location", "/v1/locations/default", 200],
  ["set-default-location", "/v1/locations/default", 200, "local"],
  ["set-default-location", "/v1/locations/default", 422, "nowhere"],
  ["account-metrics", `/v1/metrics?set=active-basins&${range}`, 200],
  ["account-metrics", `/v1/metrics?set=account-ops&${range}`, 200],
  ["account-metrics", "/v1/metrics?set=account-ops", 422],
  ["basin-metrics", `/v1/metrics/${basin}?set=append-ops&${range}`, 200],
  ["basin-metrics", `/v1/metrics/${basin}?set=storage&${range}`, 200],
  ["stream-metrics", `/v1/metrics/${basin}/s?set=storage&${range}`, 200],
  ["otlp-logs", "/otlp/v1/logs", 200, { resourceLogs: [] }],
  ["otlp-metrics", "/otlp/v1/metrics", 200, { resourceMetrics: [] }],
  ["otlp-traces", "/otlp/v1/traces", 200, { resourceSpans: [] }],
  ["delete-stream", "/v1/streams/s", 202],
  ["delete-stream", "/v1/streams/none", 404],
  ["delete-basin", `/v1/basins/${basin}`, 202],
];

describe("what the server answers", () => {
  it("is what the description says, for every operation", async () => {
    for (const [name, path, status, json] of CALLS) {
      const { method, level } = ROUTES[name];
      const answer = await call(server.url, method, path, {
        headers: HEADERS,
        ...(level === "basin" ? { basin } : {}),
        ...(json === undefined ? {} : { json }),
      });
      expect([name, answer.status, answer.text]).toEqual([name, status, answer.text]);
      const validate = validatorOf(name, status);
      expect([name, status, validate === undefined]).toEqual([name, status, answer.text === ""]);
      if (validate === undefined) continue;
      expect([name, answer.json, validate(answer.json), validate.errors]).toEqual([
        name,
        answer.json,
        true,
        null,
      ]);
    }
    expect(new Set(CALLS.map(([name]) => name))).toEqual(new Set(Object.keys(ROUTES)));
  });

  it("to who has no token is a described failure of each operation", async () => {
    for (const [name, path] of CALLS) {
      const { method, level } = ROUTES[name];
      const answer = await call(server.url, method, path, level === "basin" ? { basin } : {});
      expect([name, answer.status]).toEqual([name, 401]);
      expect([name, validatorOf(name, 401)?.(answer.json)]).toEqual([name, true]);
    }
  });
});
