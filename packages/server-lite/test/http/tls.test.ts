// TLS on the one port: ALPN decides, and a certificate can be made on the spot.

import { connect } from "node:http2";
import { request as httpsRequest } from "node:https";
import { connect as tlsConnect } from "node:tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startServer, type TestServer } from "../support/test-server.js";

let running: TestServer;
beforeAll(async () => {
  running = await startServer({ tls: { selfSigned: true } });
});
afterAll(() => running.server.close());

test("the url says https, and HTTP/1.1 is served to those who want it", async () => {
  expect(running.url).toMatch(/^https:/);
  const status = await new Promise((resolve, reject) => {
    httpsRequest(`${running.url}/health`, { rejectUnauthorized: false }, (response) => {
      response.resume();
      resolve([response.statusCode, response.httpVersion]);
    })
      .on("error", reject)
      .end();
  });
  expect(status).toEqual([200, "1.1"]);
});

test("HTTP/2 is chosen by ALPN", async () => {
  const session = connect(running.url, { rejectUnauthorized: false });
  const stream = session.request({ ":path": "/v1/basins" });
  const status = await new Promise((resolve, reject) => {
    stream.once("response", (headers) => resolve(headers[":status"]));
    stream.once("error", reject);
  });
  stream.resume();
  expect([status, session.alpnProtocol]).toEqual([200, "h2"]);
  session.close();
});

test("the made certificate names localhost and the loopback addresses", async () => {
  const names = await new Promise((resolve, reject) => {
    const socket = tlsConnect({ port: running.port, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().subjectaltname);
      socket.destroy();
    });
    socket.on("error", reject);
  });
  expect(names).toContain("DNS:localhost");
  expect(names).toContain("IP Address:127.0.0.1");
});

test("cleartext on a TLS port closes the connection and harms nobody", async () => {
  await expect(fetch(running.url.replace("https:", "http:"))).rejects.toThrow();
});
