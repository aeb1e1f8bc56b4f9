// Who may come in when no token is asked for: a page of a browser that nobody named stays outside,
// whatever name it reached this machine under.

import { connect } from "node:http2";
import { afterEach, describe, expect, it, test } from "vitest";
import { createServer, type ServerSettings } from "../../src/index.js";
import { rawRequest } from "../support/raw-http.js";
import { call, startServer, type TestServer } from "../support/test-server.js";

const EVIL = "https://evil.example";

let running: TestServer | undefined;
afterEach(async () => {
  await running?.server.close();
  running = undefined;
});
async function start(settings: ServerSettings = {}): Promise<TestServer> {
  running = await startServer(settings);
  return running;
}
async function createWith(url: string, headers: Record<string, string>): Promise<number> {
  const json = { basin: "made-by-a-page" };
  return (await call(url, "POST", "/v1/basins", { headers, json })).status;
}
async function basinsOf(url: string): Promise<number> {
  return (await call(url, "GET", "/v1/basins")).json.basins.length;
}

describe("without authentication, a page of", () => {
  test.each([EVIL, "null", "https://localhost.evil.example", "https://127.0.0.1.evil.example"])(
    "%s changes nothing and reads nothing",
    async (origin) => {
      const { url } = await start();
      expect(await createWith(url, { origin })).toBe(403);
      const read = await call(url, "GET", "/v1/basins", { headers: { origin } });
      expect([read.status, read.json.code]).toEqual([403, "permission_denied"]);
      expect(read.headers.get("access-control-allow-origin")).toBeNull();
      expect(await basinsOf(url)).toBe(0);
    },
  );

  test.each([
    "http://localhost:3000",
    "https://app.localhost",
    "http://127.0.0.7:1",
    "http://[::1]",
  ])("%s is of this machine, and may", async (origin) => {
    const { url } = await start();
    expect(await createWith(url, { origin })).toBe(201);
  });

  it("the operator's list may, and those of this machine beside it", async () => {
    const { url } = await start({ cors: { origins: ["https://app.example"] } });
    expect(await createWith(url, { origin: EVIL })).toBe(403);
    expect(await createWith(url, { origin: "https://app.example" })).toBe(201);
    const read = await call(url, "GET", "/v1/basins", { headers: { origin: "http://localhost" } });
    expect(read.status).toBe(200);
  });

  it("another site gets no image and no link, which carry no origin", async () => {
    const { url } = await start();
    const status = async (site: string): Promise<number> =>
      (await call(url, "GET", "/v1/basins", { headers: { "sec-fetch-site": site } })).status;
    expect([await status("cross-site"), await status("none")]).toEqual([403, 200]);
  });

  it("the server itself may, also behind a proxy and without CORS", async () => {
    const { port } = await start({ cors: false, allowedHosts: ["s2.example.com"] });
    const from = async (origin: string): Promise<number> =>
      (
        await rawRequest(port, "GET /v1/basins HTTP/1.1", [
          "host: s2.example.com",
          `origin: ${origin}`,
        ])
      ).status;
    expect(await from("https://s2.example.com")).toBe(200);
    expect(await from("http://localhost:3000")).toBe(403);
  });
});

