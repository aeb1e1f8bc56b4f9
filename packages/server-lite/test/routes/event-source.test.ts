// What the query of an event stream says in place of headers. That it is so for any client is checked by the
// conformance suite; here is what it does to the order of things, and in log lines.

import { afterAll, beforeAll, expect, it } from "vitest";
import { type Answer, call, startServer, type TestServer } from "../support/test-server.js";

const basin = "query-basin";
const lines: { readonly basin?: string; readonly path?: string }[] = [];
const note = (fields: object): void => void lines.push(fields);

let server: TestServer;
beforeAll(async () => {
  server = await startServer({}, { logger: { info: note, warn: note, error: note } });
  await call(server.url, "PUT", `/v1/basins/${basin}`);
  await call(server.url, "PUT", "/v1/streams/s", { basin });
  const json = { records: [{ body: "one" }, { body: "two" }] };
  await call(server.url, "POST", "/v1/streams/s/records", { basin, json });
});
afterAll(() => server.server.close());

function read(query: string, headers: Record<string, string> = {}): Promise<Answer> {
  const path = `/v1/streams/s/records?seq_num=0&wait=0&${query}`;
  return call(server.url, "GET", path, { headers: { accept: "text/event-stream", ...headers } });
}

it("takes the newer id, which is that of the header", async () => {
  const url = `basin=${basin}&last_event_id=0,1,11`;
  expect((await read(url)).text).toContain('"two"');
  const again = await read(url, { "last-event-id": "1,2,22" });
  expect([again.status, again.text]).toEqual([200, "data: [DONE]\n\n"]);
});

it("says what is wrong of the parameter, not of a header", async () => {
  for (const [query, message] of [
    [`basin=${basin}&format=x`, "Invalid query parameter `format`: expected raw or base64"],
    [`basin=${basin}&last_event_id=x`, /^Invalid query parameter `last_event_id`: .*three/],
    ["basin=X", /^Invalid query parameter `basin`: /],
  ] as const)
    expect((await read(query)).json).toEqual({
      code: "bad_query",
      message: typeof message === "string" ? message : expect.stringMatching(message),
    });
});

it("is known by its basin in the log, and has no query there", async () => {
  lines.length = 0;
  await read(`basin=${basin}`);
  expect(lines).toMatchObject([{ basin, path: "/v1/streams/s/records" }]);
});
