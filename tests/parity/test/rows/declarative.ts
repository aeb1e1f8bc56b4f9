// Rows 10 and 11: comparing resources, applying a spec.

import { writeFile } from "node:fs/promises";
import { expect } from "vitest";
import type { Shell } from "../harness/cell.js";
import { lines } from "../harness/output.js";
import type { Row } from "../harness/row.js";

interface DiffJson {
  readonly resource: string;
  readonly left: string;
  readonly right: string;
  readonly differences: readonly { readonly path: string; left: unknown; right: unknown }[];
}

async function diffJson(shell: Shell, ...args: string[]): Promise<DiffJson> {
  const { stdout } = await shell.ok(["diff", ...args, "-o", "json"]);
  return JSON.parse(stdout) as DiffJson;
}

async function twoBasins(shell: Shell, name: string): Promise<readonly [string, string]> {
  await shell.ok(["create-basin", `${name}-a`, "--storage-class", "express"]);
  await shell.ok([
    "create-basin",
    `${name}-b`,
    "--storage-class",
    "express",
    "--create-stream-on-append",
    "--retention-policy",
    "14d",
    "--timestamping-uncapped",
    "true",
    "--stream-cipher",
    "aegis-256",
  ]);
  return [`s2://${name}-a`, `s2://${name}-b`];
}

export const comparing: Row = {
  number: 10,
  title: "diff of basins, streams and defaults",
  cases: {
    "basins as text": async (shell) => {
      const [a, b] = await twoBasins(shell, "row10-text");
      const { stdout } = await shell.ok(["diff", a, b]);
      expect(lines(stdout)).toEqual([
        `--- ${a}`,
        `+++ ${b}`,
        "",
        "default_stream_config.retention_policy",
        "- 7d",
        "+ 14d",
        "",
        "default_stream_config.timestamping.uncapped",
        "- false",
        "+ true",
        "",
        "stream_cipher",
        "- none",
        "+ aegis-256",
        "",
        "create_stream_on_append",
        "- false",
        "+ true",
      ]);
      const bare = ["row10-text-a", "row10-text-b", "-r", "basin"];
      expect(lines((await shell.ok(["diff", ...bare])).stdout).slice(2)).toEqual(
        lines(stdout).slice(2),
      );
    },

    "basins as JSON": async (shell) => {
      const [a, b] = await twoBasins(shell, "row10-json");
      expect(await diffJson(shell, a, b)).toEqual({
        resource: "basin",
        left: a,
        right: b,
        differences: [
          { path: "default_stream_config.retention_policy", left: "7d", right: "14d" },
          { path: "default_stream_config.timestamping.uncapped", left: false, right: true },
          { path: "stream_cipher", left: "none", right: "aegis-256" },
          { path: "create_stream_on_append", left: false, right: true },
        ],
      });
    },

    "streams, with themselves and with others": async (shell) => {
      await shell.ok(["create-basin", "row10-streams"]);
      const [a, b] = ["s2://row10-streams/a", "s2://row10-streams/b"];
      await shell.ok(["create-stream", a]);
      await shell.ok(["create-stream", b, "--delete-on-empty-min-age", "90m"]);
      expect(await diffJson(shell, a, b)).toEqual({
        resource: "stream",
        left: a,
        right: b,
        differences: [{ path: "delete_on_empty.min_age", left: "0s", right: "1h 30m" }],
      });
      const same = await shell.ok(["diff", a, a, "--exit-code"]);
      expect(same.stdout).toBe(`--- ${a}\n+++ ${a}\n\n✓ No differences\n`);
      expect((await diffJson(shell, a, a)).differences).toEqual([]);
      const differing = await shell.run(["diff", a, b, "--exit-code"]);
      expect([differing.code, lines(differing.stdout)[0]]).toEqual([1, `--- ${a}`]);
    },

    "a stream with the defaults of its basin, in either order": async (shell, cell) => {
      const [a, b] = await twoBasins(shell, "row10-defaults");
      await shell.ok(["create-stream", `${b}/s`, "--retention-policy", "1d"]);
      const difference = { path: "retention_policy", left: "14d", right: "1d" };
      const there = await diffJson(shell, b, `${b}/s`);
      expect([there.resource, there.differences]).toEqual([
        "stream-vs-basin-defaults",
        [difference],
      ]);
      const back = await diffJson(shell, `${b}/s`, b);
      expect(back.differences).toEqual([{ ...difference, left: "1d", right: "14d" }]);
      const code = cell.expected("exit code: wrong value");
      await shell.fails(["diff", a, `${b}/s`], code, /basin/);
    },

    "wrong operands are refused before anything is asked": async (shell, cell) => {
      const code = cell.expected("exit code: wrong value");
      const offline = {
        env: {
          S2_ACCOUNT_ENDPOINT: "http://127.0.0.1:1",
          S2_BASIN_ENDPOINT: "http://127.0.0.1:1",
          S2_ACCESS_TOKEN: undefined,
        },
      };
      const bare = ["diff", "row10-none-a", "row10-none-b"];
      await shell.fails(bare, code, /--resource basin.*--resource access-token/s, offline);
    },

    "what is missing is named": async (shell, cell) => {
      const code = cell.expected("exit code: not found");
      await shell.fails(["diff", "s2://row10-none-a", "s2://row10-none-b"], code, "not found");
    },
  },
};