describe("without authentication, a host name", () => {
  const statusOf = async (port: number, host: string): Promise<number> =>
    (await rawRequest(port, "GET /v1/basins HTTP/1.1", [`host: ${host}`])).status;

  test.each([
    "evil.example",
    "evil.example:8080",
    "127.0.0.1.evil.example",
    "localhost.evil.example.",
  ])("%s that a stranger may own is not served", async (host) => {
    const { port } = await start();
    const answer = await rawRequest(port, "GET /v1/basins HTTP/1.1", [`host: ${host}`]);
    expect([answer.status, JSON.parse(answer.body)]).toMatchObject([
      403,
      { code: "permission_denied", message: expect.stringContaining("--allowed-host") },
    ]);
  });

  test.each([
    "localhost",
    "LOCALHOST:8080",
    "s2.localhost",
    "127.0.0.1",
    "10.1.2.3:80",
    "[::1]:8080",
    "[fd00::1]",
    "s2lite",
    "host.docker.internal:8080",
    "a-basin.b.example.com",
    "b.example.com",
    "s2.corp.example",
    "x.apps.example:443",
  ])("%s is served", async (host) => {
    const { port } = await start({
      basinZone: "b.example.com",
      allowedHosts: ["s2.corp.example", ".Apps.example"],
    });
    expect(await statusOf(port, host)).toBe(200);
  });

  it("over HTTP/2 is the authority", async () => {
    const { url } = await start();
    const session = connect(url);
    const status = await new Promise((resolve) =>
      session
        .request({ ":path": "/v1/basins", ":authority": "evil.example" })
        .on("response", (headers) => resolve(headers[":status"])),
    );
    session.destroy();
    expect(status).toBe(403);
  });

  it("of a WebSocket is checked too", async () => {
    const { port } = await start();
    const answer = await rawRequest(port, "GET /v1/streams/x/records?mode=read HTTP/1.1", [
      "host: evil.example",
      "origin: http://evil.example",
      "connection: upgrade",
      "upgrade: websocket",
      "sec-websocket-version: 13",
      "sec-websocket-protocol: s2s.v1",
      "sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==",
    ]);
    expect(answer.text).toContain("host is not served");
  });

  it("says nothing about health, which probes ask for under any name", async () => {
    const { port } = await start();
    const answer = await rawRequest(port, "GET /health HTTP/1.1", ["host: probe.example"]);
    expect(answer.status).toBe(200);
  });
});

it("with authentication the token decides, whatever host and origin say", async () => {
  const { port } = await start({ rootToken: "root-token-of-tests" });
  const head = ["host: evil.example", `origin: ${EVIL}`];
  expect((await rawRequest(port, "GET /v1/basins HTTP/1.1", head)).status).toBe(401);
  const withToken = [...head, "authorization: Bearer root-token-of-tests"];
  expect((await rawRequest(port, "GET /v1/basins HTTP/1.1", withToken)).status).toBe(200);
});

describe("settings", () => {
  it("that give a root token ask for tokens", async () => {
    const { url } = await start({ rootToken: "root-token-of-tests" });
    expect((await call(url, "GET", "/v1/basins")).status).toBe(401);
  });

  test.each<[string, ServerSettings, RegExp]>([
    ["a short root token", { rootToken: "x" }, /at least 16 characters.*length=1/],
    ["an empty root token", { rootToken: "" }, /at least 16 characters.*length=0/],
    [
      "a root token and no auth",
      { auth: false, rootToken: "root-token-of-tests" },
      /no use without/,
    ],
    ["every origin and no auth", { cors: { origins: "*" } }, /any web page/],
    ["every origin in a list", { cors: { origins: ["*"] } }, /any web page/],
    ["a pattern of origins", { cors: { origins: ["https://*.a.example"] } }, /expected an origin/],
    ["an origin without scheme", { cors: { origins: ["a.example"] } }, /expected an origin/],
    ["an origin with a path", { cors: { origins: ["https://a.example/x"] } }, /expected an origin/],
    ["the null origin", { cors: { origins: ["null"] } }, /expected an origin.*origin=null/],
    ["a host with a scheme", { allowedHosts: ["http://a.example"] }, /expected a host name/],
    ["a host with a port", { allowedHosts: ["a.example:80"] }, /expected a host name/],
  ])("refuse %s", (_, settings, message) => {
    expect(() => createServer(settings)).toThrow(message);
  });

  test.each([
    ["https://App.Example/", "https://app.example"],
    ["HTTPS://app.example:443", "https://app.example"],
    ["http://app.example:8080/", "http://app.example:8080"],
    ["chrome-extension://abcdef", "chrome-extension://abcdef"],
  ])("take the origin %s as browsers write it: %s", async (given, origin) => {
    const { url } = await start({ cors: { origins: [given] } });
    const { headers } = await call(url, "GET", "/v1/basins", { headers: { origin } });
    expect(headers.get("access-control-allow-origin")).toBe(origin);
  });

  it("keep the older name of allowRemote", () => {
    expect(() => createServer({ host: "0.0.0.0", insecure: true })).not.toThrow();
    expect(() => createServer({ host: "0.0.0.0", allowRemote: true })).not.toThrow();
    expect(() => createServer({ host: "0.0.0.0" })).toThrow(/allowRemote/);
  });
});
