// Mistakes that the field's command lines made before, where no other test would
// notice them. The table of all of them is in acceptance.test.ts.

import { afterAll, beforeAll, expect, it } from "vitest";
import { isLoopbackHost } from "../src/frame/connection.js";
import { Cli, jsonLinesOf, linesOf } from "./harness/cli.js";

let cli: Cli;

beforeAll(async () => {
  cli = await Cli.withServer();
  await cli.ok("create-basin", "bugs-basin");
});

afterAll(async () => {
  await cli.close();
});

it("ends at Ctrl-C also while it waits for the catch-up read, and deletes its stream (14, 40)", async () => {
  let isSent = false;
  const result = await cli.run(["bench", "bugs-basin", "-d", "2s", "-w", "60s"], {
    onOutput({ stderr }, child) {
      if (isSent || !stderr.includes("before catchup read")) return;
      isSent = true;
      child.kill("SIGINT");
    },
  });
  expect([result.code, result.stderr]).toEqual([130, expect.stringContaining("Interrupted")]);
  const left = linesOf(await cli.ok("list-streams", "bugs-basin"));
  expect(left.filter((line) => !line.endsWith("[deleting]"))).toEqual([]);
});

it("tells mean and standard deviation beside the percentiles in JSON (43)", async () => {
  const args = ["bench", "bugs-basin", "-d", "300ms", "-w", "0s", "--json", "--quiet"];
  const [summary] = jsonLinesOf(await cli.ok(...args));
  const number = expect.any(Number) as number;
  expect(summary?.ack_latency).toMatchObject({
    mean_ms: number,
    stddev_ms: number,
    p99_9_ms: number,
  });
});

it("an authentication failure is an error, never an empty list (23)", async () => {
  const server = await Cli.withServer({ auth: true, rootToken: "root-token-of-it" });
  for (const args of [
    ["ls"],
    ["list-basins"],
    ["list-streams", "some-basin"],
    ["list-access-tokens"],
  ]) {
    const result = await server.run(args, { env: { S2_ACCESS_TOKEN: "wrong" } });
    expect([result.code, result.stdout]).toEqual([3, ""]);
    expect(result.stderr).toContain("environment S2_ACCESS_TOKEN");
  }
  await server.close();
});

it("shows what is being deleted in lists, with its mark (29)", async () => {
  await cli.ok("create-stream", "s2://bugs-basin/going");
  await cli.ok("delete-stream", "s2://bugs-basin/going");
  // It may be purged already; what is listed is marked.
  const lines = linesOf(await cli.ok("list-streams", "s2://bugs-basin/going"));
  expect(lines.filter((line) => line !== "s2://bugs-basin/going [deleting]")).toEqual([]);
});

it.each([
  ["localhost", true],
  ["LOCALHOST", true],
  ["app.localhost", true],
  ["127.0.0.1", true],
  ["127.8.9.10", true],
  ["[::1]", true],
  ["::1", true],
  ["128.0.0.1", false],
  ["127.0.0.1.example.com", false],
  ["localhost.example.com", false],
])("knows whether %s is this machine (32)", (host, isLocal) => {
  expect(isLoopbackHost(host)).toBe(isLocal);
});

it("an empty delete_on_empty is as if it were not there (27)", async () => {
  const spec = (streamConfig: object): string =>
    JSON.stringify({
      basins: [{ name: "empty-basin", streams: [{ name: "x", config: streamConfig }] }],
    });
  const apply = async (config: object): Promise<unknown> => {
    await cli.okRun(["apply", "-f", "-"], { input: spec(config) });
    return JSON.parse(await cli.ok("get-stream-config", "s2://empty-basin/x", "--json"));
  };
  const without = await apply({});
  expect(await apply({ delete_on_empty: {} })).toEqual(without);
  expect(await apply({ delete_on_empty: { min_age: null } })).toEqual(without);
});

it("a reconfiguration without stream flags leaves the defaults for streams alone (24)", async () => {
  await cli.ok("create-basin", "kept-basin", "--retention-policy", "3days");
  await cli.ok("reconfigure-basin", "kept-basin", "--create-stream-on-read", "true");
  expect(JSON.parse(await cli.ok("get-basin-config", "kept-basin", "--json"))).toMatchObject({
    create_stream_on_read: true,
    default_stream_config: { retention_policy: { age: 259_200 } },
  });
});
