// `import` and `cp` ask the target first, append each record exactly once whatever happens meanwhile,
// and take the keys of encrypted streams without showing them.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Cli, jsonLinesOf, linesOf } from "../harness/cli.js";
import { startWireProxy } from "../harness/wire-proxy.js";

let cli: Cli;
let count = 0;
let big: { readonly uri: string; readonly path: string };

const BIG_RECORDS = 3000;
/** Of the 3 MB: some batches have arrived, most have not. */
const HALF_WAY: number = 1024 * 1024;

beforeAll(async () => {
  cli = await Cli.withServer();
  await cli.ok("create-basin", "target-basin", "--create-stream-on-append");
  big = { uri: next(), path: file() };
  const lines = Array.from({ length: BIG_RECORDS }, (_, i) => `line ${i} ${"x".repeat(1000)}`);
  await append(big.uri, ...lines);
  await cli.ok("export", big.uri, "-o", big.path);
});

afterAll(async () => {
  await cli.close();
});

const next = (): string => `s2://target-basin/stream-${count++}`;
const file = (): string => cli.path(`file-${count++}`);

async function append(uri: string, ...lines: readonly string[]): Promise<void> {
  await cli.okRun(["append", uri], { input: lines.map((line) => `${line}\n`).join("") });
}

/** A copy that somebody else appends to half way; answers how it ended and what the target holds. */
async function disturbed(
  args: (target: string) => readonly string[],
): Promise<{ code: number | null; stderr: string; lines: string[]; target: string }> {
  const target = next();
  await cli.ok("create-stream", target);
  await using proxy = await startWireProxy(cli.url ?? "", { holdAfterBytes: HALF_WAY });
  const run = cli.run(args(target), { env: { S2_ENDPOINT: proxy.url } });
  await proxy.held;
  await append(target, "somebody else");
  proxy.release();
  const { code, stderr } = await run;
  const lines = linesOf(await cli.ok("read", target, "-s", "0", "-n", "100000"));
  return { code, stderr, lines, target };
}

it.each([
  ["import", (target: string) => ["import", target, "-i", big.path]],
  ["cp", (target: string) => ["cp", big.uri, target]],
])("%s stops at another writer, and appends nothing behind it", async (_, args) => {
  const { code, stderr, lines, target } = await disturbed(args);
  expect([code, stderr]).toEqual([5, expect.stringContaining("the target moved on meanwhile")]);
  expect(stderr).not.toContain("--match-seq-num");
  expect(lines.at(-1)).toBe("somebody else");
  expect(lines.length).toBeLessThan(BIG_RECORDS);
  const again = await cli.run(args(target));
  expect(again.code).toBe(9);
});

it("import reads everything back: what the wire changed is found", async () => {
  const source = next();
  const path = file();
  await append(source, "a", "honest", "b");
  await cli.ok("export", source, "-o", path);
  const target = next();
  await cli.ok("create-stream", target);
  await using proxy = await startWireProxy(cli.url ?? "", { replace: ["honest", "forged"] });
  const { code, stderr } = await cli.run(["import", target, "-i", path], {
    env: { S2_ENDPOINT: proxy.url },
  });
  expect([code, stderr]).toEqual([9, expect.stringContaining("record 1 has another body")]);
  expect(await cli.ok("tail", target)).toBe("a\nforged\nb\n");
});

it("import asks a target for its timestamps first, and can be repeated", async () => {
  const target = next();
  const path = file();
  const source = next();
  await append(source, "a", "b");
  await cli.ok("export", source, "-o", path);
  await cli.ok("create-stream", target, "--timestamping-mode", "arrival");
  for (const resumed of [0, 2]) {
    const { stdout, stderr } = await cli.okRun(["import", target, "-i", path, "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      records: 2,
      resumed_at: resumed,
      timestamps: "replaced",
      verified: true,
    });
    expect(stderr).toContain("gives records timestamps of its own");
  }
  expect(await cli.ok("check-tail", target)).toMatch(/^2 @/);
});

it.each(["cp", "import"])(
  "%s goes on after timestamps that the target lowered",
  async (command) => {
    const source = next();
    const path = file();
    const target = next();
    const ahead = Date.now() + 3_600_000;
    await cli.ok("create-stream", source, "--timestamping-uncapped", "true");
    await cli.okRun(["append", source, "--format", "json"], {
      input: `{"timestamp":10,"body":"old"}\n{"timestamp":${ahead},"body":"ahead"}\n`,
    });
    await cli.ok("create-stream", target);
    await cli.ok("export", source, "-o", path);
    const args = command === "cp" ? ["cp", source, target] : ["import", target, "-i", path];
    for (let run = 0; run < 2; run++) {
      const { stderr } = await cli.okRun(args);
      expect(stderr).toContain("lowers timestamps that lie ahead");
    }
    expect(linesOf(await cli.ok("tail", target))).toEqual(["old", "ahead"]);
    // A record that was never ahead must have its time.
    const other = next();
    await cli.okRun(["append", other, "--format", "json"], {
      input: '{"timestamp":5,"body":"old"}\n',
    });
    const refused = await cli.run(
      command === "cp" ? ["cp", source, other] : ["import", other, "-i", path],
    );
    expect([refused.code, refused.stderr]).toEqual([
      9,
      expect.stringContaining("record 0 has another timestamp"),
    ]);
  },
);

