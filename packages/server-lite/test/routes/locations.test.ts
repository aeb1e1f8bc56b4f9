import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createServer } from "../../src/index.js";
import { createMemoryMedium, createMemoryStorage } from "../../src/storage/memory/memory.js";
import { type Answer, call, startServer, type TestServer } from "../support/test-server.js";

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.server.close());

function put(json: unknown, url = server.url): Promise<Answer> {
  return call(url, "PUT", "/v1/locations/default", { json });
}

describe("locations", () => {
  it("are a bare array that contains the default", async () => {
    const list = await call(server.url, "GET", "/v1/locations");
    const found = await call(server.url, "GET", "/v1/locations/default");
    expect(list.status).toBe(200);
    expect(list.json).toContainEqual(found.json);
    expect(found.json).toEqual({ name: "local", is_private: false });
  });

  it("take a default, also twice, which new basins get and old ones do not", async () => {
    const named = async (basin: string, location?: string): Promise<string> => {
      const json = { basin, ...(location === undefined ? {} : { location }) };
      return (await call(server.url, "POST", "/v1/basins", { json })).json.location;
    };
    expect(await named("before-change")).toBe("local");
    for (const _ of [1, 2])
      expect(await put("aws:us-west-2")).toMatchObject({
        status: 200,
        json: { name: "aws:us-west-2" },
      });
    expect((await call(server.url, "GET", "/v1/locations/default")).json.name).toBe(
      "aws:us-west-2",
    );
    expect(await named("after-change")).toBe("aws:us-west-2");
    expect(await named("explicit-one", "aws:eu-north-1")).toBe("aws:eu-north-1");
    const list = await call(server.url, "GET", "/v1/basins?prefix=before-change");
    expect(list.json.basins[0].location).toBe("local");
  });

  it("keep the default over a restart", async () => {
    const medium = createMemoryMedium();
    const first = await startServer({}, { storage: createMemoryStorage({ medium }) });
    await put("aws:eu-north-1", first.url);
    await first.server.close();
    const second = await startServer({}, { storage: createMemoryStorage({ medium }) });
    const found = await call(second.url, "GET", "/v1/locations/default");
    await second.server.close();
    expect(found.json.name).toBe("aws:eu-north-1");
  });

  it.each<[unknown, number, string]>([
    ["nowhere:1", 422, "invalid"],
    ["", 400, "bad_json"],
    ["with space", 400, "bad_json"],
    ["x".repeat(65), 400, "bad_json"],
    [{ name: "local" }, 400, "bad_json"],
    [null, 400, "bad_json"],
    [5, 400, "bad_json"],
  ])("refuse %j as default with %d", async (json, status, code) => {
    expect(await put(json)).toMatchObject({ status, json: { code } });
  });

  it("can be set by the operator, and a stored default that is none of them is no default", async () => {
    const medium = createMemoryMedium();
    const first = await startServer({}, { storage: createMemoryStorage({ medium }) });
    await put("aws:us-east-1", first.url);
    await first.server.close();
    const locations = ["cellar", "attic"];
    const second = await startServer({ locations }, { storage: createMemoryStorage({ medium }) });
    const list = await call(second.url, "GET", "/v1/locations");
    expect(list.json.map(({ name }: { name: string }) => name)).toEqual(locations);
    expect((await call(second.url, "GET", "/v1/locations/default")).json.name).toBe("cellar");
    expect((await put("aws:us-east-1", second.url)).status).toBe(422);
    await second.server.close();
    for (const wrong of [[], ["with space"]])
      expect(() => createServer({ locations: wrong })).toThrow("[INVALID_ARGUMENT]");
  });

  it("refuse a basin in an unknown one, and a change of a basin's", async () => {
    const json = { basin: "nowhere-land", location: "nowhere" };
    expect(await call(server.url, "POST", "/v1/basins", { json })).toMatchObject({
      status: 422,
      json: { code: "invalid" },
    });
    await call(server.url, "PUT", "/v1/basins/stays-where-it-is");
    const moved = await call(server.url, "PUT", "/v1/basins/stays-where-it-is", {
      json: { location: "aws:us-east-1" },
    });
    expect(moved.status).toBe(422);
  });
});
