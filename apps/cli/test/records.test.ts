// Acceptance rows 5 to 9: appending, reading and tailing through pipes and files.

import { readFileSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Cli, jsonLinesOf, linesOf } from "./harness/cli.js";

let cli: Cli;
let streams = 0;

beforeAll(async () => {
  cli = await Cli.withServer();
  await cli.ok("create-basin", "record-basin", "--create-stream-on-append");
});

afterAll(async () => {
  await cli.close();
});

async function newStream(): Promise<string> {
  const uri = `s2://record-basin/stream-${streams++}`;
  await cli.ok("create-stream", uri);
  return uri;
}

async function streamWith(lines: readonly string[]): Promise<string> {
  const uri = await newStream();
  await cli.okRun(["append", uri], { input: lines.map((line) => `${line}\n`).join("") });
  return uri;
}

it("A5: checks the tail", async () => {
  const uri = await newStream();
  expect(await cli.ok("check-tail", uri)).toBe("0 @ 0\n");
  await cli.okRun(["append", uri], { input: "a\nb\nc\n" });
  expect(await cli.ok("check-tail", uri)).toMatch(/^3 @ \d{13}\n$/);
  expect(jsonLinesOf(await cli.ok("check-tail", uri, "--json"))).toEqual([
    { tail: { seq_num: 3, timestamp: expect.any(Number) as number } },
  ]);
});

it("A6: round-trips text from stdin and file, with CRLF, empty lines and bytes that are no UTF-8", async () => {
  const uri = await newStream();
  const first = await cli.okRun(["append", uri], { input: "one\r\n\ntwo" });
  expect(first.stdout).toBe("");
  expect(first.stderr).toMatch(/^✓ \[APPENDED\] 0\.\.3 \/\/ tail: 3 @ \d+\n$/);
  writeFileSync(cli.path("input.bin"), Buffer.from([0xff, 0xfe, 0x0a, 0x00, 0x0a]));
  await cli.ok("append", uri, "-i", cli.path("input.bin"));
  const read = await cli.okRun(["read", uri, "-s", "0", "-n", "100"]);
  expect([...read.bytes]).toEqual([...Buffer.from("one\n\ntwo\n"), 0xff, 0xfe, 10, 0, 10]);
  expect(read.stderr).toMatch(/^⦿ 49 bytes \(5 records in range 0\.\.=4\)\n$/);
  const one = await cli.okRun(["read", uri, "-s", "0", "-n", "1"]);
  expect(one.stderr).toBe("⦿ 11 bytes (1 record in range 0..=0)\n");
});

it("A6: keeps headers and timestamps in json, and copies a stream through a pipe", async () => {
  const uri = await newStream();
  const records = [
    '{"timestamp":1000,"headers":[["k","v"],["k",""]],"body":"hé"}',
    '{"timestamp":1001}',
  ];
  await cli.okRun(["append", uri, "--format", "json"], { input: `${records.join("\n")}\n` });
  const read = await cli.ok("read", uri, "-s", "0", "-n", "9", "--format", "raw");
  expect(linesOf(read)).toEqual([
    '{"seq_num":0,"timestamp":1000,"headers":[["k","v"],["k",""]],"body":"hé"}',
    '{"seq_num":1,"timestamp":1001}',
  ]);
  const copy = await newStream();
  await cli.okRun(["append", copy, "--format", "json"], { input: read });
  expect(await cli.ok("read", copy, "-s", "0", "-n", "9", "--json")).toBe(read);
});

it("A6: json-base64 gives back any records as they were", { timeout: 120_000 }, async () => {
  const bytes = fc.uint8Array({ maxLength: 30 });
  const name = fc.uint8Array({ minLength: 1, maxLength: 10 });
  const record = fc.record({
    headers: fc.array(fc.tuple(name, bytes), { maxLength: 3 }),
    body: bytes,
    timestamp: fc.integer({ min: 0, max: 1_700_000_000_000 }),
  });
  const base64 = (value: Uint8Array): string => Buffer.from(value).toString("base64");
  await fc.assert(
    fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 200 }), async (records) => {
      const uri = await newStream();
      let last = 0;
      const lines = records.map(({ headers, body, timestamp }) => {
        last = Math.max(last, timestamp);
        return JSON.stringify({
          timestamp: last,
          ...(headers.length === 0
            ? {}
            : { headers: headers.map(([key, value]) => [base64(key), base64(value)]) }),
          ...(body.length === 0 ? {} : { body: base64(body) }),
        });
      });
      await cli.okRun(["append", uri, "--format", "json-base64"], { input: lines.join("\n") });
      const read = await cli.ok("read", uri, "-s", "0", "-n", "1000", "--format", "base64");
      expect(linesOf(read).map((line) => line.replace(/"seq_num":\d+,/, ""))).toEqual(lines);
    }),
    { numRuns: 8 },
  );
});

