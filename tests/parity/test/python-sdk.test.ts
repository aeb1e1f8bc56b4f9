// The official Python SDK against our server, with and without authentication: python/conformance.py
// calls every public method and checks what comes back. Runs when S2KIT_PYTHON_SDK names a Python
// that has the package s2-sdk; without it only the list of cases is compared with the README.

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { startLite } from "./harness/lite.js";
import { start } from "./harness/process.js";

const SCRIPT = fileURLToPath(new URL("../python/conformance.py", import.meta.url));
const PYTHON = process.env.S2KIT_PYTHON_SDK ?? "";
const ROOT_TOKEN = "root-token-of-the-python-suite";

interface Report {
  readonly passed: readonly string[];
  readonly failed: Readonly<Record<string, string>>;
  readonly uncalled: readonly string[];
}

async function casesOfScript(): Promise<readonly string[]> {
  const list = /^CASES = \[\n([^\]]*)\]/m.exec(await readFile(SCRIPT, "utf8"));
  return (list?.[1] ?? "").split(",").flatMap((name) => (name.trim() === "" ? [] : [name.trim()]));
}

const RUNS = [
  { title: "no authentication", flags: [], args: [] },
  {
    title: "authentication",
    flags: ["--auth"],
    args: ["--auth", "--root-token", ROOT_TOKEN],
  },
] as const;

it.skipIf(PYTHON === "").each(RUNS)(
  "every method of the official Python SDK works against our server with $title (needs S2KIT_PYTHON_SDK)",
  async ({ flags, args }) => {
    await using server = await startLite("ours", { args });
    const command = [PYTHON, SCRIPT, server.url, ROOT_TOKEN, ...flags];
    const { code, stdout, stderr } = await start(command, {
      env: { PATH: process.env.PATH ?? "" },
    }).ended;
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout) as Report).toEqual({
      passed: await casesOfScript(),
      failed: {},
      uncalled: [],
    });
  },
);

it("the README names each case of the Python suite", async () => {
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  const cases = await casesOfScript();
  expect(cases.length).toBeGreaterThan(10);
  for (const name of cases) expect(readme).toContain(`\`${name}\``);
});
