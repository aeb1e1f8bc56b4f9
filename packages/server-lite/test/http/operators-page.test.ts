// What operators look at when memory is short must be served then.

import { afterEach, expect, it, vi } from "vitest";
import { MemoryBudget } from "../../src/memory/memory-budget.js";
import { call, startServer, type TestServer } from "../support/test-server.js";

let running: TestServer | undefined;
afterEach(() => running?.server.close());

it("the metrics page is served when nothing else has room for its answer", async () => {
  running = await startServer();
  const noRoom = vi.spyOn(MemoryBudget.prototype, "tryTake").mockReturnValue(false);
  try {
    const { status, text } = await call(running.url, "GET", "/metrics");
    expect(status).toBe(200);
    expect(text).toContain("s2kit_memory_held_max_bytes");
  } finally {
    noRoom.mockRestore();
  }
});
