// The suite can fail: each fault, put between the cases and a good server, is found by the case named for it;
// the same cases pass through the same proxy without a fault.

import { afterAll, beforeAll, expect, it } from "vitest";
import { runConformance } from "../src/index.js";
import { startDoctor } from "./support/doctor.js";
import { FAULTS } from "./support/faults.js";
import { type RunningServer, startServer } from "./support/servers.js";

let server: RunningServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const NOTHING = { name: "nothing", caughtBy: "" };

async function outcomes(url: string, only: readonly string[]): Promise<Record<string, string>> {
  const report = await runConformance({
    endpoint: url,
    only,
    seed: 7,
    rounds: 3,
    patienceMs: 4000,
    capabilities: { http2: false, websocket: false },
  });
  return Object.fromEntries(report.results.map(({ id, outcome }) => [id, outcome]));
}

it("nothing is found where nothing is wrong", async () => {
  await using doctor = await startDoctor(server.url, NOTHING);
  const cases = [...new Set(FAULTS.map(({ caughtBy }) => caughtBy))];
  expect(await outcomes(doctor.url, cases)).toEqual(
    Object.fromEntries(cases.map((id) => [id, "passed"])),
  );
});

it.concurrent.each(FAULTS)("$caughtBy finds: $name", async (fault) => {
  await using doctor = await startDoctor(server.url, fault);
  expect(await outcomes(doctor.url, [fault.caughtBy])).toEqual({ [fault.caughtBy]: "failed" });
});

it("at least 52 faults are tried, no two alike", () => {
  expect(new Set(FAULTS.map(({ name }) => name)).size).toBeGreaterThanOrEqual(52);
});