it("A6: takes a record of exactly 1 MiB metered and refuses one byte more, keeping what came before", async () => {
  const uri = await newStream();
  const most = 1_048_576 - 8;
  const input = `before\n${"x".repeat(most)}\n${"y".repeat(most + 1)}\nafter\n`;
  const result = await cli.run(["append", uri], { input });
  expect(result.code).toBe(1);
  expect(result.stderr).toContain(`line 3 is longer than ${most} bytes`);
  expect(result.stderr).toContain("[APPENDED]");
  expect(await cli.ok("check-tail", uri)).toMatch(/^2 @ /);
  const back = await cli.okRun(["read", uri, "-s", "1", "-n", "1"]);
  expect(back.bytes.length).toBe(most + 1);
});

it("A6: names the line of a json record that is wrong, after acknowledging those before it", async () => {
  const uri = await newStream();
  const result = await cli.run(["append", uri, "--format", "json"], {
    input: '{"body":"a"}\n{"event":"login"}\n',
  });
  expect(result.code).toBe(1);
  expect(result.stderr).toContain('line 2: unknown key of a record key="event"');
  expect(result.stderr).toContain("--format jsonl");
  expect(await cli.ok("tail", uri)).toBe("a\n");
  await cli.okRun(["append", uri, "--format", "jsonl"], { input: '{"event":"login"}\n' });
  expect(await cli.ok("tail", uri, "-n", "1")).toBe('{"event":"login"}\n');
});

it("A6: binary moves a file through a stream unchanged", async () => {
  const uri = await newStream();
  const bytes = Buffer.from(
    Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7 + (i >> 8)) & 255),
  );
  // Through real pipes, both ways.
  await cli.okRun(["append", uri, "--format", "binary", "--chunk", "10KiB"], {
    input: bytes,
    asProcess: true,
  });
  const read = ["read", uri, "-s", "0", "-n", "1000", "--format", "binary"];
  const back = await cli.okRun(read, { asProcess: true });
  expect(Buffer.compare(back.bytes, bytes)).toBe(0);
});

it("A6: appends to a stream that the first append creates", async () => {
  const result = await cli.okRun(["append", "s2://record-basin/auto/created"], { input: "a\n" });
  expect(result.stderr).toContain("[APPENDED] 0..1");
});

it("A6: configures the stream that an append or a read creates, and no other", async () => {
  const uri = "s2://record-basin/auto/configured";
  const flags = ["--retention-policy", "3days", "--timestamping-mode", "arrival"];
  await cli.okRun(["append", uri, ...flags], { input: "a\n" });
  const config = async (): Promise<unknown> =>
    JSON.parse(await cli.ok("get-stream-config", uri, "--json"));
  const created = { retention_policy: { age: 259_200 }, timestamping: { mode: "arrival" } };
  expect(await config()).toMatchObject(created);
  await cli.okRun(["append", uri, "--retention-policy", "1day"], { input: "b\n" });
  expect(await config()).toMatchObject(created);
  await cli.ok("create-basin", "read-basin", "--create-stream-on-read");
  const read = ["read", "s2://read-basin/x", "-s", "0", "-n", "1", "--clamp"];
  await cli.ok(...read, "--storage-class", "standard");
  expect(
    JSON.parse(await cli.ok("get-stream-config", "s2://read-basin/x", "--json")),
  ).toMatchObject({ storage_class: "standard" });
});

it("A6: reports the ranges of many batches in order", async () => {
  const uri = await newStream();
  const input = Array.from({ length: 5000 }, (_, i) => `line ${i}\n`).join("");
  const { stderr } = await cli.okRun(["append", uri], { input });
  const ranges = linesOf(stderr).map((line) => /(\d+)\.\.(\d+) /.exec(line)?.slice(1).map(Number));
  expect(ranges.length).toBeGreaterThan(4);
  let next = 0;
  for (const range of ranges) {
    expect(range?.[0]).toBe(next);
    next = range?.[1] ?? -1;
  }
  expect(next).toBe(5000);
});

it("A7: tails the last records, also when there are fewer", async () => {
  const uri = await streamWith(["1", "2", "3", "4", "5"]);
  const tail = await cli.okRun(["tail", uri, "-n", "3"]);
  expect([tail.stdout, tail.stderr]).toEqual(["3\n4\n5\n", ""]);
  expect(await cli.ok("tail", uri)).toBe("1\n2\n3\n4\n5\n");
  expect(await cli.ok("tail", await newStream())).toBe("");
});

