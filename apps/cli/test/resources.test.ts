// Acceptance rows 1 to 4: basins and streams from the command line, against a real server.

import { afterAll, beforeAll, expect, it } from "vitest";
import { Cli, jsonLinesOf, linesOf } from "./harness/cli.js";

let cli: Cli;

beforeAll(async () => {
  cli = await Cli.withServer();
});

afterAll(async () => {
  await cli.close();
});

it("A1: lists basins and streams in every form", async () => {
  for (const basin of ["list-basin-1", "list-basin-2", "list-basin-3"])
    await cli.ok("create-basin", basin);
  const names = async (...args: string[]): Promise<string[]> =>
    linesOf(await cli.ok(...args)).map((line) => line.split(" ")[0] ?? "");
  expect(await names("list-basins", "--prefix", "list-")).toEqual([
    "list-basin-1",
    "list-basin-2",
    "list-basin-3",
  ]);
  expect(await names("ls", "--prefix", "list-", "--start-after", "list-basin-1")).toEqual([
    "list-basin-2",
    "list-basin-3",
  ]);
  expect(await names("basins", "list", "-p", "list-", "-n", "2")).toHaveLength(2);
  const page = await cli.okRun(["list-basins", "-p", "list-", "-n", "1", "--no-auto-paginate"]);
  expect(linesOf(page.stdout)).toHaveLength(1);
  expect(page.stderr).toContain('--start-after "list-basin-1"');

  for (const stream of ["logs/a", "logs/b", "other"])
    await cli.ok("create-stream", `s2://list-basin-1/${stream}`);
  const all = ["logs/a", "logs/b", "other"].map((name) => `s2://list-basin-1/${name}`);
  expect(linesOf(await cli.ok("list-streams", "list-basin-1"))).toEqual(all);
  expect(linesOf(await cli.ok("list-streams", "s2://list-basin-1/"))).toEqual(all);
  expect(linesOf(await cli.ok("list-streams", "s2://list-basin-1/logs/"))).toEqual(all.slice(0, 2));
  expect(linesOf(await cli.ok("list-streams", "list-basin-1", "--prefix", "o"))).toEqual([all[2]]);
  expect(await cli.ok("ls", "list-basin-1")).toMatch(
    /^s2:\/\/list-basin-1\/logs\/a \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/m,
  );
  const twice = await cli.run(["ls", "s2://list-basin-1/logs/", "--prefix", "x"]);
  expect([twice.code, twice.stderr]).toEqual([2, expect.stringContaining("prefix is given twice")]);
});

it("A2: creates, shows, reconfigures and deletes basins", async () => {
  const created = await cli.okRun([
    "create-basin",
    "config-basin",
    "--retention-policy",
    "7days",
    "--create-stream-on-append",
    "--storage-class",
    "standard",
    "--timestamping-mode",
    "arrival",
    "--timestamping-uncapped",
    "true",
    "--delete-on-empty-min-age",
    "1h",
  ]);
  expect([created.stdout, created.stderr]).toEqual(["", "✓ Basin created\n"]);
  const [config] = jsonLinesOf(await cli.ok("get-basin-config", "config-basin", "--json"));
  expect(config).toEqual({
    default_stream_config: {
      storage_class: "standard",
      retention_policy: { age: 604_800 },
      timestamping: { mode: "arrival", uncapped: true },
      delete_on_empty: { min_age_secs: 3600 },
    },
    stream_cipher: null,
    create_stream_on_append: true,
    create_stream_on_read: false,
  });
  const shown = await cli.ok("get-basin-config", "config-basin");
  expect(shown).toMatch(/default_stream_config\.retention_policy +\| 7days/);

  await cli.ok("reconfigure-basin", "config-basin", "--create-stream-on-read", "true");
  await cli.ok(
    "reconfigure-basin",
    "config-basin",
    "--retention-policy",
    "infinite",
    "--unset",
    "timestamping.uncapped",
  );
  expect(jsonLinesOf(await cli.ok("basins", "get", "config-basin", "-o", "json"))).toEqual([
    expect.objectContaining({
      create_stream_on_append: true,
      create_stream_on_read: true,
      default_stream_config: expect.objectContaining({
        storage_class: "standard",
        retention_policy: { infinite: {} },
        timestamping: { mode: "arrival", uncapped: null },
      }) as unknown,
    }),
  ]);
  const deleted = await cli.okRun(["delete-basin", "config-basin", "--wait"]);
  expect(deleted.stderr).toBe("✓ Basin deleted\n");
  expect(await cli.ok("list-basins", "--prefix", "config-")).toBe("");
});

it("A3: creates, shows, reconfigures and deletes streams", async () => {
  await cli.ok("create-basin", "stream-basin");
  const uri = "s2://stream-basin/with space/ü";
  const created = await cli.okRun(["create-stream", uri, "--retention-policy", "1w"]);
  expect(created.stderr).toBe("✓ Stream created\n");
  const changed = await cli.okRun(["reconfigure-stream", uri, "--retention-policy", "14days"]);
  expect(changed.stderr).toBe("✓ Stream reconfigured\n");
  expect(changed.stdout).toMatch(/retention_policy +\| 14days/);
  expect(jsonLinesOf(await cli.ok("get-stream-config", uri, "--json"))).toEqual([
    {
      storage_class: "express",
      retention_policy: { age: 1_209_600 },
      timestamping: { mode: "client-prefer", uncapped: false },
      delete_on_empty: { min_age_secs: 0 },
    },
  ]);
  expect((await cli.okRun(["delete-stream", uri])).stderr).toBe("✓ Stream deletion requested\n");
});

it("A4: says not found, exists already and conflict with their own exit codes", async () => {
  const missing = await cli.run(["get-basin-config", "missing-basin"]);
  expect([missing.code, missing.stdout]).toEqual([4, ""]);
  expect(missing.stderr).toContain("basin_not_found");
  expect(missing.stderr).toContain("help: see which exist: s2kit ls");
  expect((await cli.run(["delete-basin", "missing-basin"])).code).toBe(4);
  expect((await cli.run(["delete-basin", "missing-basin", "--if-exists"])).code).toBe(0);
  await cli.ok("create-basin", "conflict-basin");
  expect((await cli.run(["delete-stream", "s2://conflict-basin/none"])).code).toBe(4);
  expect((await cli.run(["get-stream-config", "s2://conflict-basin/none"])).code).toBe(4);
  const again = await cli.run(["create-basin", "conflict-basin"]);
  expect(again.code).toBe(5);
  expect(again.stderr).toContain("--if-not-exists");
  const ensured = await cli.okRun(["create-basin", "conflict-basin", "--if-not-exists"]);
  expect(ensured.stderr).toBe("✓ Basin config unchanged\n");
  const changed = await cli.okRun(["ensure-basin", "conflict-basin", "--create-stream-on-append"]);
  expect(changed.stderr).toBe("✓ Basin config updated\n");
});
