// The gate: every case against our server in each of its forms. A case may be skipped only for what the form
// does not have, each such reason is named here.

import { expect, it } from "vitest";
import { CODES } from "../src/codes.js";
import {
  type ConformanceOptions,
  type ConformanceReport,
  listCases,
  runConformance,
} from "../src/index.js";
import { ROUTES } from "../src/operations.js";
import { diskStorage, ROOT, startServer } from "./support/servers.js";

/** Server and cases share one process and its turns: more at once only make each other late. */
const PARALLEL = 8;
/** Some cases send slowly or wait on purpose: a machine that does other things is slower still. */
const PATIENT = { headersTimeoutMs: 60_000 };

async function check(
  settings: Parameters<typeof startServer>[0],
  skips: readonly string[],
): Promise<ConformanceReport> {
  await using server = await startServer({ ...PATIENT, ...settings });
  const run = (more: Partial<ConformanceOptions>): Promise<ConformanceReport> =>
    runConformance({
      endpoint: server.url,
      token: settings?.rootToken,
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
      ...more,
    });
  const report = await run({ parallel: PARALLEL });
  // What failed beside others is told, and must hold by itself: some cases are about time.
  const late = report.results.filter(({ outcome }) => outcome === "failed");
  for (const { id, detail } of late) process.stdout.write(`again, alone: ${id}: ${detail ?? ""}\n`);
  const alone =
    late.length === 0 ? [] : (await run({ parallel: 1, only: late.map(({ id }) => id) })).results;
  const failed = alone.filter(({ outcome }) => outcome === "failed");
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

it("memory, without authentication", async () => {
  await check({}, ["auth", "tls"]);
});

it("memory with authentication; every operation and every code that can be", async () => {
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

it("disk with authentication, over TLS", async () => {
  await check({ storage: diskStorage(), rootToken: ROOT, tls: { selfSigned: true } }, [
    "browser-guard",
    "clear-text",
  ]);
});

it("disk, without authentication", async () => {
  await check({ storage: diskStorage() }, ["auth", "tls"]);
});
