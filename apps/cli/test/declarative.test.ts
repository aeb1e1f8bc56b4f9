// Acceptance rows 10 and 11: apply, dry run, diff; and the schema against the checks that run.

import { readFileSync, writeFileSync } from "node:fs";
import { parseResourceSpec } from "@s2kit/core/declarative";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { RESOURCES_SCHEMA } from "../src/declarative/schema.js";
import { Cli, jsonLinesOf, linesOf } from "./harness/cli.js";

let cli: Cli;

beforeAll(async () => {
  cli = await Cli.withServer();
});

afterAll(async () => {
  await cli.close();
});

function specFile(name: string, spec: unknown): string {
  const path = cli.path(name);
  writeFileSync(path, typeof spec === "string" ? spec : JSON.stringify(spec));
  return path;
}

it("A11: shows a plan, creates, then changes nothing", async () => {
  await cli.ok("create-basin", "plan-basin-old", "--storage-class", "express");
  await cli.ok("create-stream", "s2://plan-basin-old/logs", "--storage-class", "standard");
  const path = specFile("spec.json", {
    $schema: "./schema.json",
    basins: [
      {
        name: "plan-basin-new",
        config: {
          create_stream_on_append: true,
          default_stream_config: { retention_policy: "7days" },
        },
        streams: [{ name: "events", config: { delete_on_empty: {} } }],
      },
      {
        name: "plan-basin-old",
        config: { default_stream_config: { storage_class: "standard" } },
        streams: [{ name: "logs" }],
      },
    ],
  });
  expect(linesOf(await cli.ok("apply", "-f", path, "--dry-run"))).toEqual([
    "+ basin plan-basin-new",
    "    create_stream_on_append: true",
    "    default_stream_config.retention_policy: 7days",
    "  + stream plan-basin-new/events",
    "~ basin plan-basin-old",
    "    default_stream_config.storage_class: express → standard",
    "  = stream plan-basin-old/logs",
  ]);
  expect((await cli.run(["apply", "-f", path, "--dry-run", "--exit-code"])).code).toBe(1);
  const first = await cli.okRun(["apply", "-f", path]);
  expect([first.stdout, linesOf(first.stderr)]).toEqual([
    "",
    [
      "  basin plan-basin-new (created)",
      "  stream plan-basin-new/events (created)",
      "  basin plan-basin-old (config updated)",
      "  stream plan-basin-old/logs (config unchanged)",
      "✓ Done: 2 resources created, 1 updated, 1 unchanged",
    ],
  ]);
  const second = await cli.okRun(["apply", "-f", path]);
  expect(second.stderr).not.toMatch(/created\)|updated\)/);
  expect((await cli.run(["apply", "-f", path, "--dry-run", "--exit-code"])).code).toBe(0);
});

it("A11: names every mistake of a spec before anything is called", async () => {
  const path = specFile("bad.json", {
    basins: [
      { name: "x" },
      { name: "bad-spec-basin", extra: 1, streams: [{ name: "a" }, { name: "a" }] },
      {
        name: "bad-spec-basin",
        config: {
          default_stream_config: { retention_policy: "0s", timestamping: { mode: "never" } },
        },
      },
    ],
  });
  const result = await cli.run(["apply", "-f", path]);
  expect([result.code, result.stdout]).toEqual([2, ""]);
  for (const mistake of [
    "basins[0].name: basin name should be at least 8 bytes",
    'basins[1]: unknown key "extra"',
    'duplicate stream name "a" in basin "bad-spec-basin"',
    "basins[2].config.default_stream_config.retention_policy: the retention age must be greater",
    "basins[2].config.default_stream_config.timestamping.mode: expected client-prefer",
    'duplicate basin name "bad-spec-basin"',
  ])
    expect(result.stderr).toContain(mistake);
  expect(await cli.ok("ls", "--prefix", "bad-spec")).toBe("");
  expect((await cli.run(["apply", "-f", specFile("no.json", "{")])).stderr).toContain(
    "not valid JSON",
  );
  expect((await cli.run(["apply"])).code).toBe(2);
  expect((await cli.run(["apply", "--schema", "--dry-run"])).code).toBe(2);
});

