// A basin that is found by its host name is held to the same tokens as one in the header.

import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call, startServer, type TestServer } from "../support/test-server.js";

const ROOT = { authorization: "Bearer root-token-of-tests" };
const MINE = "other-doors-mine";
const THEIRS = "other-doors-theirs";

let server: TestServer;
let reader = "";

beforeAll(async () => {
  server = await startServer({
    auth: true,
    rootToken: "root-token-of-tests",
    basinZone: "s2.test",
  });
  for (const basin of [MINE, THEIRS]) {
    await call(server.url, "PUT", `/v1/basins/${basin}`, { headers: ROOT });
    await call(server.url, "PUT", "/v1/streams/t%2Fs", { headers: ROOT, basin });
  }
  await call(server.url, "POST", "/v1/streams/t%2Fs/records", {
    headers: ROOT,
    basin: MINE,
    json: { records: [{ body: "x" }] },
  });
  const scope = { basins: { exact: MINE }, streams: { prefix: "t/" }, ops: ["read"] };
  const json = { id: "reader", auto_prefix_streams: true, scope };
  const answer = await call(server.url, "POST", "/v1/access-tokens", { headers: ROOT, json });
  expect(answer.status).toBe(201);
  reader = answer.json.access_token;
});
afterAll(() => server.server.close());

describe("a basin by its host name", () => {
  function get(host: string): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      const headers = { host, authorization: `Bearer ${reader}` };
      const sent = request(
        `${server.url}/v1/streams/s/records?seq_num=0`,
        { headers },
        (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        },
      );
      sent.on("error", reject);
      sent.end();
    });
  }

  it("is held to the basins of the token", async () => {
    expect(await get(`${MINE}.s2.test`)).toBe(200);
    expect(await get(`${THEIRS}.s2.test`)).toBe(403);
    expect(await get("no-such-basin.s2.test")).toBe(403);
  });
});
