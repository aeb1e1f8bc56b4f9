// The cases that need to be told what a server has: a zone for the hosts of basins, limits, and how it is made to stop.

import { expect, it } from "vitest";
import { type ConformanceReport, runConformance } from "../../src/index.js";
import { ROOT, startServer } from "../support/servers.js";

const SUITES = ["hosts", "rate-limits", "draining"];
const ZONE = "b.s2.example";
const LIMITS = { perStream: { appendBatchesPerSec: 20 } };
/** The end comes with the second half of it: time enough for those who take the advice on a busy machine. */
const GRACE_MS = 4000;

async function run(isTold: boolean): Promise<ConformanceReport> {
  await using server = await startServer({
    basinZone: ZONE,
    limits: LIMITS,
    rootToken: ROOT,
    drainGraceMs: isTold ? GRACE_MS : 500,
  });
  // The server is there until it has ended.
  return await runConformance({
    endpoint: server.url,
    token: ROOT,
    only: SUITES,
    patienceMs: 60_000,
    caseTimeoutMs: 90_000,
    ...(isTold
      ? {
          basinZone: ZONE,
          capabilities: { "rate-limits": true },
          drain: () => void server.drain(),
        }
      : {}),
  });
}

it("hosts of basins, limits and a drain are checked where they are told", async () => {
  const report = await run(true);
  expect(
    report.results
      .filter(({ outcome }) => outcome !== "passed")
      .map(({ id, detail }) => [id, detail]),
  ).toEqual([]);
  expect(report.results.length).toBeGreaterThanOrEqual(11);
  const codes = new Set(report.coverage.map(({ code }) => code));
  expect([...codes]).toEqual(expect.arrayContaining(["rate_limited", "server_draining"]));
  // The basin of the last case: nobody is left to remove it.
  expect(report.leftBehind.length).toBe(1);
});

it("are skipped with a reason where nobody says so", async () => {
  const report = await run(false);
  expect(new Set(report.results.map(({ detail }) => detail))).toEqual(
    new Set(["basin-zone", "draining", "rate-limits"].map((name) => `the server has no ${name}`)),
  );
  expect(report.leftBehind).toEqual([]);
});

it("cannot be demanded without what they need", async () => {
  const endpoint = "http://127.0.0.1:1";
  for (const name of ["basin-zone", "draining"])
    await expect(runConformance({ endpoint, capabilities: { [name]: true } })).rejects.toThrow(
      TypeError,
    );
});