const SPEC = {
  $schema: "https://example.com/schema.json",
  basins: [
    {
      name: "row11-basin",
      config: {
        create_stream_on_append: true,
        default_stream_config: { retention_policy: "7days", storage_class: "express" },
      },
      streams: [
        {
          name: "events",
          config: {
            storage_class: "standard",
            timestamping: { mode: "arrival", uncapped: true },
            delete_on_empty: { min_age: "1h" },
          },
        },
        { name: "logs/app", config: { storage_class: "express" } },
        { name: "plain" },
        { name: "empty", config: {} },
      ],
    },
  ],
};

export const applying: Row = {
  number: 11,
  title: "apply: created, unchanged, updated; dry run, schema, invalid specs",
  cases: {
    "twice is once; a dry run tells what would be": async (shell, cell) => {
      const path = shell.path("spec.json");
      await writeFile(path, JSON.stringify(SPEC));
      const plan = await shell.ok(["apply", "-f", path, "--dry-run"]);
      expect([lines(plan.stdout), plan.stderr]).toEqual([
        [
          "+ basin row11-basin",
          "    create_stream_on_append: true",
          "    default_stream_config.storage_class: express",
          "    default_stream_config.retention_policy: 7days",
          "  + stream row11-basin/events",
          "      storage_class: standard",
          "      timestamping.mode: arrival",
          "      timestamping.uncapped: true",
          "      delete_on_empty.min_age: 1h",
          "  + stream row11-basin/logs/app",
          "      storage_class: express",
          "  + stream row11-basin/plain",
          "  + stream row11-basin/empty",
        ],
        "",
      ]);
      const apply = async (result: string): Promise<void> => {
        const { stdout, stderr } = await shell.ok(["apply", "-f", path]);
        const all = [
          `  basin row11-basin (${result})`,
          `  stream row11-basin/events (${result})`,
          `  stream row11-basin/logs/app (${result})`,
          `  stream row11-basin/plain (${result})`,
          `  stream row11-basin/empty (${result})`,
        ];
        expect([stdout, lines(stderr).slice(0, -1)]).toEqual(["", all]);
        expect(stderr).toMatch(cell.expected("last line of apply"));
      };
      await apply("created");
      await apply("config unchanged");
      const settled = await shell.ok(["apply", "-f", path, "--dry-run"]);
      expect(lines(settled.stdout)).toEqual([
        "= basin row11-basin",
        "  = stream row11-basin/events",
        "  = stream row11-basin/logs/app",
        "  = stream row11-basin/plain",
        "  = stream row11-basin/empty",
      ]);
    },

    "changes are planned field by field, then made": async (shell) => {
      const path = shell.path("spec.json");
      const name = "row11-changes";
      const spec = (retention: string, mode: string): string =>
        JSON.stringify({
          basins: [
            {
              name,
              config: {
                default_stream_config: { storage_class: "express", retention_policy: retention },
              },
              streams: [
                { name: "a", config: { storage_class: "express", timestamping: { mode } } },
              ],
            },
          ],
        });
      await writeFile(path, spec("7days", "arrival"));
      await shell.ok(["apply", "-f", path]);
      await writeFile(path, spec("infinite", "client-prefer"));
      const plan = await shell.ok(["apply", "-f", path, "--dry-run"]);
      expect(lines(plan.stdout)).toEqual([
        `~ basin ${name}`,
        "    default_stream_config.retention_policy: 7days → infinite",
        `  ~ stream ${name}/a`,
        "      retention_policy: 7days → infinite",
        "      timestamping.mode: arrival → client-prefer",
      ]);
      const { stderr } = await shell.ok(["apply", "-f", path]);
      expect(lines(stderr).slice(0, 2)).toEqual([
        `  basin ${name} (config updated)`,
        `  stream ${name}/a (config updated)`,
      ]);
    },

    "a storage class that is left out is the server's, and a second apply changes nothing": async (
      shell,
      cell,
    ) => {
      const path = shell.path("spec.json");
      const config = { default_stream_config: { retention_policy: "1day" } };
      const basin = { name: "row11-class", config, streams: [{ name: "a" }] };
      await writeFile(path, JSON.stringify({ basins: [basin] }));
      await shell.ok(["apply", "-f", path]);
      const { stderr } = await shell.ok(["apply", "-f", path]);
      expect(lines(stderr).slice(0, 2)).toEqual([
        "  basin row11-class (config unchanged)",
        "  stream row11-class/a (config unchanged)",
      ]);
      const plan = await shell.ok(["apply", "-f", path, "--dry-run"]);
      // Our server answers with the class of its default location, the official lite with 501.
      const marked = {
        compared: ["= basin row11-class", "  = stream row11-class/a"],
        marked: [
          "= basin row11-class",
          "  ? stream row11-class/a",
          "      storage_class: express → default resolved at apply",
        ],
        "resolved at apply": [
          "? basin row11-class",
          "    default_stream_config.storage_class: resolved at apply",
          "  ? stream row11-class/a",
          "      storage_class: resolved at apply",
        ],
      };
      const how = cell.expected("plan of a storage class that nobody tells");
      expect(lines(plan.stdout)).toEqual(marked[cell.server === "ours" ? "compared" : how]);
    },

    "the schema is printed without asking anyone": async (shell) => {
      const env = { S2_ACCESS_TOKEN: undefined };
      const { stdout } = await shell.ok(["apply", "--schema"], { env });
      const schema = JSON.parse(stdout) as Record<string, unknown>;
      expect(schema.$schema).toBe("https://json-schema.org/draft/2020-12/schema");
      expect(schema).toMatchObject({ title: "Resources", properties: { basins: {} } });
      await shell.fails(["apply", "--schema", "--dry-run"], 2, "cannot be used with");
      await shell.fails(["apply"], 2, "--file");
    },

    "specs that are wrong change nothing": async (shell, cell) => {
      const code = cell.expected("exit code: wrong value");
      const path = shell.path("bad.json");
      const duplicates = [
        { name: "row11-twice", streams: [{ name: "a" }, { name: "a" }] },
        { name: "row11-twice" },
      ];
      const zero = { default_stream_config: { retention_policy: "0s" } };
      const bad: readonly (readonly [spec: string, says: RegExp])[] = [
        ['{"basins":', /JSON|EOF/],
        ['{"basins":[{"name":"short"}]}', /8 bytes/],
        ['{"basins":[{"name":"row11-bad","unknown":1}]}', /unknown/],
        [JSON.stringify({ basins: duplicates }), /duplicate stream[^]*duplicate basin/],
        [JSON.stringify({ basins: [{ name: "row11-bad", config: zero }] }), /greater than 0/],
      ];
      for (const [spec, says] of bad) {
        await writeFile(path, spec);
        await shell.fails(["apply", "-f", path], code, says);
      }
      const two = { basins: [{ name: "short" }, { name: "UPPER-CASE" }] };
      await writeFile(path, JSON.stringify(two));
      const { stderr } = await shell.fails(["apply", "-f", path], code, "8 bytes");
      expect(stderr.includes("basins[1]")).toBe(cell.expected("errors of a spec") === "all");
      expect((await shell.ok(["ls", "-p", "row11-twice"])).stdout).toBe("");
      expect((await shell.ok(["ls", "-p", "row11-bad"])).stdout).toBe("");
    },
  },
};
