// Where basins are said to lie, over restarts and by the operator's choice; the rules are in @s2kit/conformance.

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
  it("are called local where nobody names them", async () => {
    const found = await call(server.url, "GET", "/v1/locations/default");
    expect(found.json).toEqual({
      name: "local",
      is_private: false,
      storage_classes: ["standard", "express"],
      default_storage_class: "express",
    });
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
});
