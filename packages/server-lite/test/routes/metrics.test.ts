// What this server counts, and that it shows at once; the rules of queries are in @s2kit/conformance.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answer, call, startServer, type TestServer } from "../support/test-server.js";

const NOW = Math.floor(Date.now() / 1000);
const basin = "metrics-basin";

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
  await call(server.url, "PUT", `/v1/basins/${basin}`);
  await call(server.url, "PUT", "/v1/streams/a%2Fb", { basin });
  await call(server.url, "POST", "/v1/streams/a%2Fb/records", {
    basin,
    json: { records: [{ body: "hello" }] },
  });
  await call(server.url, "GET", "/v1/streams/a%2Fb/records?seq_num=0", { basin });
});
afterAll(() => server.server.close());

function ask(path: string, query: Record<string, string | number>): Promise<Answer> {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) params.set(name, String(value));
  return call(server.url, "GET", `/v1/metrics${path}?${params.toString()}`);
}

const SETS = [
  ["", "active-basins", "label"],
  ["", "account-ops", "accumulation"],
  [`/${basin}`, "storage", "gauge"],
  [`/${basin}`, "append-ops", "accumulation"],
  [`/${basin}`, "read-ops", "accumulation"],
  [`/${basin}`, "read-throughput", "accumulation"],
  [`/${basin}`, "append-throughput", "accumulation"],
  [`/${basin}`, "basin-ops", "accumulation"],
  [`/${basin}/a%2Fb`, "storage", "gauge"],
] as const;

describe.each(SETS)("metrics of %s %s", (path, set, variant) => {
  const range = { set, start: NOW - 86_400, end: NOW + 50 };

  it(`answer activity as a ${variant}, with points in the range`, async () => {
    const answer = await ask(path, range);
    expect(answer.status).toBe(200);
    expect(answer.json.values.length).toBeGreaterThan(0);
    for (const value of answer.json.values) {
      expect(Object.keys(value)).toEqual([variant]);
      for (const point of variant === "label" ? [] : value[variant].values) {
        expect(point[0]).toBeGreaterThanOrEqual(range.start);
        expect(point[0]).toBeLessThan(range.end);
        expect(point[1]).toBeGreaterThanOrEqual(0);
      }
    }
  });
});

describe("metrics", () => {
  it("do not count requests that failed", async () => {
    await call(server.url, "GET", "/v1/basins/not-there-at-all");
    const { json } = await ask("", { set: "account-ops", start: NOW - 86_400, end: NOW + 50 });
    const names = json.values.map(
      (value: { accumulation: { name: string } }) => value.accumulation.name,
    );
    expect(names).not.toContain("get_basin_config");
    expect(names).toContain("create_basin");
  });
});
