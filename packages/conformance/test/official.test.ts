// The official server under the same cases: what it does otherwise is in known/, with reasons, and nothing
// else may differ. Needs `s2` on the PATH or in S2KIT_OFFICIAL_CLI.

import { execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { expect, it } from "vitest";
import { parseKnown, runConformance } from "../src/index.js";

const COMMAND = process.env.S2KIT_OFFICIAL_CLI || "s2";
const REASON =
  versionOf(COMMAND) === undefined ? "no `s2` on the PATH, and S2KIT_OFFICIAL_CLI is not set" : "";
if (REASON !== "") process.stderr.write(`the official server is not checked: ${REASON}\n`);

function versionOf(command: string): string | undefined {
  try {
    return /^s2 (\d+\.\d+\.\d+)/.exec(
      execFileSync(command, ["--version"], { encoding: "utf8", stdio: "pipe" }),
    )?.[1];
  } catch {
    return undefined;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() =>
        resolve(typeof address === "object" && address !== null ? address.port : 0),
      );
    });
  });
}

it.skipIf(REASON !== "")(
  "the official lite differs only where it is known to (needs s2 on the PATH or S2KIT_OFFICIAL_CLI)",
  async () => {
    const known = parseKnown(
      readFileSync(new URL("../known/s2-lite-0.43.json", import.meta.url), "utf8"),
    );
    expect(versionOf(COMMAND)).toMatch(/^0\.43\./);
    const port = await freePort();
    const child = spawn(COMMAND, ["lite", "--port", String(port)], { stdio: "ignore" });
    try {
      const endpoint = `http://127.0.0.1:${port}`;
      await expect
        .poll(
          () =>
            fetch(`${endpoint}/health`).then(
              ({ status }) => status,
              () => 0,
            ),
          { timeout: 15_000 },
        )
        .toBe(200);
      const report = await runConformance({ endpoint, known, parallel: 16, rounds: 4 });
      const told = report.results.filter(
        ({ outcome }) => outcome === "failed" || outcome === "unexpected-pass",
      );
      expect(told.map(({ id, outcome, detail }) => `${outcome} ${id}: ${detail ?? ""}`)).toEqual(
        [],
      );
      expect(report.totals.known).toBeGreaterThanOrEqual(Object.keys(known.known).length);
    } finally {
      child.kill("SIGKILL");
    }
  },
);

it("known failures name cases that exist, each with a reason", async () => {
  const { listCases } = await import("../src/index.js");
  const known = parseKnown(
    readFileSync(new URL("../known/s2-lite-0.43.json", import.meta.url), "utf8"),
  );
  const ids = new Set(listCases().map(({ id }) => id));
  expect(Object.keys({ ...known.known, ...known.sometimes }).filter((id) => !ids.has(id))).toEqual(
    [],
  );
  expect(() => parseKnown('{"target":"x","known":{"a/b":""}}')).toThrow(/without a reason: a\/b/);
  expect(() => parseKnown('{"known":{}}')).toThrow(TypeError);
});
