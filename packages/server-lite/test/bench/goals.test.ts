// The goals beside a peer: what the command is told, and that both servers come up on a bucket, take the load, and come back.

import { expect, it } from "vitest";
import { DoubleProcess } from "../../bench/goals/double-process.js";
import { appends, createBasin, tailMs } from "../../bench/goals/http-load.js";
import { parseGoals } from "../../bench/goals/options.js";
import {
  type BucketOfServer,
  findS2,
  ServerProcess,
  type Vendor,
} from "../../bench/goals/server-process.js";

it("takes numbers in their places, and a peer by name", () => {
  expect(parseGoals([])).toMatchObject({ putMs: 50, seconds: 10, streamCount: 1e6 });
  expect(parseGoals(["20", "3", "10"])).toMatchObject({ putMs: 20, seconds: 3, streamCount: 10 });
  expect(parseGoals(["--peer", "s2", "20"])).toMatchObject({ peer: "s2", putMs: 20 });
});

it.each([
  [["-1"], "-1"],
  [["5001"], "PUT_MS is from 0 to 5000"],
  [["5", "0"], "SECONDS is from 1 to 600"],
  [["5", "1", "2", "3"], "too many words: 3"],
  [["--peer", "other"], "--peer takes s2, not other"],
  [["--endpoint", "http://x"], "for a run with --peer"],
  [["--peer", "s2", "--endpoint", "x"], "takes a URL"],
])("refuses %s", (args, what) => {
  expect(() => parseGoals(args)).toThrow(what);
  expect(() => parseGoals(args)).toThrow(TypeError);
});

async function walk(vendor: Vendor): Promise<void> {
  const double = await DoubleProcess.start();
  const servers: ServerProcess[] = [];
  const started = async (place: BucketOfServer): Promise<ServerProcess> => {
    const server = await ServerProcess.start(vendor, place);
    servers.push(server);
    return server;
  };
  try {
    const place = { endpoint: double.url, bucket: "bucket", prefix: "p", env: double.env };
    const server = await started(place);
    await createBasin(server.url);
    const before = await double.counted();
    const { latencies } = await appends(server.url, { clients: 2, bytes: 1024, seconds: 0.3 });
    expect(latencies.length).toBeGreaterThan(1);
    expect((await double.counted()).puts).toBeGreaterThan(before.puts);
    await server.end(vendor === "ours" ? "SIGTERM" : "SIGKILL");
    const next = await started(place);
    await tailMs(next.url, "load-1024-0");
  } finally {
    for (const server of servers) await server.end("SIGKILL");
    double.end();
  }
}

it("has our server on a bucket, under its load, and back", () => walk("ours"), 60_000);

it.skipIf(findS2(process.env) === undefined)(
  "has the official server on the same, by the same requests (needs s2 on PATH)",
  () => walk("s2"),
  60_000,
);