it("A11: prints the schema without a connection", async () => {
  const offline = Cli.withoutServer();
  const schema = JSON.parse(await offline.ok("apply", "--schema")) as Record<string, unknown>;
  expect(schema).toEqual(JSON.parse(JSON.stringify(RESOURCES_SCHEMA)));
  expect(schema.title).toBe("Resources");
  await offline.close();
});

it("A10: compares basins, streams and defaults, as text, JSON and exit code", async () => {
  await cli.ok("create-basin", "diff-basin-a", "--retention-policy", "60days");
  await cli.ok("create-basin", "diff-basin-b", "--create-stream-on-read");
  await cli.ok("create-stream", "s2://diff-basin-a/x", "--storage-class", "standard");
  expect(linesOf(await cli.ok("diff", "s2://diff-basin-a", "s2://diff-basin-b"))).toEqual([
    "--- s2://diff-basin-a",
    "+++ s2://diff-basin-b",
    // Nobody chose a class for the streams of the second: it is the server's to choose.
    "",
    "default_stream_config.storage_class",
    "- express",
    "+ ∅",
    "",
    "default_stream_config.retention_policy",
    "- 60d",
    "+ 7d",
    "",
    "create_stream_on_read",
    "- false",
    "+ true",
  ]);
  const json = await cli.ok("diff", "s2://diff-basin-a", "s2://diff-basin-b", "-o", "json");
  expect(JSON.parse(json)).toMatchObject({
    differences: [
      { path: "default_stream_config.storage_class", left: "express", right: null },
      { path: "default_stream_config.retention_policy", left: "60d", right: "7d" },
      { path: "create_stream_on_read", left: false, right: true },
    ],
  });
  const defaults = await cli.ok("diff", "s2://diff-basin-a", "s2://diff-basin-a/x", "-o", "json");
  expect(JSON.parse(defaults)).toEqual({
    resource: "stream-vs-basin-defaults",
    left: "s2://diff-basin-a",
    right: "s2://diff-basin-a/x",
    differences: [{ path: "storage_class", left: "express", right: "standard" }],
  });
  const same = ["diff", "diff-basin-a", "diff-basin-a", "-r", "basin", "--exit-code"];
  expect((await cli.okRun(same)).stdout).toBe(
    "--- diff-basin-a\n+++ diff-basin-a\n\n✓ No differences\n",
  );
  expect(
    (await cli.run(["diff", "s2://diff-basin-a", "s2://diff-basin-b", "--exit-code"])).code,
  ).toBe(1);
});

it("A10: refuses bare names and foreign defaults before it connects", async () => {
  const offline = Cli.withoutServer();
  const bare = await offline.run(["diff", "some-basin", "other-basin"]);
  expect([bare.code, bare.stderr]).toEqual([2, expect.stringContaining("--resource")]);
  const foreign = await offline.run(["diff", "s2://basin-aa/x", "s2://basin-bb"]);
  expect([foreign.code, foreign.stderr]).toEqual([2, expect.stringContaining("its own basin")]);
  await offline.close();
});

const duration = fc.constantFrom("1h", "7days", "2w 3d", "90m");
const orNull = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value);
const streamConfig = fc.record(
  {
    storage_class: orNull(fc.constantFrom("standard", "express")),
    retention_policy: orNull(fc.oneof(duration, fc.constant("infinite"))),
    timestamping: orNull(
      fc.record(
        {
          mode: orNull(fc.constantFrom("client-prefer", "client-require", "arrival")),
          uncapped: orNull(fc.boolean()),
        },
        { requiredKeys: [] },
      ),
    ),
    delete_on_empty: orNull(fc.record({ min_age: orNull(duration) }, { requiredKeys: [] })),
  },
  { requiredKeys: [] },
);
const specs = fc.record({
  basins: fc.uniqueArray(
    fc.record({
      name: fc.integer({ min: 0, max: 5 }).map((i) => `random-basin-${i}`),
      config: orNull(
        fc.record(
          {
            default_stream_config: orNull(streamConfig),
            create_stream_on_append: orNull(fc.boolean()),
            create_stream_on_read: orNull(fc.boolean()),
          },
          { requiredKeys: [] },
        ),
      ),
      streams: fc.uniqueArray(
        fc.record({
          name: fc.integer({ min: 0, max: 3 }).map((i) => `stream/${i}`),
          config: orNull(streamConfig),
        }),
        { maxLength: 3, selector: ({ name }) => name },
      ),
    }),
    { maxLength: 4, selector: ({ name }) => name },
  ),
});

