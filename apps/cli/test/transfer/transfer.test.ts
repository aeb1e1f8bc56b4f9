// Export and import: equal files after a round trip, resuming, and refusing what does not fit; verify
// and watch beside them.

import {
  appendFileSync,
  existsSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Cli, jsonLinesOf, linesOf } from "../harness/cli.js";

let cli: Cli;
let count = 0;

beforeAll(async () => {
  cli = await Cli.withServer();
  await cli.ok("create-basin", "move-basin", "--create-stream-on-append");
});

afterAll(async () => {
  await cli.close();
});

const next = (): string => `s2://move-basin/stream-${count++}`;
const file = (): string => cli.path(`export-${count++}.jsonl`);

const base64 = (minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength, maxLength }).map((bytes) => Buffer.from(bytes).toString("base64"));

async function streamWith(lines: readonly string[], format = "text"): Promise<string> {
  const uri = next();
  await cli.ok("create-stream", uri);
  await cli.okRun(["append", uri, "--format", format], {
    input: lines.map((l) => `${l}\n`).join(""),
  });
  return uri;
}

it("export, import, export gives equal files", { timeout: 120_000 }, async () => {
  const record = fc.record({
    timestamp: fc.integer({ min: 0, max: 1_700_000_000_000 }),
    headers: fc.array(fc.tuple(base64(1, 8), base64(0, 8)), {
      maxLength: 2,
    }),
    body: base64(0, 40),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 100 }), async (records) => {
      const uri = await streamWith(
        records.map((each) => JSON.stringify(each)),
        "json-base64",
      );
      const [first, second, copy] = [file(), file(), next()];
      await cli.ok("export", uri, "-o", first);
      await cli.ok("import", copy, "-i", first);
      await cli.ok("export", copy, "-o", second);
      expect(readFileSync(second, "utf8")).toBe(readFileSync(first, "utf8"));
      expect(linesOf(readFileSync(first, "utf8"))).toHaveLength(records.length);
    }),
    { numRuns: 5 },
  );
});

it("an interrupted export goes on after its last whole line", async () => {
  const uri = await streamWith(Array.from({ length: 500 }, (_, i) => `line ${i}`));
  const [whole, torn] = [file(), file()];
  await cli.ok("export", uri, "-o", whole);
  await cli.ok("export", uri, "-o", torn);
  // What a crash leaves: no manifest, half a line at the end.
  rmSync(`${torn}.manifest.json`);
  truncateSync(torn, Math.floor(readFileSync(torn).length / 2) + 3);
  const [resumed] = jsonLinesOf(await cli.ok("export", uri, "-o", torn, "--json"));
  expect(resumed).toMatchObject({ records: 500, complete: true });
  expect(resumed?.added).toBeLessThan(400);
  expect(readFileSync(torn)).toEqual(readFileSync(whole));
  await cli.okRun(["append", uri], { input: "more\n" });
  const [later] = jsonLinesOf(await cli.ok("export", uri, "-o", torn, "--json"));
  expect(later).toMatchObject({ records: 501, added: 1 });
});

it("an interrupted import goes on after what is there", async () => {
  const uri = await streamWith(Array.from({ length: 50 }, (_, i) => `line ${i}`));
  const path = file();
  await cli.ok("export", uri, "-o", path);
  const copy = next();
  const half = linesOf(readFileSync(path, "utf8")).slice(0, 20);
  await cli.okRun(["append", copy, "--format", "json-base64"], { input: half.join("\n") });
  expect(jsonLinesOf(await cli.ok("import", copy, "-i", path, "--json"))).toEqual([
    expect.objectContaining({ records: 50, resumed_at: 20, verified: true }),
  ]);
  expect(await cli.ok("check-tail", copy)).toMatch(/^50 @/);
  // Once more changes nothing.
  await cli.ok("import", copy, "-i", path);
  expect(await cli.ok("check-tail", copy)).toMatch(/^50 @/);
});

