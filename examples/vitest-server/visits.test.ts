// The application against a real server in this process: no port, no container, nothing to clean up.

import { S2 } from "@s2kit/client";
import { createHandlerTransport } from "@s2kit/client/in-process";
import { createServer } from "@s2kit/server-lite";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { recordVisit, visitsOf } from "./visits.ts";

// #region server
const server = createServer();
const s2 = new S2(
  { accessToken: "any", endpoints: "http://in.process" },
  { carrier: createHandlerTransport((request) => server.fetch(request)) },
);

beforeAll(async () => {
  await server.open();
  await s2.basins.create({ basin: "test-basin", config: { createStreamOnAppend: true } });
});
afterAll(async () => {
  await s2.close();
  await server.close();
});

// A stream of its own for each test: nobody sees what another one wrote.
let visits = s2.basin("test-basin").stream("visits");
beforeEach(() => {
  visits = s2.basin("test-basin").stream(`visits-${crypto.randomUUID()}`);
});
// #endregion

it("counts the visits of a page", async () => {
  await recordVisit(visits, "/home");
  await recordVisit(visits, "/about");
  expect(await recordVisit(visits, "/home")).toBe(2);
  expect(await visitsOf(visits, "/home")).toBe(2);
});

it("sees nothing of other tests", async () => {
  await recordVisit(visits, "/home");
  expect(await visitsOf(visits, "/about")).toBe(0);
});
