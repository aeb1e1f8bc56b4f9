// Acceptance row 12: the benchmark verifies, prints what harnesses parse, and leaves nothing behind.

import type { AppendRecord, SequencedRecord } from "@s2kit/core";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { latencyText } from "../src/bench/bench-report.js";
import { createChainHash } from "../src/bench/chain-hash.js";
import { type HashSequence, readBlocks } from "../src/bench/chain-source.js";
import { createHashRing, HashRingReader, HashRingWriter } from "../src/bench/hash-ring.js";
import { Latencies } from "../src/bench/latency.js";
import { createBodyWindows } from "../src/bench/record-body.js";
import { bodyBytesOf, createRecordChecker, createRecordMaker } from "../src/bench/record-chain.js";
import { Submissions } from "../src/bench/submissions.js";
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

/** As the worker computes them, here and now. */
async function hashesOf(recordBytes: number): Promise<HashSequence> {
  const bodyBytes = bodyBytesOf(recordBytes);
  const chain = await createChainHash();
  const windows = createBodyWindows(bodyBytes);
  return {
    next() {
      const start = windows.next();
      return chain.next(windows.pool.subarray(start, start + bodyBytes));
    },
    ready: () => Promise.resolve(),
  };
}

it("finds a lost, a doubled, a swapped and a changed record", async () => {
  const maker = createRecordMaker(256, await hashesOf(256));
  const records = Array.from({ length: 5 }, (_, i): SequencedRecord => {
    const { headers, body } = maker.next(i) as AppendRecord;
    return { headers: headers ?? [], body: body as Uint8Array, seqNum: i, timestamp: i };
  });
  const check = async (order: readonly number[], changed = false): Promise<void> => {
    const checker = createRecordChecker(256, await hashesOf(256));
    const read = order.flatMap((i, seqNum): SequencedRecord[] => {
      const record = records[i];
      if (record === undefined) return [];
      const body = Uint8Array.from(record.body);
      if (changed) body[5] = (body[5] ?? 0) ^ 1;
      return [{ ...record, body, seqNum }];
    });
    await checker.check(read);
  };
  await expect(check([0, 1, 2, 3, 4])).resolves.toBeUndefined();
  await expect(check([0, 2])).rejects.toThrow("chained hash seqNum=1");
  await expect(check([0, 1, 1])).rejects.toThrow("duplicate of the record before seqNum=2");
  await expect(check([1, 0])).rejects.toThrow("chained hash seqNum=0");
  await expect(check([0], true)).rejects.toThrow("body seqNum=0");
});

it.each([
  [8170, 1],
  [128, 1],
  [1_048_553, 1],
  [8170, 300],
])(
  "hands hashes of %d byte bodies over in order, and stops at a full ring (%d rings)",
  (bodyBytes, rings) => {
    const ring = createHashRing(bodyBytes, rings);
    const { blockHashes } = ring;
    const writer = new HashRingWriter(ring);
    const fill = (value: number): void => {
      writer.block().fill(value);
      writer.commit();
    };
    const reader = new HashRingReader(ring);
    const hashes = readBlocks(() => reader.take());
    expect(hashes.next()).toBeUndefined();
    let filled = 0;
    while (!writer.isFull) fill(++filled);
    const first = hashes.next();
    expect(writer.isFull).toBe(false);
    fill(++filled);
    for (let i = 1; i < filled * blockHashes; i++)
      expect(hashes.next()?.[0]).toBe(Math.floor(i / blockHashes) + 1);
    expect(hashes.next()).toBeUndefined();
    // Ahead are at most 128 MiB of bodies, or 8 for each of many.
    expect(filled * blockHashes * bodyBytes).toBeLessThan((rings === 1 ? 140 : 10) * 1024 ** 2);
    // What was taken before stays as it was when its block was filled anew.
    expect(first?.every((byte) => byte === 1)).toBe(true);
  },
);

it("A12: writes what another implementation's reader verifies", async () => {
  const run = await cli.okRun(
    ["bench", "bench-basin", "-d", "1500ms", "-w", "0s", "-b", "1000", "--unlimited"].concat(
      "--keep-stream",
    ),
  );
  const uri = /s2:\/\/bench-basin\/bench\/\S+/.exec(run.stderr)?.[0] ?? "";
  const lines = jsonLinesOf(
    await cli.ok("read", uri, "-s", "0", "-n", "3000", "--format", "base64"),
  );
  // Several blocks of 256 hashes.
  expect(lines.length).toBeGreaterThan(1000);
  const chain = await createChainHash();
  for (const { headers, body } of lines as { headers?: [string, string][]; body?: string }[]) {
    const [name, value] = headers?.[0] ?? ["", ""];
    expect(Buffer.from(name, "base64").toString()).toBe("hash");
    expect(Buffer.from(value, "base64")).toEqual(
      Buffer.from(chain.next(Buffer.from(body ?? "", "base64"))),
    );
  }
  await cli.ok("delete-stream", uri);
});

it.each([
  [0.0005, "500ns"],
  [0.8121, "812.1us"],
  [5.312, "5.31ms"],
  [1234, "1.23s"],
])("prints %d ms as %s", (ms, text) => {
  expect(latencyText(ms)).toBe(text);
});

it("sums latencies up like a sorted list does, within a thousandth", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 1e-6, max: 3.6e6, noNaN: true }), { minLength: 1, maxLength: 300 }),
      fc.nat(300),
      (values, cut) => {
        const [first, second] = [new Latencies(), new Latencies()];
        for (const [i, value] of values.entries()) (i < cut ? first : second).add(value);
        first.merge(second);
        const sorted = [...values].sort((a, b) => a - b);
        const at = (part: number): number => sorted[Math.ceil(part * values.length) - 1] ?? 0;
        const found = first.summary();
        if (found === undefined) throw new Error("no summary");
        const isNear = (value: number, wanted: number): boolean =>
          Math.abs(value - wanted) <= Math.max(1e-6, wanted * 0.001);
        expect(found.n).toBe(values.length);
        expect(isNear(found.minMs, at(0.000_001)) && isNear(found.maxMs, at(1))).toBe(true);
        expect(isNear(found.p50Ms, at(0.5)) && isNear(found.p99Ms, at(0.99))).toBe(true);
      },
    ),
  );
  expect(new Latencies().summary()).toBeUndefined();
});

it("keeps the times of records on their way in order, also while it grows", () => {
  const waiting = new Submissions();
  let pushed = 0;
  const settled: number[] = [];
  const settle = (count: number): void =>
    waiting.settle(count, (atMs, dueMs) => {
      expect(dueMs).toBe(atMs + 0.5);
      settled.push(atMs);
    });
  for (const [more, fewer] of [
    [700, 600],
    [1500, 100],
    [5000, 6000],
    [10, 10_000],
  ] as const) {
    for (let i = 0; i < more; i++) waiting.push(pushed, pushed++ + 0.5);
    settle(fewer);
  }
  expect(settled).toEqual(Array.from({ length: pushed }, (_, i) => i));
});