it("random specs converge: after one apply there is nothing left to plan", {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(specs, async (spec) => {
      const path = specFile("random.json", spec);
      await cli.ok("apply", "-f", path);
      const plan = jsonLinesOf(await cli.ok("apply", "-f", path, "--dry-run", "--json"));
      expect(plan.filter(({ action }) => action !== "keep")).toEqual([]);
      const again = jsonLinesOf(await cli.ok("apply", "-f", path, "--json"));
      expect(again.filter(({ result }) => result !== "noop")).toEqual([]);
      // What is there, written down, asks for nothing either.
      const written = specFile("written.json", await cli.ok("export-spec", "-p", "random-basin"));
      const same = jsonLinesOf(await cli.ok("apply", "-f", written, "--dry-run", "--json"));
      expect(same.filter(({ action }) => action !== "keep")).toEqual([]);
      expect(same.length).toBeGreaterThanOrEqual(plan.length);
    }),
    { numRuns: 6 },
  );
});

it("the published schema and the checks that run agree", () => {
  const validate = new Ajv2020({ strict: false }).compile(RESOURCES_SCHEMA);
  const accepts = (spec: unknown): boolean => parseResourceSpec(JSON.stringify(spec)).ok;
  fc.assert(
    fc.property(specs, (spec) => {
      expect([validate(spec), accepts(spec)]).toEqual([true, true]);
    }),
  );
  // One wrong place at a time: another type, an unknown key, a value out of its list.
  const wrongs = fc.constantFrom<unknown>(5, "nonsense", [], { unknown_key: 1 }, true);
  fc.assert(
    fc.property(specs, fc.nat(), wrongs, (spec, at, wrong) => {
      const broken = structuredClone(spec) as unknown;
      if (!replaceOne(broken, at, wrong)) return;
      // The schema cannot know durations, so it may accept a text that the checks refuse.
      if (!validate(broken) && wrong !== "nonsense") expect(accepts(broken)).toBe(false);
      if (accepts(broken)) expect(validate(broken)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

const vectors = (
  JSON.parse(
    readFileSync(
      new URL("../../../packages/core/fixtures/resource-specs.json", import.meta.url),
      "utf8",
    ),
  ) as { vectors: { id: string; meaning: string; spec: unknown; mistakes?: string[] }[] }
).vectors;

it("the published schema takes every spec of the vectors that is good", () => {
  const validate = new Ajv2020({ strict: false }).compile(RESOURCES_SCHEMA);
  for (const { id, spec, mistakes } of vectors)
    if (mistakes === undefined) expect([id, validate(spec)]).toEqual([id, true]);
});

it("apply takes or refuses each spec of the vectors, and names the place of each mistake", {
  timeout: 120_000,
}, async () => {
  for (const { id, spec, mistakes } of vectors) {
    const path = specFile("vector.json", spec);
    const { code, stderr } = await cli.run(["apply", "-f", path, "--dry-run"]);
    expect([id, code, stderr]).toEqual([id, mistakes === undefined ? 0 : 2, stderr]);
    for (const field of mistakes ?? []) expect(stderr).toContain(`${field}: `);
  }
});

/** Replaces one value below the root, chosen by number. */
function replaceOne(json: unknown, at: number, value: unknown): boolean {
  const places: (() => void)[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    for (const key of Object.keys(node)) {
      places.push(() => {
        (node as Record<string, unknown>)[key] = value;
      });
      visit((node as Record<string, unknown>)[key]);
    }
  };
  visit(json);
  places[at % Math.max(1, places.length)]?.();
  return places.length > 0;
}
