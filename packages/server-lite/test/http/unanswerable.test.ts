// A request whose answer cannot be sent, and whose refusal cannot either: it breaks off alone.

import { ServerResponse } from "node:http";
import { afterEach, expect, it, vi } from "vitest";
import { call, startServer, type TestServer } from "../support/test-server.js";

let running: TestServer | undefined;
afterEach(async () => {
  vi.restoreAllMocks();
  await running?.server.close();
});

it("breaks off, is told to the log, and the server serves on", async () => {
  const told: string[] = [];
  const logger = {
    info: () => undefined,
    warn: () => undefined,
    error: (_: object, message: string) => void told.push(message),
  };
  running = await startServer({}, { logger });
  const writeHead = vi.spyOn(ServerResponse.prototype, "writeHead").mockImplementation(() => {
    throw new Error("the response is gone");
  });
  await expect(call(running.url, "GET", "/v1/basins?limit=none")).rejects.toThrow(/fetch failed/);
  writeHead.mockRestore();
  expect((await call(running.url, "GET", "/v1/basins")).status).toBe(200);
  expect(told).toContain("request could not be answered");
});
