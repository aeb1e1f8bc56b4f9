// A dry run where the server chooses: a storage class that the spec leaves out is compared with the
// default that the server tells, and is undecided where it does not tell. Spec: cli#dry-run.

import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { request as ask, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { DEFAULT_BASIN_CONFIG, resolveStreamConfig } from "@s2kit/core/control";
import { parseResourceSpec } from "@s2kit/core/declarative";
import { afterAll, beforeAll, expect, it } from "vitest";
import { planOf } from "../../src/declarative/plan.js";
import { Cli, jsonLinesOf, linesOf } from "../harness/cli.js";

const ROOT = { S2_ACCESS_TOKEN: "root-token-of-dry-runs" };
const BASIN = "chosen-basin";
let cli: Cli;
/** Reaches the basin and its streams, but neither lists nor locations. */
let narrow: { S2_ACCESS_TOKEN: string };
let path: string;

beforeAll(async () => {
  cli = await Cli.withServer({ auth: true, rootToken: ROOT.S2_ACCESS_TOKEN });
  const asRoot = (...args: string[]): Promise<unknown> => cli.okRun(args, { env: ROOT });
  await asRoot("create-basin", BASIN, "--retention-policy", "3days", "--storage-class", "standard");
  await asRoot("create-stream", `s2://${BASIN}/slow`, "--storage-class", "standard");
  await asRoot("create-stream", `s2://${BASIN}/fast`, "--storage-class", "express");
  const scope = ["--basins-prefix", "", "--streams-prefix", ""];
  const ops = [
    "--ops",
    "get-basin-config,get-stream-config,create-basin,reconfigure-basin,create-stream,reconfigure-stream",
  ];
  const issued = await cli.okRun(["issue-access-token", "narrow", ...scope, ...ops], { env: ROOT });
  narrow = { S2_ACCESS_TOKEN: issued.stdout.trim() };
  path = cli.path("spec.json");
  writeFileSync(
    path,
    JSON.stringify({
      basins: [
        {
          name: BASIN,
          config: { default_stream_config: { retention_policy: "3days" } },
          streams: [
            { name: "fast", config: { retention_policy: "3days" } },
            { name: "slow", config: { retention_policy: "2days" } },
            { name: "named", config: { storage_class: "express" } },
          ],
        },
      ],
    }),
  );
});

afterAll(async () => {
  await cli.close();
});

const plan = (env: Record<string, string>, ...more: string[]) =>
  cli.run(["apply", "-f", path, "--dry-run", ...more], { env });

it("compares with the default class that the location of the basin tells", async () => {
  expect(linesOf((await plan(ROOT)).stdout)).toEqual([
    `~ basin ${BASIN}`,
    "    default_stream_config.storage_class: standard → express",
    `  = stream ${BASIN}/fast`,
    `  ~ stream ${BASIN}/slow`,
    "      storage_class: standard → express",
    "      retention_policy: 3days → 2days",
    `  + stream ${BASIN}/named`,
    "      storage_class: express",
  ]);
});

it("marks as undecided what the server will choose without telling before", async () => {
  const shown = await plan(narrow);
  expect([shown.code, shown.stderr, ...linesOf(shown.stdout)]).toEqual([
    0,
    "",
    `? basin ${BASIN}`,
    "    default_stream_config.storage_class: standard → default resolved at apply",
    `  ? stream ${BASIN}/fast`,
    "      storage_class: express → default resolved at apply",
    // Of a stream that changes anyway the class stands with the other changes.
    `  ~ stream ${BASIN}/slow`,
    "      storage_class: standard → default resolved at apply",
    "      retention_policy: 3days → 2days",
    `  + stream ${BASIN}/named`,
    "      storage_class: express",
  ]);
});

it("marks the same where the server knows no locations at all", async () => {
  // As the official open server does.
  const front = createServer((request, response) => {
    if (request.url?.startsWith("/v1/locations") === true)
      return void response.writeHead(501).end('{"code":"not_implemented","message":"no"}');
    const { method, url, headers } = request;
    const onward = ask(new URL(url ?? "/", cli.url ?? ""), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
  });
  await once(front.listen(0, "127.0.0.1"), "listening");
  try {
    const url = `http://127.0.0.1:${(front.address() as AddressInfo).port}`;
    const endpoints = { S2_ACCOUNT_ENDPOINT: url, S2_BASIN_ENDPOINT: url };
    expect(linesOf((await plan({ ...ROOT, ...endpoints })).stdout)[0]).toBe(`? basin ${BASIN}`);
  } finally {
    front.closeAllConnections();
    front.close();
  }
});

it("says it in JSON, and does not promise by the exit code that nothing changes", async () => {
  await cli.okRun(["apply", "-f", path], { env: narrow });
  expect((await plan(ROOT, "--exit-code")).code).toBe(0);
  const undecided = await plan(narrow, "--json", "--exit-code");
  const change = { path: "storage_class", from: "express", to: null };
  expect([undecided.code, ...jsonLinesOf(undecided.stdout)]).toEqual([
    1,
    {
      kind: "basin",
      name: BASIN,
      action: "undecided",
      changes: [{ ...change, path: "default_stream_config.storage_class" }],
    },
    { kind: "stream", name: `${BASIN}/fast`, action: "undecided", changes: [change] },
    { kind: "stream", name: `${BASIN}/slow`, action: "undecided", changes: [change] },
    { kind: "stream", name: `${BASIN}/named`, action: "keep" },
  ]);
});

it("takes the default of the server for that of the streams, whatever ours is", async () => {
  const spec = parseResourceSpec(
    JSON.stringify({ basins: [{ name: BASIN, streams: [{ name: "s" }] }] }),
  );
  if (!spec.ok) throw new Error("the spec of this test is wrong");
  const asked: string[] = [];
  const steps = await planOf(spec.value, {
    basin: () => Promise.resolve(DEFAULT_BASIN_CONFIG),
    stream: () => Promise.resolve(resolveStreamConfig({ storageClass: "express" })),
    defaultStorageClass(basin) {
      asked.push(basin);
      return Promise.resolve("glacial");
    },
  });
  expect(asked).toEqual([BASIN]);
  expect(steps[1]).toMatchObject({
    action: "update",
    changes: [{ path: "storage_class", from: "express", to: "glacial" }],
  });
});
