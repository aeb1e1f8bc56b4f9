// The soak's parts without a server, and seconds of it with one: enough to see that every figure is told.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { countTo } from "../src/soak/client-connections.ts";
import { plotSvg, roundStep } from "../src/soak/plot.ts";
import { quantile, type Sample } from "../src/soak/sample.ts";
import { judge } from "../src/soak/verdict.ts";
import { run, temporaryFolder } from "./command.ts";

const MIB = 1024 * 1024;
const RATE = 1000;

/** Ten minutes of a server at rest, changed by what one sample more knows. */
function samples(change: (at: number) => Partial<Sample>): Sample[] {
  return Array.from({ length: 120 }, (_, at) => ({
    atSeconds: (at + 1) * 5,
    intervalSeconds: 5,
    rss: 200 * MIB,
    heapUsed: 50 * MIB,
    external: 20 * MIB,
    arrayBuffers: 10 * MIB,
    loopP50Ms: 10,
    loopP99Ms: 15,
    loopMaxMs: 30,
    handles: 40,
    connections: 15,
    clientConnections: 15,
    descriptors: 60,
    cpuMs: 900,
    appendedRecords: 5 * RATE,
    readRecords: 15 * RATE,
    ackP50Ms: 1,
    ackP99Ms: 5,
    failures: 0,
    ...change(at),
  }));
}

describe("the verdict of a soak", () => {
  it("is good for what stays as it is, the warm-up left out", () => {
    const { isGood, rssMibPerHour } = judge(
      samples((at) => (at < 35 ? { rss: (20 + at) * MIB } : {})),
      RATE,
    );
    expect(isGood).toBe(true);
    expect(rssMibPerHour).toBeCloseTo(0, 1);
  });

  it.each([
    ["resident bytes", (at: number) => ({ rss: (200 + at) * MIB })],
    ["handles without connections", (at: number) => ({ handles: 40 + at })],
    ["descriptors without connections", (at: number) => ({ descriptors: 60 + at })],
    [
      "connections that no client has",
      (at: number) => ({ handles: 40 + at, descriptors: 60 + at, connections: 15 + at }),
    ],
  ] as const)("is bad when it is not so, in halves and by a line: %s", (what, change) => {
    const { isGood, findings } = judge(samples(change), RATE);
    expect(isGood).toBe(false);
    expect(findings.filter((finding) => !finding.isGood).map((finding) => finding.what)).toEqual([
      what,
      `${what}, growth by a line`,
    ]);
  });

  it.each([
    ["event-loop delay, p99 ms", (at: number) => ({ loopP99Ms: at < 90 ? 15 : 90 })],
    ["records a second", () => ({ appendedRecords: 4.5 * RATE })],
    // The second half is no more than the allowance above the first.
    ["resident bytes, growth by a line", (at: number) => ({ rss: (200 + at * 0.5) * MIB })],
  ] as const)("is bad when it is not so: %s", (what, change) => {
    const { isGood, findings } = judge(samples(change), RATE);
    expect(isGood).toBe(false);
    expect(findings.filter((finding) => !finding.isGood).map((finding) => finding.what)).toEqual([
      what,
    ]);
  });

  it("leaves connections to clients: a pool that keeps what a slow moment opened is no growth", () => {
    const { isGood } = judge(
      samples((at) =>
        at < 80 ? {} : { handles: 60, descriptors: 80, connections: 35, clientConnections: 35 },
      ),
      RATE,
    );
    expect(isGood).toBe(true);
  });

  it("is none for a run of seconds", () => {
    expect(judge(samples(() => ({})).slice(0, 20), RATE).isGood).toBeUndefined();
    expect(judge([], RATE).isGood).toBeUndefined();
  });

  it("tells the slope of resident memory", () => {
    const { rssMibPerHour } = judge(
      samples((at) => ({ rss: (100 + at / 12) * MIB })),
      RATE,
    );
    expect(rssMibPerHour).toBeCloseTo(60, 0);
  });
});

it("connections of clients are counted from their end, those that are open", () => {
  const table = [
    "  sl  local_address rem_address   st tx_queue rx_queue",
    "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000",
    "   1: 0100007F:1F90 0100007F:A001 01 00000000:00000000",
    "   2: 0100007F:A001 0100007F:1F90 01 00000000:00000000",
    "   3: 0100007F:A002 0100007F:1F90 06 00000000:00000000",
    "   4: 0100007F:A003 0100007F:1F91 01 00000000:00000000",
  ].join("\n");
  expect(countTo(table, 8080)).toBe(1);
});

describe("the plot", () => {
  it("has round ticks", () => {
    expect([0.7, 3, 9, 60, 1000].map(roundStep)).toEqual([0.1, 0.5, 2, 10, 200]);
  });

  it("is well-formed, and says what it shows", () => {
    const svg = plotSvg(
      "a <title>",
      [1, 2, 3],
      [
        { title: "memory, MiB", series: [{ name: "a&b", values: [1, 5, 2] }] },
        { title: "nothing", series: [{ name: "zero", values: [0, 0, 0] }] },
      ],
    );
    expect(svg).toContain("a &#60;title&#62;");
    expect(svg).toContain("a&#38;b");
    expect(svg).not.toContain("NaN");
    expect(svg.match(/<polyline/g)).toHaveLength(2);
  });
});

it("a quantile is a value that was seen", () => {
  expect(quantile([], 0.5)).toBe(0);
  expect(quantile([5, 1, 9], 0.5)).toBe(5);
  expect(quantile([5, 1, 9], 0.99)).toBe(9);
});

it("a soak of seconds tells every figure, and draws them", async () => {
  await using folder = await temporaryFolder();
  const { code, stdout } = await run("soak", [
    "--minutes",
    "0.1",
    "--records",
    "200",
    "--out",
    folder.path,
    "--json",
  ]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ place: folder.path });
  const lines = (await readFile(join(folder.path, "samples.jsonl"), "utf8")).trim().split("\n");
  const told = lines.map((line) => JSON.parse(line) as Sample);
  expect(told.length).toBeGreaterThan(3);
  const last = told.at(-1) as Sample;
  for (const name of ["rss", "heapUsed", "external", "handles", "loopMaxMs", "cpuMs"] as const)
    expect(last[name], name).toBeGreaterThan(0);
  expect(told.reduce((sum, { appendedRecords }) => sum + appendedRecords, 0)).toBeGreaterThan(200);
  expect(told.reduce((sum, { readRecords }) => sum + readRecords, 0)).toBeGreaterThan(200);
  expect(told.some(({ ackP99Ms }) => ackP99Ms > 0)).toBe(true);
  expect(await readFile(join(folder.path, "plot.svg"), "utf8")).toContain("<polyline");
});
