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

  it("echo the interval that was asked for", async () => {
    for (const interval of variant === "accumulation" ? ["minute", "hour", "day"] : []) {
      const { json } = await ask(path, { ...range, start: NOW - 90_000, interval });
      expect(json.values.length).toBeGreaterThan(0);
      for (const { accumulation } of json.values) expect(accumulation.interval).toBe(interval);
    }
  });

  it.each<[string, Record<string, string | number>, number, string]>([
    ["no set", { start: 0, end: 1 }, 400, "bad_query"],
    ["an unknown set", { ...range, set: "unknown" }, 400, "bad_query"],
    ["a time that is no number", { ...range, start: "yesterday" }, 400, "bad_query"],
    ["a time above u32", { ...range, end: 2 ** 32 }, 400, "bad_query"],
    ["an unknown interval", { ...range, interval: "second" }, 400, "bad_query"],
    ["no start", { set, end: NOW }, 422, "invalid"],
    ["no end", { set, start: NOW }, 422, "invalid"],
    ["a reversed range", { set, start: NOW, end: NOW - 1 }, 422, "invalid"],
    ["a range into the future", { set, start: NOW, end: NOW + 600 }, 422, "invalid"],
    ["a range of 40 days", { set, start: NOW - 40 * 86_400, end: NOW }, 422, "invalid"],
  ])("refuse %s", async (_, query, status, code) => {
    expect(await ask(path, query)).toMatchObject({ status, json: { code } });
  });

  it("answer an empty or ancient range with nothing", async () => {
    for (const [start, end] of [
      [NOW, NOW],
      [0, 3600],
      [0, 1],
    ] as const) {
      const { status, json } = await ask(path, { set, start, end });
      expect(status).toBe(200);
      const values = variant === "label" ? json.values[0].label.values : json.values;
      if (start === 0) expect(values).toEqual([]);
    }
  });
});

describe("metrics", () => {
  it("refuse another interval than that of a storage gauge", async () => {
    const range = { set: "storage", start: NOW - 60, end: NOW };
    for (const interval of ["minute", "day"])
      expect((await ask(`/${basin}`, { ...range, interval })).status).toBe(422);
    for (const interval of ["hour", "day"])
      expect((await ask(`/${basin}/a%2Fb`, { ...range, interval })).status).toBe(422);
    expect((await ask(`/${basin}`, { ...range, interval: "hour" })).status).toBe(200);
  });

  it("know nothing of names that do not exist, and refuse names that cannot", async () => {
    const range = { set: "storage", start: NOW - 60, end: NOW };
    expect(await ask("/no-such-basin", range)).toMatchObject({ status: 200, json: { values: [] } });
    expect(await ask(`/${basin}/none`, range)).toMatchObject({ status: 200, json: { values: [] } });
    expect((await ask("/UPPER-CASE", range)).status).toBe(400);
    expect((await ask(`/${basin}/`, range)).status).toBe(404);
  });

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