it("import leaves a stream alone that holds something else, and refuses changed or unfinished data", async () => {
  const uri = await streamWith(["a", "b"]);
  const path = file();
  await cli.ok("export", uri, "-o", path);
  const other = await streamWith(["x"]);
  const refused = await cli.run(["import", other, "-i", path]);
  expect([refused.code, refused.stderr]).toEqual([
    9,
    expect.stringContaining("record 0 has another body"),
  ]);
  expect(await cli.ok("check-tail", other)).toMatch(/^1 @/);
  const longer = await streamWith(["a", "b", "c"]);
  expect((await cli.run(["import", longer, "-i", path])).code).toBe(9);

  appendFileSync(path, "{}\n");
  const changed = await cli.run(["import", next(), "-i", path]);
  expect([changed.code, changed.stderr]).toEqual([9, expect.stringContaining("does not match")]);
  rmSync(`${path}.manifest.json`);
  const unfinished = await cli.run(["import", next(), "-i", path]);
  expect([unfinished.code, unfinished.stderr]).toEqual([
    1,
    expect.stringContaining("did not finish"),
  ]);
});

it("leaves fence and trim records out, so that an import neither fences nor trims", async () => {
  const uri = await streamWith(["a"]);
  await cli.ok("fence", uri, "token");
  await cli.okRun(["append", uri], { input: "b\n" });
  const path = file();
  await cli.ok("export", uri, "-o", path);
  const copy = next();
  await cli.ok("import", copy, "-i", path);
  expect(await cli.ok("tail", copy)).toBe("a\nb\n");
});

it("moves a whole basin, names that file systems do not like included", async () => {
  await cli.ok("create-basin", "source-basin", "--storage-class", "standard");
  for (const name of ["a/b", "..x", "A", "a", "ü ?*"]) {
    await cli.ok("create-stream", `s2://source-basin/${name}`);
    await cli.okRun(["append", `s2://source-basin/${name}`], { input: `in ${name}\n` });
  }
  const directory = cli.path("basin");
  await cli.ok("export", "source-basin", "-o", directory);
  await cli.ok("import", "target-basin", "-i", directory);
  expect(await cli.ok("diff", "s2://source-basin", "s2://target-basin")).toContain(
    "No differences",
  );
  for (const name of ["a/b", "..x", "A", "a", "ü ?*"])
    expect(await cli.ok("tail", `s2://target-basin/${name}`)).toBe(`in ${name}\n`);
  // A manifest that points elsewhere is refused.
  const manifest = `${directory}/basin.json`;
  writeFileSync(
    manifest,
    readFileSync(manifest, "utf8").replace("000001.jsonl", "../000001.jsonl"),
  );
  expect((await cli.run(["import", "third-basin", "-i", directory])).code).toBe(1);
  expect(existsSync(directory)).toBe(true);
});

const readAll = (uri: string): Promise<string> =>
  cli.ok("read", uri, "-s", "0", "-n", "100000", "--format", "base64");

it("cp copies headers, timestamps and bytes, without commands, and again only what is new", async () => {
  const uri = await streamWith(
    [
      '{"timestamp":10,"headers":[["aw==","dg=="]],"body":"//4="}',
      '{"timestamp":20,"body":"dHdv"}',
      '{"timestamp":20}',
    ],
    "base64",
  );
  const copy = "s2://move-basin/copies/a";
  const first = await cli.okRun(["cp", uri, copy]);
  expect([first.stdout, first.stderr]).toEqual(["", `✓ ${uri} → ${copy}: 3 records, 3 new\n`]);
  expect(await readAll(copy)).toBe(await readAll(uri));
  await cli.ok("fence", uri, "token");
  await cli.okRun(["append", uri], { input: "after\n" });
  const again = JSON.parse(await cli.ok("cp", uri, copy, "--json")) as unknown;
  expect(again).toMatchObject({ from: uri, to: copy, records: 4, resumed_at: 3 });
  expect(await cli.ok("tail", copy, "-n", "1")).toBe("after\n");
  const third = JSON.parse(await cli.ok("cp", uri, copy, "--json")) as unknown;
  expect(third).toMatchObject({ records: 4, resumed_at: 4 });
});

