// What RFC 9110 and 9112 ask of the door, beyond what the parser does by itself.

import { connect } from "node:http2";
import { connect as connectTcp } from "node:net";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { rawBytes, rawRequest } from "../support/raw-http.js";
import { call, startServer, type TestServer } from "../support/test-server.js";

const BASIN = "http-rules-basin";
const basin = `s2-basin: ${BASIN}`;
const HOST = ["host: localhost"];

let running: TestServer;
let port: number;
beforeAll(async () => {
  running = await startServer({ basinZone: "b.example.com" });
  ({ port } = running);
  await call(running.url, "PUT", `/v1/basins/${BASIN}`);
  await call(running.url, "PUT", "/v1/streams/a%2Fb", { basin: BASIN });
});
afterAll(() => running.server.close());

describe("a request target", () => {
  test.each([
    "http://localhost/v1/basins?limit=1",
    "HTTP://localhost:8080/v1/basins",
    "https://[::1]/v1/basins",
  ])("in absolute form, %s, is that of its path", async (target) => {
    const { status, body } = await rawRequest(port, `GET ${target} HTTP/1.1`);
    expect(status).toBe(200);
    expect(JSON.parse(body).basins).toHaveLength(1);
  });

  it("in absolute form names the host, whatever the header says", async () => {
    const inZone = `http://${BASIN}.b.example.com/v1/streams`;
    const answer = await rawRequest(port, `GET ${inZone} HTTP/1.1`, ["host: evil.example"]);
    expect([answer.status, JSON.parse(answer.body).streams]).toMatchObject([
      200,
      [{ name: "a/b" }],
    ]);
    const foreign = "GET http://evil.example/v1/basins HTTP/1.1";
    expect((await rawRequest(port, foreign, HOST)).status).toBe(403);
    expect((await rawRequest(port, "GET http://localhost HTTP/1.1", HOST)).status).toBe(404);
  });

  it("is the same path however its characters are encoded", async () => {
    const plain = await rawRequest(port, "GET /v1/%62asins HTTP/1.1");
    expect(plain.status).toBe(200);
    const nested = "GET /v1/str%65ams/%61%2fb/records/ta%69l HTTP/1.1";
    expect((await rawRequest(port, nested, [...HOST, basin])).status).toBe(200);
    expect((await rawRequest(port, "GET /v1%2Fbasins HTTP/1.1")).status).toBe(404);
    expect((await rawRequest(port, "GET /v1/basins%zz HTTP/1.1")).status).toBe(404);
  });

  test.each(["/v1/basins/", "/v1/streams/", "//v1/basins", "/v1/./basins", "/V1/basins"])(
    "%s is no other way to write one",
    async (path) => {
      expect((await rawRequest(port, `GET ${path} HTTP/1.1`, [...HOST, basin])).status).toBe(404);
    },
  );

  test.each([
    ["GET", "/v1/streams/a/b"],
    ["POST", "/v1/streams/a/b/records"],
    ["GET", "/v1/streams/a/b/records/tail"],
    ["DELETE", "/v1/access-tokens/team/writer"],
    ["GET", "/v1/metrics/some-basin/a/b"],
  ])("%s %s says how a slash in a name is written", async (method, path) => {
    const { status, body } = await rawRequest(port, `${method} ${path} HTTP/1.1`, [...HOST, basin]);
    expect([status, JSON.parse(body).message]).toEqual([404, expect.stringContaining("%2F")]);
  });

  it("without a name has no such hint", async () => {
    expect((await rawRequest(port, "GET /v1/nope/a/b HTTP/1.1")).body).not.toContain("%2F");
  });
});

describe("the host of an HTTP/1.1 request", () => {
  test.each<[string, string[]]>([
    ["missing", []],
    ["given twice", ["host: localhost", "Host: localhost"]],
    ["with a path", ["host: localhost/x"]],
    ["with a user", ["host: user@localhost"]],
    ["a list", ["host: localhost, evil.example"]],
  ])("%s is refused with a code", async (_, headers) => {
    const { status, body } = await rawRequest(port, "GET /v1/basins HTTP/1.1", headers);
    expect([status, JSON.parse(body).code]).toEqual([400, "bad_header"]);
  });

  it("may be missing in HTTP/1.0", async () => {
    expect((await rawRequest(port, "GET /v1/basins HTTP/1.0", [])).status).toBe(200);
  });
});

