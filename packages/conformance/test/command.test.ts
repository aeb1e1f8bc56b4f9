// The command as people run it: a process, its exit code, what it prints and writes, and that it removes what
// it made also when it is interrupted.

import { execFile, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ConformanceReport, listCases, runConformance } from "../src/index.js";
import { ROOT, type RunningServer, startServer } from "./support/servers.js";

const MAIN = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "s2kit-conformance-"));

let server: RunningServer;
beforeAll(async () => {
  server = await startServer({ rootToken: ROOT });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(...args: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

const withToken = (...args: readonly string[]): Promise<Ran> =>
  run(server.url, "--token", ROOT, ...args);

async function basins(): Promise<string[]> {
  const answer = await fetch(`${server.url}/v1/basins`, {
    headers: { authorization: `Bearer ${ROOT}` },
  });
  const { basins: found } = (await answer.json()) as {
    basins: { name: string; deleted_at: string | null }[];
  };
  return found.filter((each) => each.deleted_at === null).map(({ name }) => name);
}

function knownFile(known: Record<string, string>): string {
  const path = join(folder, `known-${Object.keys(known).join("-").replaceAll("/", "-")}.json`);
  writeFileSync(path, JSON.stringify({ target: "ours", known }));
  return path;
}

it("lists its cases", async () => {
  const { code, stdout } = await run("--list");
  expect([code, stdout.trim().split("\n").length]).toEqual([0, listCases().length]);
  expect(stdout).toContain("append/match-seq-num  a failed match is 412");
});

it("runs chosen cases, reports as text, JSON and tables, and leaves nothing", async () => {
  const [json, table] = [join(folder, "report.json"), join(folder, "report.md")];
  const ran = await withToken(
    "--only",
    "timestamps",
    "--only",
    "commands/trim*",
    "--json",
    json,
    "--table",
    table,
    "--basin-prefix",
    "mine",
  );
  expect(ran.code, ran.stdout + ran.stderr).toBe(0);
  expect(ran.stdout).toMatch(
    /: \d+ passed, 0 failed, 0 known, 0 unexpected passes, 0 skipped; [\d.]+ s, seed \d+\n$/,
  );
  expect(ran.stderr).toMatch(/ok {6}timestamps\/arrival \(\d+ ms\)/);
  const report = JSON.parse(readFileSync(json, "utf8")) as ConformanceReport;
  expect(report.results.map(({ id }) => id)).toContain("commands/trim-of-the-future");
  expect(report.coverage.length).toBeGreaterThan(3);
  expect(readFileSync(table, "utf8")).toMatch(
    /^\| `append` \| json json-base64 protobuf \| h1 \| 200 \| invalid \|$/m,
  );
  expect(await basins()).toEqual([]);
});

it("tells a known failure that passes", async () => {
  const known = knownFile({ "timestamps/arrival": "does not know arrival" });
  const { code, stdout } = await withToken(
    "--only",
    "timestamps/arrival",
    "--known",
    known,
    "--quiet",
  );
  expect(code).toBe(1);
  expect(stdout).toContain("PASSES timestamps/arrival");
  expect(stdout).toContain("known as failing: does not know arrival");
});

it("replays random requests from a seed", async () => {
  const one = await withToken(
    "--only",
    "random/queries",
    "--seed",
    "42",
    "--rounds",
    "1",
    "--quiet",
  );
  expect([one.code, one.stdout.endsWith("seed 42\n")]).toEqual([0, true]);
});

it.each([
  [["--bogus"], /bogus/],
  [[], /name one server/],
  [["ftp://x"], /http or https/],
  [["http://127.0.0.1:1/path"], /without a path/],
  [["http://127.0.0.1:1", "--only", "none/such"], /no suite or case is named none\/such/],
  [["http://127.0.0.1:1", "--seed", "x"], /--seed takes a whole number/],
  [["http://127.0.0.1:1", "--has", "wings"], /no capability is named wings/],
  [["http://127.0.0.1:1", "--known", "/none/such.json"], /such\.json/],
  [["http://127.0.0.1:1", "--basin-prefix", "Bad_"], /basin prefix/],
])("refuses %j with exit code 2", async (args, message) => {
  const { code, stderr } = await run(...args);
  expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
});

it("says when there is no server, or the token is not taken, with exit code 3", async () => {
  const none = await run("http://127.0.0.1:1");
  expect([none.code, none.stderr]).toEqual([
    3,
    expect.stringMatching(/cannot reach http:\/\/127\.0\.0\.1:1/),
  ]);
  const closed = await run(server.url);
  expect([closed.code, closed.stderr]).toEqual([
    3,
    expect.stringMatching(/asks for an access token/),
  ]);
  const wrong = await run(server.url, "--token", "wrong-secret-token");
  expect([wrong.code, wrong.stderr]).toEqual([3, expect.stringMatching(/does not accept/)]);
  expect(wrong.stderr).not.toContain("wrong-secret-token");
});

it("is told what it cannot find out, and refuses half of it", async () => {
  await using zoned = await startServer({ rootToken: ROOT, basinZone: "b.s2.example" });
  const hosts = ["--only", "hosts", "--basin-zone", "b.s2.example", "--quiet"];
  const told = await run(zoned.url, "--token", ROOT, ...hosts);
  expect([told.code, told.stdout]).toEqual([0, expect.stringMatching(/7 passed, 0 failed/)]);
  for (const wrong of [
    ["--has", "basin-zone"],
    ["--has", "draining"],
    ["--drain-pid", "1"],
    ["--drain-pid", "-7"],
  ])
    expect((await withToken("--only", "hosts", ...wrong)).code, wrong.join(" ")).toBe(2);
});

it("removes its basins when it is interrupted", async () => {
  const child = spawn(process.execPath, [MAIN, server.url, "--token", ROOT, "--parallel", "4"]);
  let progress = "";
  const working = new Promise<void>((resolve) => {
    child.stderr.on("data", (chunk: Buffer) => {
      progress += chunk.toString();
      if (progress.split("\n").length > 20) resolve();
    });
  });
  await working;
  expect((await basins()).length).toBeGreaterThan(0);
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  child.kill("SIGINT");
  expect(await ended).toBe(130);
  expect(await basins()).toEqual([]);
});

it("needs no more than the rights of its token, and says what it skipped", async () => {
  const scope = {
    basins: { prefix: "" },
    streams: { prefix: "" },
    op_groups: { basin: { read: true, write: true }, stream: { read: true } },
    ops: ["create-basin", "delete-basin"],
  };
  const issued = await fetch(`${server.url}/v1/access-tokens`, {
    method: "POST",
    headers: { authorization: `Bearer ${ROOT}`, "content-type": "application/json" },
    body: JSON.stringify({ id: "reader", scope }),
  });
  const { access_token: token } = (await issued.json()) as { access_token: string };
  const report = await runConformance({
    endpoint: server.url,
    token,
    only: ["timestamps", "names/basin-48-bytes", "lists/pages", "locations"],
  });
  expect(report.totals).toMatchObject({ failed: 0, passed: 2 });
  expect(report.results.find(({ id }) => id === "timestamps/arrival")).toMatchObject({
    outcome: "skipped",
    detail: "the token may not append",
  });
  expect(report.denied).toContain("append");
  expect(report.leftBehind).toEqual([]);
});

it("the snippet of the README runs as it is printed", async () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const snippet = /<!-- snippet: conformance -->\n```ts\n([^]*?)```/.exec(readme)?.[1];
  expect(snippet).toContain("runConformance");
  await using open = await startServer();
  // Beside this file, so that the package is found by its own name.
  const path = fileURLToPath(new URL(`.snippet-${process.pid}.mjs`, import.meta.url));
  writeFileSync(path, snippet ?? "");
  try {
    const stdout = await new Promise<string>((resolve, reject) => {
      const env = { PATH: process.env.PATH, S2_ENDPOINT: open.url };
      execFile(process.execPath, [path], { env }, (error, out) =>
        error === null ? resolve(out) : reject(error),
      );
    });
    expect(stdout).toMatch(/\d\d passed, 0 failed/);
  } finally {
    rmSync(path);
  }
});