it("A7: starts and stops where it is told", async () => {
  const uri = await newStream();
  await cli.okRun(["append", uri, "--format", "json"], {
    input: [10, 20, 30].map((at) => `{"timestamp":${at},"body":"at ${at}"}\n`).join(""),
  });
  const read = async (...args: string[]): Promise<string[]> =>
    linesOf(await cli.ok("read", uri, ...args));
  expect(await read("--tail-offset", "2", "-n", "9")).toEqual(["at 20", "at 30"]);
  expect(await read("-s", "0", "-b", "30")).toEqual(["at 10", "at 20"]);
  expect(await read("--timestamp", "15", "-n", "1")).toEqual(["at 20"]);
  expect(await read("--timestamp", "0", "--until", "30")).toEqual(["at 10", "at 20"]);
  expect(await read("--from", "head", "-n", "1")).toEqual(["at 10"]);
  const recent = await streamWith(["fresh"]);
  expect(linesOf(await cli.ok("read", recent, "--ago", "1h", "-n", "5"))).toEqual(["fresh"]);
});

it("A7: fails beyond the tail with its own code and the tail, and clamps when asked", async () => {
  const uri = await streamWith(["a"]);
  const beyond = await cli.run(["read", uri, "-s", "99", "-n", "1"]);
  expect(beyond.code).toBe(6);
  expect(beyond.stderr).toMatch(/read from an unwritten position\. current tail: 1 @ \d+/);
  expect(beyond.stderr).toContain("--clamp");
  expect(await cli.ok("read", uri, "-s", "99", "-n", "1", "--clamp")).toBe("");
  expect(await cli.ok("read", await newStream(), "-s", "0", "-n", "1", "--clamp")).toBe("");
});

it("A7: replaces the output file, run after run", async () => {
  const uri = await streamWith(["a", "b"]);
  const path = cli.path("out.txt");
  for (let run = 0; run < 2; run++) await cli.ok("read", uri, "-s", "0", "-n", "2", "-o", path);
  expect(readFileSync(path, "utf8")).toBe("a\nb\n");
});

it("A7: goes on after its checkpoint, without a gap and without a repeat", async () => {
  const uri = await streamWith(["a", "b"]);
  const checkpoint = cli.path("checkpoint.json");
  const args = ["read", uri, "-s", "0", "-n", "100", "--checkpoint", checkpoint];
  expect(await cli.ok(...args)).toBe("a\nb\n");
  expect(await cli.ok(...args)).toBe("");
  await cli.okRun(["append", uri], { input: "c\nd\n" });
  expect(await cli.ok(...args)).toBe("c\nd\n");
  const other = await cli.run(["read", await newStream(), "-n", "1", "--checkpoint", checkpoint]);
  expect([other.code, other.stderr]).toEqual([2, expect.stringContaining("another stream")]);
});

it("A7: follows with tail -f until Ctrl-C, which ends with 130", async () => {
  const uri = await streamWith(["before"]);
  let hasAppended = false;
  let isSent = false;
  const result = await cli.run(["tail", "-f", uri], {
    onOutput({ stdout }, child) {
      if (stdout === "before\n" && !hasAppended) {
        hasAppended = true;
        void cli.okRun(["append", uri], { input: "after\n" });
      }
      if (stdout === "before\nafter\n" && !isSent) isSent = child.kill("SIGINT");
    },
  });
  expect([result.code, result.stdout]).toEqual([130, "before\nafter\n"]);
  expect(result.stderr).toContain("■ [ABORTED]");
});

it("A7: ends quietly when its reader goes away", async () => {
  const uri = await streamWith(
    Array.from({ length: 3000 }, (_, i) => `line ${i} ${"x".repeat(100)}`),
  );
  const result = await cli.run(["read", uri, "-s", "0"], {
    onOutput(_, child) {
      child.stdout?.destroy();
    },
  });
  expect(result.code).toBe(0);
  expect(result.stderr).not.toMatch(/error|EPIPE/i);
});

it("A6: appends all it was given, also when nobody reads its acknowledgements", async () => {
  const uri = await newStream();
  const input = Array.from({ length: 20_000 }, (_, i) => `line ${i}\n`).join("");
  const result = await cli.run(["append", uri, "--json"], {
    input,
    onOutput(_, child) {
      child.stdout?.destroy();
    },
  });
  expect(result.code).toBe(0);
  expect(await cli.ok("check-tail", uri)).toMatch(/^20000 @/);
});

