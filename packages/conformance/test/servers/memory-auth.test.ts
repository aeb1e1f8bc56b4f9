import { expect } from "vitest";
import { CODES } from "../../src/codes.js";
import type { ConformanceReport } from "../../src/index.js";
import { ROUTES } from "../../src/operations.js";
import { checkForm } from "../support/every-case.js";
import { ROOT } from "../support/servers.js";

checkForm({
  title: "memory, with authentication",
  settings: { rootToken: ROOT },
  lacks: ["browser-guard", "tls"],
  looks: { "comes to every operation, every code that can be, and every format": expectCoverage },
});

function expectCoverage({ coverage }: ConformanceReport): void {
  const seen = (name: string): boolean =>
    coverage.some(({ operation, status }) => operation === name && status < 300);
  expect(ROUTES.filter(({ name }) => !seen(name)).map(({ name }) => name)).toEqual([]);
  for (const { name } of ROUTES)
    expect(
      coverage.some((cell) => cell.operation === name && cell.carrier === "h2"),
      name,
    ).toBe(true);
  const codes = new Set(coverage.map(({ code }) => code));
  const reachable = Object.entries(CODES).filter(([, rule]) => rule.unreachable === undefined);
  expect(reachable.filter(([code]) => !codes.has(code)).map(([code]) => code)).toEqual([]);
  for (const { code, status } of coverage)
    if (CODES[code] !== undefined) expect(status, code).toBe(CODES[code].status);
  // Records in every format, and sessions over every carrier.
  const forms = (name: string): string[] =>
    [
      ...new Set(
        coverage
          .filter((cell) => cell.operation === name && cell.status === 200)
          .map(({ format, carrier }) => `${format} ${carrier}`),
      ),
    ].sort();
  const unary = ["json h1", "json h2", "json-base64 h1", "json-base64 h2"];
  const binary = ["protobuf h1", "protobuf h2", "s2s h1", "s2s h2", "s2s ws"];
  expect(forms("append")).toEqual([...unary, ...binary]);
  expect(forms("read")).toEqual([...unary, ...binary, "sse h1", "sse h2"]);
}
