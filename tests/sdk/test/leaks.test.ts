// What is left after many sessions: no listener, no timer, no memory, no reason to stay alive. Numbers in
// comments are recorded defects in tests/sdk/test/defects.test.ts.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { startServer } from "./harness/server.js";

const CYCLES = 150;

it("leaves no listener, timer or memory behind, and lets the process end (23, 57, 59)", async () => {
  const { url } = await startServer();
  // The client keeps one connection for reuse: it must not hold the process.
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--expose-gc", `${import.meta.dirname}/harness/leak-cycles.ts`, url, String(CYCLES)],
    { timeout: 59_000 },
  );
  const left = JSON.parse(stdout) as { grownBytes: number; listeners: number; timers: number };
  expect(left.listeners).toBe(0);
  expect(left.timers).toBeLessThanOrEqual(2);
  // A leaked session holds buffers of many KiB: this is less than 2 KiB for each.
  expect(left.grownBytes).toBeLessThan(CYCLES * 3 * 2048);
}, 60_000);