it("refuses two names of the host in HTTP/2", async () => {
  const session = connect(running.url);
  const status = await new Promise((resolve) =>
    session
      .request({ ":path": "/v1/basins", ":authority": "localhost", host: "other" })
      .on("response", (headers) => resolve(headers[":status"])),
  );
  session.destroy();
  expect(status).toBe(400);
});

describe("framing that two readers could take differently is refused:", () => {
  const post = (headers: string, body: string): string =>
    `POST /v1/basins HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n` +
    `content-type: application/json\r\n${headers}\r\n\r\n${body}`;
  const chunked = "2\r\n{}\r\n0\r\n\r\n";
  test.each([
    ["a length and chunks", post("content-length: 2\r\ntransfer-encoding: chunked", chunked)],
    ["a coding before chunks", post("transfer-encoding: gzip, chunked", chunked)],
    ["a coding without chunks", post("transfer-encoding: gzip", "{}")],
    ["chunks twice", post("transfer-encoding: chunked, chunked", chunked)],
    ["a folded line", post("content-length: 2\r\nx-a: 1\r\n 2", "{}")],
    ["a space before the colon", post("content-length : 2", "{}")],
    ["a signed length", post("content-length: +2", "{}")],
    ["a list of lengths", post("content-length: 2, 3", "{}")],
    ["a bare line feed", "GET /v1/basins HTTP/1.1\nhost: localhost\n\n"],
    ["a NUL in a header", "GET /v1/basins HTTP/1.1\r\nhost: localhost\r\nx: a\0b\r\n\r\n"],
  ])("%s", async (_, bytes) => {
    const { status, body } = await rawBytes(port, bytes);
    expect([status, JSON.parse(body).code]).toEqual([400, "bad_header"]);
  });
});

describe("methods", () => {
  test.each([
    ["PATCH", "/v1/basins", "GET, HEAD, POST, OPTIONS"],
    ["HEAD", "/v1/access-tokens/x", "DELETE, OPTIONS"],
    ["POST", "/v1/streams/x/records/tail", "GET, HEAD, OPTIONS"],
    ["POST", "/health", "GET, HEAD"],
    ["DELETE", "/metrics", "GET, HEAD"],
  ])("that %s %s does not have are 405, with those it has", async (method, path, allow) => {
    const answer = await rawRequest(port, `${method} ${path} HTTP/1.1`, [...HOST, basin]);
    expect([answer.status, answer.headers.allow]).toEqual([405, allow]);
  });

  test.each([
    ["*", 204, "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"],
    ["/v1/basins", 204, "GET, HEAD, POST, OPTIONS"],
    ["/v1/nope", 404, undefined],
  ])("are told to OPTIONS %s", async (target, status, allow) => {
    const answer = await rawRequest(port, `OPTIONS ${target} HTTP/1.1`);
    expect([answer.status, answer.headers.allow]).toEqual([status, allow]);
  });

  it("HEAD says what GET would, without a body", async () => {
    const get = await rawRequest(port, "GET /v1/basins HTTP/1.1");
    const head = await rawRequest(port, "HEAD /v1/basins HTTP/1.1");
    expect([head.status, head.body]).toEqual([200, ""]);
    const { date: _, ...headers } = get.headers;
    expect(head.headers).toMatchObject(headers);
  });
});