it("A6: reads and writes encrypted streams with a key from a flag, a file or the environment", async () => {
  await cli.ok(
    "create-basin",
    "cipher-basin",
    "--stream-cipher",
    "aes-256-gcm",
    "--create-stream-on-append",
  );
  const uri = "s2://cipher-basin/secret";
  const key = Buffer.alloc(32, 7).toString("base64");
  writeFileSync(cli.path("key"), `${key}\n`);
  await cli.okRun(["append", uri, "-k", key], { input: "one\n" });
  await cli.okRun(["append", uri, "--encryption-key-file", cli.path("key")], { input: "two\n" });
  const env = { S2_ENCRYPTION_KEY: key };
  const tail = await cli.okRun(["tail", uri], { env });
  expect(tail.stdout).toBe("one\ntwo\n");
  const without = await cli.run(["tail", uri]);
  expect([without.code, without.stdout]).toEqual([1, ""]);
  const wrong = Buffer.alloc(32, 8).toString("base64");
  const failed = await cli.run(["tail", uri, "-k", wrong], { env });
  expect([failed.code, failed.stdout]).toEqual([1, ""]);
  expect(failed.stderr).toContain("decryption_failed");
  expect(failed.stderr + without.stderr).not.toContain(wrong);
  // Commands are not sealed, but only who has the key appends.
  const refused = await cli.run(["fence", uri, "writer"]);
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("bad_header")]);
  await cli.okRun(["fence", uri, "writer", "-k", key]);
  await cli.okRun(["trim", uri, "1", "-f", "writer"], { env });
  expect((await cli.okRun(["tail", uri], { env })).stdout).toBe("two\n");
});

it("A8: fences and trims, and tells where the command record is", async () => {
  const uri = await streamWith(["a", "b", "c"]);
  const fence = await cli.okRun(["fence", uri, "token-1"]);
  expect(fence.stderr).toMatch(
    /^✓ \[APPENDED\] new fencing token "token-1" \/\/ at: 3 @ \d+ \/\/ tail: 4 @ \d+\n$/,
  );
  const wrong = await cli.run(["append", uri, "-f", "token-0"], { input: "x\n" });
  expect(wrong.code).toBe(5);
  expect(wrong.stderr).toContain('the token in force is "token-1"');
  await cli.okRun(["append", uri, "-f", "token-1"], { input: "x\n" });
  await cli.ok("fence", uri, "token-2", "-f", "token-1");
  expect((await cli.run(["trim", uri, "2", "-f", "token-1"])).code).toBe(5);
  const trim = await cli.okRun(["trim", uri, "2", "-f", "token-2"]);
  expect(trim.stderr).toMatch(/trim to 2 \/\/ at: 6 @ \d+ \/\/ tail: 7 @ \d+/);
  await cli.ok("fence", uri, "");
  // Command records are talk in text and data in json.
  const tail = await cli.okRun(["tail", uri, "-n", "5"]);
  expect(tail.stdout).toBe("x\n");
  expect(tail.stderr).toMatch(/^trim to 2 \/\/ 6 @ \d+$/m);
  expect(tail.stderr).toMatch(/^new fencing token "" \/\/ 7 @ \d+$/m);
  expect(linesOf(await cli.ok("tail", uri, "-n", "1", "--format", "json"))).toEqual([
    expect.stringMatching(/"headers":\[\["","fence"\]\]\}$/),
  ]);
});

it("A8: trims up to the largest number there is", async () => {
  const uri = await streamWith(["a"]);
  const trim = await cli.okRun(["trim", uri, "18446744073709551615"]);
  expect(trim.stderr).toContain("trim to 18446744073709551615");
  expect((await cli.run(["trim", uri, "18446744073709551616"])).code).toBe(2);
});

it("A9: matches the sequence number once", async () => {
  const uri = await newStream();
  await cli.okRun(["append", uri, "-m", "0"], { input: "a\nb\n" });
  const again = await cli.run(["append", uri, "-m", "0"], { input: "c\n" });
  expect(again.code).toBe(5);
  expect(again.stderr).toContain("the next sequence number is 2");
  await cli.okRun(["append", uri, "--exactly-once"], { input: "c\n" });
  expect(await cli.ok("check-tail", uri)).toMatch(/^3 @/);
});

it("drains on the first Ctrl-C: what was read is acknowledged, and the code is 130", async () => {
  const uri = await newStream();
  let isSent = false;
  const result = await cli.run(["append", uri, "--linger", "1h"], {
    keepsInputOpen: true,
    // A batch closes at 1000 records; the last two wait for company when the signal comes.
    input: "x\n".repeat(1002),
    onOutput({ stderr }, child) {
      // Once: a second signal means "leave now".
      if (!isSent && stderr.includes("[APPENDED] 0..1000")) isSent = child.kill("SIGINT");
    },
  });
  expect(result.code).toBe(130);
  expect(result.stderr).toContain("[APPENDED] 1000..1002");
  expect(result.stderr).toContain("[ABORTED]");
});