it("cp makes the target with the same configuration, and keeps the one it finds", async () => {
  const uri = next();
  await cli.ok("create-stream", uri, "--retention-policy", "3days");
  await cli.okRun(["append", uri], { input: "a\n" });
  const [made, found] = [next(), next()];
  await cli.ok("create-stream", found, "--timestamping-mode", "arrival");
  await cli.ok("cp", uri, made);
  await cli.ok("cp", uri, found);
  // Its times are its own, so they are not what is compared.
  await cli.ok("cp", uri, found);
  expect(JSON.parse(await cli.ok("get-stream-config", made, "--json"))).toMatchObject({
    retention_policy: { age: 259_200 },
  });
  expect(JSON.parse(await cli.ok("get-stream-config", found, "--json"))).toMatchObject({
    timestamping: { mode: "arrival" },
  });
});

it("cp leaves a target alone that holds something else", async () => {
  const uri = await streamWith(["a", "b", "c"]);
  const [other, longer] = [await streamWith(["a", "x"]), next()];
  await cli.ok("cp", uri, longer);
  await cli.okRun(["append", longer], { input: "d\n" });
  for (const [target, why] of [
    [other, "record 0 has another timestamp"],
    [longer, "it holds 4 records, the source 3"],
  ] as const) {
    const before = await readAll(target);
    const refused = await cli.run(["cp", uri, target]);
    expect([refused.code, refused.stderr]).toEqual([9, expect.stringContaining(why)]);
    expect(await readAll(target)).toBe(before);
  }
  expect((await cli.run(["cp", uri, uri])).code).toBe(2);
  expect((await cli.run(["cp", "s2://move-basin/not-there", next()])).code).toBe(4);
  expect((await cli.okRun(["cp", await emptyStream(), next()])).stderr).toContain("0 records");
});

it("cp --follow mirrors until Ctrl-C, drains, and goes on later", async () => {
  const uri = await streamWith(["1", "2"]);
  const copy = next();
  const mirror = async (until: string): Promise<void> => {
    let isRunning = true;
    const run = cli
      .run(["cp", "-f", uri, copy], {
        onStart: (child) =>
          void (async () => {
            while (
              isRunning &&
              !(await cli.run(["read", copy, "-s", "0", "-n", "99"])).stdout.endsWith(until)
            )
              await new Promise((resolve) => setTimeout(resolve, 50));
            child.kill("SIGINT");
          })(),
      })
      .finally(() => {
        isRunning = false;
      });
    expect((await run).code).toBe(130);
  };
  const first = mirror("3\n");
  await cli.okRun(["append", uri], { input: "3\n" });
  await first;
  await cli.okRun(["append", uri], { input: "4\n" });
  await mirror("4\n");
  expect(await cli.ok("tail", copy)).toBe("1\n2\n3\n4\n");
});

it("verify walks a whole stream", async () => {
  const uri = await streamWith(Array.from({ length: 1500 }, (_, i) => `line ${i}`));
  const result = await cli.okRun(["verify", uri]);
  expect(result.stderr).toContain("1500 records in 0..1500");
  expect((await cli.okRun(["verify", await emptyStream()])).stderr).toContain("0 records in 0..0");
  expect((await cli.run(["verify", "s2://move-basin/none"])).code).toBe(4);
});

it("watch shows tails and rates", async () => {
  await streamWith(["a", "b", "c"]);
  const name = `stream-${count - 1}`;
  const shown = await cli.ok("watch", `s2://move-basin/${name}`, "-n", "2", "--interval", "50ms");
  expect(shown.match(new RegExp(`\\| ${name} +\\| +3 \\|`, "g"))).toHaveLength(2);
  expect(shown).toContain("0.0");
  const rows = jsonLinesOf(await cli.ok("watch", "move-basin", "-n", "1", "--json"));
  expect(rows.find(({ stream }) => stream === name)).toMatchObject({ tail: { seq_num: 3 } });
});

async function emptyStream(): Promise<string> {
  const uri = next();
  await cli.ok("create-stream", uri);
  return uri;
}