describe("Expect: 100-continue", () => {
  const expecting = (path: string): string =>
    `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n` +
    "content-length: 25\r\nexpect: 100-continue\r\n\r\n";
  /** What comes before any of the body was sent; then sends it and reads to the end. */
  const exchange = (path: string): Promise<{ first: string; all: string }> =>
    new Promise((resolve) => {
      let all = "";
      let first: string | undefined;
      const socket = connectTcp(port, "127.0.0.1", () => socket.write(expecting(path)));
      socket.on("data", (chunk) => {
        all += chunk.toString("latin1");
        if (first !== undefined) return;
        first = all;
        if (first.startsWith("HTTP/1.1 100"))
          socket.write('{"basin":"expected-basin"}'.slice(0, 25));
      });
      socket.on("close", () => resolve({ first: first ?? "", all }));
      socket.setTimeout(500, () => socket.end());
    });

  it("asks for the body once the request is let in", async () => {
    const { first, all } = await exchange("/v1/basins");
    expect(first).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\n/);
    expect(all).toMatch(/HTTP\/1.1 400 /);
  });

  it("refuses before the body comes, and ends the connection that waits for it", async () => {
    const { first } = await exchange("/v1/nope");
    expect(first).toMatch(/^HTTP\/1.1 404 /);
    expect(first.toLowerCase()).toContain("connection: close");
  });

  it("is answered over HTTP/2 too", async () => {
    const session = connect(running.url);
    const stream = session.request({
      ":method": "POST",
      ":path": "/v1/basins",
      "content-type": "application/json",
      expect: "100-continue",
    });
    await new Promise<void>((resolve) => stream.once("continue", resolve));
    stream.end("{}");
    const status = await new Promise((resolve) =>
      stream.once("response", (headers) => resolve(headers[":status"])),
    );
    session.destroy();
    expect(status).toBe(400);
  });
});

describe("caches", () => {
  const REQUESTS: readonly [string, string, readonly string[]][] = [
    ["GET", "/v1/basins", []],
    ["GET", "/v1/streams", [basin]],
    ["GET", "/v1/streams/a%2Fb", [basin]],
    ["GET", "/v1/streams/a%2Fb/records/tail", [basin]],
    ["GET", "/v1/streams/a%2Fb/records?seq_num=0&clamp=true", [basin]],
    ["GET", "/v1/streams/a%2Fb/records?seq_num=0&count=0", [basin, "accept: text/event-stream"]],
    ["GET", "/v1/streams/a%2Fb/records?seq_num=9", [basin]],
    ["GET", "/v1/streams", []],
    ["GET", "/v1/nope", []],
    ["PATCH", "/v1/basins", []],
    ["OPTIONS", "/v1/basins", []],
    ["GET", "/v1/basins/%ff", []],
    ["GET", "/v1/basins", ["origin: https://evil.example"]],
    [
      "GET",
      "/v1/streams/x/records?mode=read",
      [
        "connection: upgrade",
        "upgrade: websocket",
        "sec-websocket-version: 13",
        "sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==",
      ],
    ],
    ["GET", "/health", []],
  ];
  test.each(REQUESTS)("are told to keep nothing of %s %s %j", async (method, path, headers) => {
    const answer = await rawRequest(port, `${method} ${path} HTTP/1.1`, [...HOST, ...headers]);
    expect(answer.status).toBeGreaterThan(0);
    expect(answer.headers["cache-control"]).toMatch(/\bno-store\b/);
    for (const name of ["etag", "last-modified", "expires", "age"])
      expect(answer.headers[name]).toBeUndefined();
  });

  it("keep nothing of bytes that are no request either", async () => {
    const { headers } = await rawBytes(port, "noise\r\n\r\n");
    expect(headers["cache-control"]).toBe("no-store");
  });

  test.each([
    "if-none-match: *",
    'if-none-match: "x"',
    "if-modified-since: Fri, 01 Jan 2038 00:00:00 GMT",
    "range: bytes=0-1",
    "cache-control: only-if-cached",
  ])("get the whole answer for %s: there is nothing to compare with", async (header) => {
    const { status, body } = await rawRequest(port, "GET /v1/basins HTTP/1.1", [...HOST, header]);
    expect(status).toBe(200);
    expect(JSON.parse(body).basins).toHaveLength(1);
  });

  it("hear that answers depend on the origin, also without one", async () => {
    const plain = await rawRequest(port, "GET /v1/basins HTTP/1.1");
    expect(plain.headers.vary).toContain("origin");
  });
});
