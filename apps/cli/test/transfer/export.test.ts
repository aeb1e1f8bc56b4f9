// `export` approves only what it checked: file, manifest and source are compared before anything
// continues, one export at a time writes, and what the source has lost is told.

import { type ChildProcess, spawn } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Cli, jsonLinesOf, linesOf } from "../harness/cli.js";
import { startWireProxy } from "../harness/wire-proxy.js";

const FILE_STEPS = fileURLToPath(new URL("../../bench/kills/file-steps.mjs", import.meta.url));

let cli: Cli;
let count = 0;

beforeAll(async () => {
  cli = await Cli.withServer();
  await cli.ok("create-basin", "export-basin", "--create-stream-on-append");
});

afterAll(async () => {
  await cli.close();
});

const next = (): string => `s2://export-basin/stream-${count++}`;
const file = (): string => cli.path(`export-${count++}.jsonl`);
const manifestOf = (path: string): Record<string, unknown> =>
  JSON.parse(readFileSync(`${path}.manifest.json`, "utf8")) as Record<string, unknown>;

async function append(uri: string, ...lines: readonly string[]): Promise<void> {
  await cli.okRun(["append", uri], { input: lines.map((line) => `${line}\n`).join("") });
}

async function exported(...lines: readonly string[]): Promise<{ uri: string; path: string }> {
  const uri = next();
  const path = file();
  await append(uri, ...lines);
  await cli.ok("export", uri, "-o", path);
  return { uri, path };
}

const exportJson = async (uri: string, path: string): Promise<Record<string, unknown>> => {
  const [result] = jsonLinesOf(await cli.ok("export", uri, "-o", path, "--json"));
  return result ?? {};
};

const bodiesIn = (path: string): string[] =>
  linesOf(readFileSync(path, "utf8")).map((line) => {
    const { body = "" } = JSON.parse(line) as { body?: string };
    return Buffer.from(body, "base64").toString();
  });

/** What the files of an export hold now, to see that a refusal changed nothing. */
const filesOf = (path: string): (string | undefined)[] =>
  [path, `${path}.manifest.json`, `${path}.progress.json`].map((each) =>
    existsSync(each) ? readFileSync(each, "utf8") : undefined,
  );

async function refusal(uri: string, path: string): Promise<string> {
  const before = filesOf(path);
  const { code, stderr } = await cli.run(["export", uri, "-o", path]);
  expect(code).toBe(9);
  expect(filesOf(path)).toEqual(before);
  expect(existsSync(`${path}.lock`)).toBe(false);
  return stderr;
}

it.each<[string, (path: string) => void, string]>([
  ["removed", (path) => rmSync(path), "it has 0 bytes instead of"],
  ["cut", (path) => truncateSync(path, 20), "its last line is half"],
  [
    "edited",
    (path) => writeFileSync(path, readFileSync(path, "utf8").replace("YQ==", "Yg==")),
    "its SHA-256 is another one",
  ],
  ["longer than the source", (path) => appendFileSync(path, "{}\n"), "goes on behind the tail"],
])("refuses to go on a data file that was %s, and changes nothing", async (_, change, why) => {
  const { uri, path } = await exported("a", "b");
  change(path);
  expect(await refusal(uri, path)).toContain(why);
});

it("refuses a data file whose tail is not what the source says", async () => {
  const { uri, path } = await exported("a", "b");
  appendFileSync(path, "{}\n");
  await append(uri, "c");
  expect(await refusal(uri, path)).toContain("holds something else than what follows");
});

it("refuses lines that do not rise, which an older version approved", async () => {
  const { uri, path } = await exported("a", "b");
  const lines = readFileSync(path, "utf8");
  writeFileSync(path, lines + lines);
  const { createHash } = await import("node:crypto");
  const { stream, config, next_seq_num } = manifestOf(path);
  const sha256 = createHash("sha256").update(readFileSync(path)).digest("hex");
  const old = { version: 1, stream, config, records: 4, next_seq_num, sha256 };
  writeFileSync(`${path}.manifest.json`, JSON.stringify(old));
  expect(await refusal(uri, path)).toContain("seq_num 0 comes after 1");
});

it("goes on from a manifest of the older version, and writes its own", async () => {
  const { uri, path } = await exported("a", "b");
  const { stream, config, records, next_seq_num, sha256 } = manifestOf(path);
  const old = { version: 1, stream, config, records, next_seq_num, sha256 };
  writeFileSync(`${path}.manifest.json`, JSON.stringify(old));
  await append(uri, "c");
  expect(await exportJson(uri, path)).toMatchObject({ records: 3, added: 1, complete: true });
  expect(bodiesIn(path)).toEqual(["a", "b", "c"]);
  expect(manifestOf(path)).toMatchObject({ version: 2, basin: "export-basin", records: 3 });
});

