// Which basin a request means: the header, else the host name under a configured zone.

import { request } from "node:http";
import { connect } from "node:http2";
import { afterAll, beforeAll, expect, test } from "vitest";
import { call, startServer, type TestServer } from "../support/test-server.js";

const basin = "basin-by-host";
let running: TestServer;
beforeAll(async () => {
  running = await startServer({ basinZone: "b.Example.com", allowedHosts: [".example.com"] });
  for (const name of [basin, "other-basin"]) await call(running.url, "PUT", `/v1/basins/${name}`);
  await call(running.url, "PUT", "/v1/streams/mine", { basin });
});
afterAll(() => running.server.close());

function listWith(headers: Record<string, string>): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    request(`${running.url}/v1/streams`, { headers }, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk.toString()));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    })
      .on("error", reject)
      .end();
  });
}

test.each([`${basin}.b.example.com`, `${basin}.B.Example.COM:8080`])(
  "the host %s names the basin",
  async (host) => {
    const { status, text } = await listWith({ host });
    expect(status).toBe(200);
    expect(text).toContain('"name":"mine"');
  },
);

test("over HTTP/2 the authority does", async () => {
  const session = connect(running.url);
  const stream = session.request({
    ":path": "/v1/streams",
    ":authority": `${basin}.b.example.com`,
  });
  let text = "";
  for await (const chunk of stream) text += String(chunk);
  expect(text).toContain('"name":"mine"');
  session.close();
});

test("the header wins over the host", async () => {
  const { text } = await listWith({ host: `${basin}.b.example.com`, "s2-basin": "other-basin" });
  expect(JSON.parse(text)).toEqual({ streams: [], has_more: false });
});

test.each([
  "b.example.com",
  "a.b.b.example.com",
  `${basin}.c.example.com`,
  `${basin}xb.example.com`,
])("the host %s names none", async (host) => {
  const { status, text } = await listWith({ host });
  expect([status, JSON.parse(text)]).toEqual([
    400,
    { code: "bad_header", message: "Missing header `s2-basin`" },
  ]);
});

test("a label that is no basin name is a bad header", async () => {
  const { status, text } = await listWith({ host: "short.b.example.com" });
  expect([status, JSON.parse(text).code]).toEqual([400, "bad_header"]);
});
