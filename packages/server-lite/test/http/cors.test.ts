// Cross-origin rules, as a browser would meet them.

import { afterEach, expect, test } from "vitest";
import type { ServerSettings } from "../../src/index.js";
import { call, startServer, type TestServer } from "../support/test-server.js";

const ROOT = "root-token-of-tests";

let running: TestServer | undefined;
afterEach(async () => {
  await running?.server.close();
  running = undefined;
});
async function start(cors?: ServerSettings["cors"]): Promise<string> {
  running = await startServer({ rootToken: ROOT, ...(cors === undefined ? {} : { cors }) });
  return running.url;
}
const origin = "https://app.example";

test("with authentication any origin is echoed, without credentials, on answers and errors alike", async () => {
  const url = await start();
  for (const path of ["/v1/basins", "/v1/nope", "/v1/streams"]) {
    const { headers } = await call(url, "GET", path, { headers: { origin } });
    expect(headers.get("access-control-allow-origin")).toBe(origin);
    expect(headers.get("access-control-allow-credentials")).toBeNull();
    expect(headers.get("access-control-expose-headers")).toContain("s2-provision-result");
    expect(headers.get("vary")).toContain("origin");
  }
  expect(
    (await call(url, "GET", "/v1/basins")).headers.get("access-control-allow-origin"),
  ).toBeNull();
});

test("a preflight echoes what is asked for", async () => {
  const { status, headers } = await call(await start(), "OPTIONS", "/v1/streams/x/records", {
    headers: {
      origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": "s2-basin, content-type",
    },
  });
  expect(status).toBe(204);
  expect(headers.get("access-control-allow-methods")).toBe("POST");
  expect(headers.get("access-control-allow-headers")).toBe("s2-basin, content-type");
});

test("with a list, only its origins are let in", async () => {
  const url = await start({ origins: [origin] });
  const allowOf = async (from: string): Promise<string | null> =>
    (await call(url, "GET", "/v1/basins", { headers: { origin: from } })).headers.get(
      "access-control-allow-origin",
    );
  expect(await allowOf(origin)).toBe(origin);
  expect(await allowOf("https://evil.example")).toBeNull();
});

test("switched off, there are no headers, and OPTIONS is not a method", async () => {
  const url = await start(false);
  const answer = await call(url, "GET", "/v1/basins", { headers: { origin } });
  expect(answer.headers.get("access-control-allow-origin")).toBeNull();
  expect((await call(url, "OPTIONS", "/v1/basins")).status).toBe(405);
});