it("goes on at the manifest's next number, not after the last record of the file", async () => {
  const { uri, path } = await exported("a", "b");
  await cli.ok("trim", uri, "1");
  await exportJson(uri, path);
  expect(manifestOf(path)).toMatchObject({ next_seq_num: 3, records: 2 });
  // All that the file knows goes, the trim record behind the last line included.
  await cli.ok("trim", uri, "3");
  await append(uri, "c");
  await expect
    .poll(async () => linesOf(await cli.ok("read", uri, "-s", "0", "-n", "9")))
    .toEqual(["c"]);
  expect(await exportJson(uri, path)).toMatchObject({ gaps: [], complete: true, records: 3 });
});

it("holds the bytes of fence and trim records back", async () => {
  const uri = next();
  const path = file();
  await append(uri, "a");
  await cli.ok("fence", uri, "my-token");
  await cli.ok("trim", uri, "0", "-f", "my-token");
  await cli.okRun(["append", uri, "-f", "my-token"], { input: "b\n" });
  expect(await exportJson(uri, path)).toMatchObject({ records: 2, next_seq_num: 4 });
  const lines = linesOf(readFileSync(path, "utf8")).map(
    (line) => JSON.parse(line) as Record<string, unknown>,
  );
  expect(lines.map(({ seq_num, headers }) => [seq_num, headers])).toEqual([
    [0, undefined],
    [3, undefined],
  ]);
});

it("tells of what was trimmed between two exports, in words, JSON and manifest", async () => {
  const { uri, path } = await exported("old1", "old2");
  await append(uri, "lost1", "lost2", "new");
  await cli.ok("trim", uri, "4");
  await expect
    .poll(async () => linesOf(await cli.ok("read", uri, "-s", "0", "-n", "9")))
    .toEqual(["new"]);
  const said = await cli.okRun(["export", uri, "-o", path]);
  expect(said.stderr).toContain("2..4 are missing");
  expect(manifestOf(path)).toMatchObject({ gaps: [{ from: 2, to: 4 }] });
  expect(bodiesIn(path)).toEqual(["old1", "old2", "new"]);
  expect(await exportJson(uri, path)).toMatchObject({
    gaps: [{ from: 2, to: 4 }],
    complete: false,
  });
  const imported = await cli.okRun(["import", next(), "-i", path]);
  expect(imported.stderr).toContain("the export has 1 gap");
});

it("says where a source begins that was trimmed before its first export", async () => {
  const uri = next();
  const path = file();
  await append(uri, "a", "b", "c");
  await cli.ok("trim", uri, "2");
  await expect
    .poll(async () => linesOf(await cli.ok("read", uri, "-s", "0", "-n", "9")))
    .toEqual(["c"]);
  const result = await exportJson(uri, path);
  expect(result).toMatchObject({ records: 1, head_seq_num: 2, gaps: [], complete: true });
  await cli.ok("trim", uri, "4");
  await expect.poll(async () => cli.ok("read", uri, "-s", "0", "-n", "9", "--clamp")).toBe("");
  expect(await exportJson(uri, path)).toMatchObject({ next_seq_num: 5, head_seq_num: 2 });
});

it("refuses a stream that was made anew behind the same name", async () => {
  const { uri, path } = await exported("old1", "old2");
  await cli.ok("delete-stream", uri, "-y", "--wait");
  await append(uri, "new1", "new2", "new3");
  expect(await refusal(uri, path)).toContain("was made anew since it was exported: exported was");
  // Without creation times the records tell.
  const manifest = { ...manifestOf(path), version: 1, created_at: undefined };
  writeFileSync(`${path}.manifest.json`, JSON.stringify(manifest));
  expect(await refusal(uri, path)).toContain("record 1 is another one");
});

it("refuses a file that holds another stream, a directory that holds another basin", async () => {
  const { path } = await exported("a");
  const other = next();
  await append(other, "b");
  const refused = await cli.run(["export", other, "-o", path]);
  expect([refused.code, refused.stderr]).toEqual([
    2,
    expect.stringContaining("the file holds another stream"),
  ]);
  await cli.ok("create-basin", "second-basin");
  await cli.ok("create-basin", "third-basin");
  const directory = cli.path("basins");
  await cli.ok("export", "second-basin", "-o", directory);
  const mixed = await cli.run(["export", "third-basin", "-o", directory]);
  expect([mixed.code, mixed.stderr]).toEqual([
    2,
    expect.stringContaining("the directory holds another basin"),
  ]);
});

it("lets one export at a time write, and the next one go on when it is done", async () => {
  const uri = next();
  const path = file();
  await append(uri, ...Array.from({ length: 2000 }, (_, i) => `line ${i} ${"x".repeat(500)}`));
  await using proxy = await startWireProxy(cli.url ?? "", { holdAfterBytes: 300 });
  const first = cli.run(["export", uri, "-o", path], {
    env: { S2_ENDPOINT: proxy.url },
    asProcess: true,
  });
  await proxy.held;
  const second = await cli.run(["export", uri, "-o", path], { asProcess: true });
  expect([second.code, second.stderr]).toEqual([
    1,
    expect.stringMatching(/another process is writing here pid=\d+ host=/),
  ]);
  proxy.release();
  expect((await first).code).toBe(0);
  expect(await exportJson(uri, path)).toMatchObject({ records: 2000, added: 0 });
});

