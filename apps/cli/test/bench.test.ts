// Acceptance row 12: the benchmark verifies, prints what harnesses parse, and leaves nothing behind.

import { afterAll, beforeAll, expect, it } from "vitest";
import { latencyText } from "../src/bench/bench-report.js";
import { createChainHash } from "../src/bench/chain-hash.js";
import { createRecordChecker, createRecordMaker } from "../src/bench/record-chain.js";
import { Cli, jsonLinesOf, linesOf } from "./harness/cli.js";

let cli: Cli;

beforeAll(async () => {
  cli = await Cli.withServer();
  await cli.ok("create-basin", "bench-basin");
});

afterAll(async () => {
  await cli.close();
});

const FLOW =
  /^(Write|Read|Catchup): ([\d.]+) MiB\/s, (\d+) records\/s \((\d+) bytes, (\d+) records in ([\d.]+)s\)$/;
const LATENCY = /^(min|p50|p90|p99|max)\s*:\s+(\S+)\s+\1\s*:\s+(\S+)\s*$/;

/** A deleted stream stays listed, with its mark, until the server has purged it. */
async function expectNoLiveStream(): Promise<void> {
  const streams = linesOf(await cli.ok("list-streams", "bench-basin"));
  expect(streams.filter((line) => !line.endsWith("[deleting]"))).toEqual([]);
}

it("A12: writes, reads live, catches up, verifies and cleans up", async () => {
  const result = await cli.okRun(["bench", "bench-basin", "-d", "1s", "-w", "0s", "-t", "1"]);
  expect(result.stdout).toBe("");
  const flows = linesOf(result.stderr).flatMap((line) => FLOW.exec(line) ?? []);
  expect(flows.filter((part) => /^[A-Z][a-z]+$/.test(part))).toEqual(["Write", "Read", "Catchup"]);
  const counts = linesOf(result.stderr).flatMap((line) => FLOW.exec(line)?.[5] ?? []);
  expect(new Set(counts).size).toBe(1);
  expect(Number(counts[0])).toBeGreaterThan(50);
  expect(linesOf(result.stderr).filter((line) => LATENCY.test(line))).toHaveLength(5);
  await expectNoLiveStream();
});

it("A12: sums up as JSON, in closed loop and over many streams", async () => {
  const args = ["bench", "bench-basin", "-d", "1s", "-w", "0s", "-b", "512", "--json"];
  const [closed] = jsonLinesOf(await cli.ok(...args, "--closed-loop", "4"));
  expect(closed).toMatchObject({ write: { records: expect.any(Number) as number } });
  const many = await cli.okRun([...args, "--streams", "5", "-t", "1"]);
  const [summary] = jsonLinesOf(many.stdout) as [Record<string, Record<string, number>>];
  expect(summary.write?.records).toBe(summary.catchup?.records);
  expect(summary.ack_latency?.n).toBe(summary.write?.records);
  expect(summary.ack_latency_intended?.n).toBe(summary.write?.records);
  expect(many.stderr).toContain("and 4 more");
});

it("A12: ends early on Ctrl-C with what it has, and deletes its stream", async () => {
  let isSent = false;
  const result = await cli.run(["bench", "bench-basin", "-d", "60s"], {
    onOutput({ stderr }, child) {
      if (isSent || !stderr.includes("Running for")) return;
      isSent = true;
      setTimeout(() => child.kill("SIGINT"), 300);
    },
  });
  expect(result.code).toBe(130);
  expect(result.stderr).toContain("Interrupted by Ctrl+C; showing partial results.");
  await expectNoLiveStream();
});

it.each([
  ["-b", "127"],
  ["-b", "1048576"],
  ["-t", "0"],
  ["-t", "1.5"],
  ["-d", "5"],
])("A12: refuses %s %s", async (flag, value) => {
  expect((await cli.run(["bench", "bench-basin", flag, value])).code).toBe(2);
});

it("chains hashes as any other implementation does", async () => {
  const chain = await createChainHash();
  // XXH3-64 with seed 0 over the 8 zero bytes of the start and an empty body.
  expect(Buffer.from(chain.next(new Uint8Array(0))).toString("hex")).toBe("c77b3abb6f87acd9");
});

it("finds a lost, a doubled, a swapped and a changed record", async () => {
  const maker = createRecordMaker(256, await createChainHash());
  const records = Array.from({ length: 5 }, (_, i) => ({
    ...maker.next(i),
    seqNum: i,
    timestamp: i,
  }));
  const check = async (order: readonly number[]): Promise<void> => {
    const checker = createRecordChecker(256, await createChainHash());
    for (const [seqNum, i] of order.entries()) {
      const record = records[i];
      if (record !== undefined) checker.check({ ...record, seqNum });
    }
  };
  await expect(check([0, 1, 2, 3, 4])).resolves.toBeUndefined();
  await expect(check([0, 2])).rejects.toThrow("chained hash seqNum=1");
  await expect(check([0, 1, 1])).rejects.toThrow("duplicate of the record before seqNum=2");
  await expect(check([1, 0])).rejects.toThrow("chained hash seqNum=0");
  const checker = createRecordChecker(256, await createChainHash());
  const [first] = records;
  if (first === undefined) throw new Error("no record");
  const body = Uint8Array.from(first.body);
  body[5] = (body[5] ?? 0) ^ 1;
  expect(() => checker.check({ ...first, body })).toThrow("chained hash");
});

it.each([
  [0.0005, "500ns"],
  [0.8121, "812.1us"],
  [5.312, "5.31ms"],
  [1234, "1.23s"],
])("prints %d ms as %s", (ms, text) => {
  expect(latencyText(ms)).toBe(text);
});
