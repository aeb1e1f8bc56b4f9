// The gate: every case against our server in each of its forms. A case may be skipped only for what the form
// does not have, each such reason is named here.

import { expect, it } from "vitest";
import { CODES } from "../src/codes.js";
import { type ConformanceReport, listCases, runConformance } from "../src/index.js";
import { ROUTES } from "../src/operations.js";
import { diskStorage, ROOT, startServer } from "./support/servers.js";

const PARALLEL = 24;

async function check(
  settings: Parameters<typeof startServer>[0],
  skips: readonly string[],
): Promise<ConformanceReport> {
  await using server = await startServer(settings);
  const report = await runConformance({
    endpoint: server.url,
    token: settings?.rootToken,
    parallel: PARALLEL,
    verifyTls: false,
    rounds: 4,
    // A busy machine is no failure.
    patienceMs: 60_000,
    caseTimeoutMs: 90_000,
    capabilities: {
      websocket: true,
      http2: true,
      encryption: true,
      locations: true,
      metrics: true,
    },
  });
  const failed = report.results.filter(({ outcome }) => outcome === "failed");
  expect(
    failed.map(({ id, detail }) => `${id}: ${detail ?? ""}`),
    `seed ${report.seed}`,
  ).toEqual([]);
  expect(report.results.length).toBe(listCases().length);
  const reasons = new Set<string | undefined>(
    report.results.filter(({ outcome }) => outcome === "skipped").map(({ detail }) => detail),
  );
  expect(reasons).toEqual(new Set(skips.map((name) => `the server has no ${name}`)));
  expect(report.leftBehind).toEqual([]);
  return report;
}

it.concurrent("memory, without authentication", async () => {
  await check({}, ["auth", "tls"]);
});

it.concurrent("memory with authentication; every operation and every code that can be", async () => {
  const report = await check({ rootToken: ROOT }, ["browser-guard", "tls"]);
  const seen = (name: string): boolean =>
    report.coverage.some(({ operation, status }) => operation === name && status < 300);
  expect(ROUTES.filter(({ name }) => !seen(name)).map(({ name }) => name)).toEqual([]);
  for (const { name } of ROUTES)
    expect(
      report.coverage.some((cell) => cell.operation === name && cell.carrier === "h2"),
      name,
    ).toBe(true);
  const codes = new Set(report.coverage.map(({ code }) => code));
  const reachable = Object.entries(CODES).filter(([, rule]) => rule.unreachable === undefined);
  expect(reachable.filter(([code]) => !codes.has(code)).map(([code]) => code)).toEqual([]);
  for (const { code, status } of report.coverage)
    if (CODES[code] !== undefined) expect(status, code).toBe(CODES[code].status);
  // Records in every format, and sessions over every carrier.
  const forms = (name: string): string[] =>
    [
      ...new Set(
        report.coverage
          .filter((cell) => cell.operation === name && cell.status === 200)
          .map(({ format, carrier }) => `${format} ${carrier}`),
      ),
    ].sort();
  expect(forms("append")).toEqual([
    "json h1",
    "json h2",
    "json-base64 h1",
    "json-base64 h2",
    "protobuf h1",
    "protobuf h2",
    "s2s h1",
    "s2s h2",
    "s2s ws",
  ]);
  expect(forms("read")).toEqual([
    "json h1",
    "json h2",
    "json-base64 h1",
    "json-base64 h2",
    "protobuf h1",
    "protobuf h2",
    "s2s h1",
    "s2s h2",
    "s2s ws",
    "sse h1",
    "sse h2",
  ]);
});

it.concurrent("disk with authentication, over TLS", async () => {
  await check({ storage: diskStorage(), rootToken: ROOT, tls: { selfSigned: true } }, [
    "browser-guard",
    "clear-text",
  ]);
});

it.concurrent("disk, without authentication", async () => {
  await check({ storage: diskStorage() }, ["auth", "tls"]);
});