it("does not finish an export whose lock another process took over", async () => {
  const uri = next();
  const path = file();
  await append(uri, "a");
  await using proxy = await startWireProxy(cli.url ?? "", { holdAfterBytes: 0 });
  const run = cli.run(["export", uri, "-o", path], {
    env: { S2_ENDPOINT: proxy.url },
    asProcess: true,
  });
  await proxy.held;
  const taken = '{"token":"of another one"}';
  writeFileSync(`${path}.lock`, taken);
  proxy.release();
  const { code, stderr } = await run;
  expect([code, stderr]).toEqual([1, expect.stringContaining("took the lock over")]);
  expect(existsSync(`${path}.manifest.json`)).toBe(false);
  expect(readFileSync(`${path}.lock`, "utf8")).toBe(taken);
});

it("notes its progress after the records are on their disk, and proves it before going on", async () => {
  const uri = next();
  const [whole, path, log] = [file(), file(), file()];
  const body = "x".repeat(900_000);
  await append(uri, ...Array.from({ length: 24 }, (_, i) => `${i} ${body}`));
  const preload = { NODE_OPTIONS: `--import=${FILE_STEPS}` };
  await cli.okRun(["export", uri, "-o", whole], { env: { ...preload, S2KIT_STEP_LOG: log } });
  const name = whole.split("/").at(-1);
  const steps = linesOf(readFileSync(log, "utf8"));
  const noted = steps.indexOf(`rename ${name}.progress.json`);
  expect(steps.slice(noted - 4, noted)).toEqual([
    `sync ${name}`,
    `open ${name}.progress.json.tmp`,
    `write ${name}.progress.json.tmp`,
    `sync ${name}.progress.json.tmp`,
  ]);
  const killed = await cli.run(["export", uri, "-o", path], {
    env: { ...preload, S2KIT_KILL_AT_STEP: `${noted + 4}`, S2KIT_KILL_SIDE: "after" },
  });
  expect(killed.code).toBe(null);
  const progress = JSON.parse(readFileSync(`${path}.progress.json`, "utf8")) as { records: number };
  expect(progress.records).toBeGreaterThan(10);
  const good = readFileSync(path);
  writeFileSync(path, `${good.toString("latin1").replace("eHh4", "eXh4")}`, "latin1");
  expect(await refusal(uri, path)).toContain("its SHA-256 is another one");
  writeFileSync(path, good);
  const result = await exportJson(uri, path);
  expect(result).toMatchObject({ records: 24, complete: true });
  expect(result.added).toBeLessThanOrEqual(24 - progress.records);
  expect(readFileSync(path).equals(readFileSync(whole))).toBe(true);
  expect(existsSync(`${path}.progress.json`)).toBe(false);
});

it("takes the lock of a holder that was killed, at once", async () => {
  const uri = next();
  const path = file();
  await append(uri, "a");
  await using proxy = await startWireProxy(cli.url ?? "", { holdAfterBytes: 0 });
  let child: ChildProcess | undefined;
  const killed = cli.run(["export", uri, "-o", path], {
    env: { S2_ENDPOINT: proxy.url },
    onStart: (process) => {
      child = process;
    },
  });
  await proxy.held;
  expect(existsSync(`${path}.lock`)).toBe(true);
  child?.kill("SIGKILL");
  await killed;
  const { stderr } = await cli.okRun(["export", uri, "-o", path]);
  expect(stderr).not.toContain("watching");
});

it("believes the pulse of a lock, not a process id, when it comes from another namespace", async () => {
  const { uri, path } = await exported("a");
  const lock = `${path}.lock`;
  // The id of no living process here; there it may be anybody.
  const gone = spawn(process.execPath, ["-e", ""]);
  await new Promise((resolve) => gone.once("close", resolve));
  const foreign = {
    pid: gone.pid,
    host: hostname(),
    boot: "b",
    namespace: "pid:[1]",
    started: "1",
  };
  writeFileSync(lock, JSON.stringify({ ...foreign, token: "t" }));
  const pulse = setInterval(() => utimesSync(lock, new Date(), new Date()), 200);
  const alive = await cli.run(["export", uri, "-o", path]);
  clearInterval(pulse);
  expect([alive.code, alive.stderr]).toEqual([1, expect.stringContaining("another process")]);
  expect(JSON.parse(readFileSync(lock, "utf8"))).toMatchObject({ token: "t" });
  const { stderr } = await cli.okRun(["export", uri, "-o", path]);
  expect(stderr).toContain("watching it for 10 s");
  expect(existsSync(lock)).toBe(false);
});

it("does not take another process for the dead one whose id it has", async () => {
  const { uri, path } = await exported("a");
  const { ownIdentity } = await import("../../src/transfer/process-identity.js");
  const reused = { ...ownIdentity(), started: "1", token: "t" };
  writeFileSync(`${path}.lock`, JSON.stringify(reused));
  const { stderr } = await cli.okRun(["export", uri, "-o", path]);
  expect(stderr).not.toContain("watching");
});