it("import counts what its manifest counts, and lets no command record in", async () => {
  const path = file();
  const line = '{"seq_num":0,"timestamp":1,"body":"YQ=="}\n';
  const fence = '{"seq_num":1,"timestamp":1,"headers":[["","ZmVuY2U="]],"body":"eA=="}\n';
  for (const [data, records, why] of [
    [line, 2, "it has 1 records instead of 2"],
    [line + fence, 2, "line 2 is a fence or trim record"],
  ] as const) {
    const sha256 = createHash("sha256").update(data).digest("hex");
    writeFileSync(path, data);
    const manifest = { version: 1, stream: "x", config: {}, records, next_seq_num: 2, sha256 };
    writeFileSync(`${path}.manifest.json`, JSON.stringify(manifest));
    const target = next();
    const refused = await cli.run(["import", target, "-i", path]);
    expect([refused.code, refused.stderr]).toEqual([9, expect.stringContaining(why)]);
    expect((await cli.run(["check-tail", target])).code).toBe(4);
  }
});

it("cp tells of a source that was trimmed before, and does not go on without its head", async () => {
  const [source, target] = [next(), next()];
  await append(source, "a", "b", "c");
  await cli.ok("trim", source, "1");
  await expect
    .poll(async () => linesOf(await cli.ok("read", source, "-s", "0", "-n", "9")))
    .toEqual(["b", "c"]);
  const [result] = jsonLinesOf(await cli.ok("cp", source, target, "--json"));
  expect(result).toMatchObject({ records: 2, head_seq_num: 1 });
  await cli.ok("trim", source, "2");
  await expect
    .poll(async () => linesOf(await cli.ok("read", source, "-s", "0", "-n", "9")))
    .toEqual(["c"]);
  const refused = await cli.run(["cp", source, target]);
  expect([refused.code, refused.stderr]).toEqual([9, expect.stringContaining("not a copy")]);
});

it("moves encrypted streams with their keys, and shows none of them", async () => {
  const [key, other] = [1, 2].map((fill) => Buffer.alloc(32, fill).toString("base64")) as [
    string,
    string,
  ];
  const keyFile = file();
  writeFileSync(keyFile, `${other}\n`);
  await cli.ok("create-basin", "sealed-basin", "--stream-cipher", "aegis-256");
  const [source, copy, again] = ["a", "b", "c"].map((name) => `s2://sealed-basin/${name}`) as [
    string,
    string,
    string,
  ];
  await cli.ok("create-stream", source);
  await cli.okRun(["append", source, "-k", key], { input: "one\ntwo\n" });
  const path = file();
  const shown: string[] = [];
  const run = async (expected: number, args: readonly string[], env = {}): Promise<void> => {
    const { code, stdout, stderr } = await cli.run(args, { env });
    expect([code, stderr]).toEqual([expected, stderr]);
    shown.push(stdout, stderr);
  };
  await run(1, ["export", source, "-o", path]);
  await run(1, ["export", source, "-o", path, "--encryption-key-file", keyFile, "--debug"]);
  expect(existsSync(path)).toBe(false);
  await run(0, ["export", source, "-o", path, "-k", key, "--json"]);
  await run(0, ["export", source, "-o", path], { S2_ENCRYPTION_KEY: key });
  await run(0, ["import", copy, "-i", path, "--encryption-key-file", keyFile]);
  await run(1, ["cp", source, again, "-k", other, "--debug"]);
  await run(0, ["cp", source, again, "-k", key, "--target-encryption-key-file", keyFile]);
  await run(0, ["cp", source, again, "-k", key, "--target-encryption-key", other]);
  for (const target of [copy, again])
    expect(await cli.ok("read", target, "-s", "0", "-n", "9", "-k", other)).toBe("one\ntwo\n");
  const written = [path, `${path}.manifest.json`].map((each) => readFileSync(each, "utf8"));
  for (const text of [...shown, ...written])
    for (const secret of [key, other]) expect(text).not.toContain(secret);
  expect((await cli.run(["tail", copy])).code).toBe(1);
});
