// Rows 3 to 5: streams and their configuration, what is missing or there already, the tail.

import { expect } from "vitest";
import { configOf } from "../harness/output.js";
import type { Row } from "../harness/row.js";

export const streams: Row = {
  number: 3,
  title: "create, get, reconfigure and delete a stream",
  cases: {
    "defaults are shown resolved": async (shell, cell) => {
      await shell.ok(["create-basin", "row3-plain"]);
      await shell.ok(["create-stream", "s2://row3-plain/a"]);
      const { stdout } = await shell.ok(["get-stream-config", "s2://row3-plain/a"]);
      expect(configOf(cell, stdout)).toEqual({
        storage_class: "express",
        retention_policy: "7days",
        "timestamping.mode": "client-prefer",
        "timestamping.uncapped": "false",
        "delete_on_empty.min_age": "0s",
      });
    },

    "every flag is kept; the retention changes alone": async (shell, cell) => {
      await shell.ok(["create-basin", "row3-full"]);
      const uri = "s2://row3-full/deep/er";
      await shell.ok([
        "create-stream",
        uri,
        "--retention-policy",
        "1d",
        "--storage-class",
        "standard",
        "--timestamping-mode",
        "client-require",
        "--timestamping-uncapped",
        "true",
        "--delete-on-empty-min-age",
        "90s",
      ]);
      const expected = {
        storage_class: "standard",
        retention_policy: "1day",
        "timestamping.mode": "client-require",
        "timestamping.uncapped": "true",
        "delete_on_empty.min_age": "1m 30s",
      };
      const got = await shell.ok(["get-stream-config", uri]);
      expect(configOf(cell, got.stdout)).toEqual(expected);
      const changed = await shell.ok(["reconfigure-stream", uri, "--retention-policy", "2w"]);
      expect(changed.stderr).toContain("✓ Stream reconfigured\n");
      expect(configOf(cell, changed.stdout)).toEqual({ ...expected, retention_policy: "14days" });
    },

    "defaults of the basin are inherited at creation": async (shell, cell) => {
      const defaults = ["--retention-policy", "3d", "--timestamping-mode", "arrival"];
      await shell.ok(["create-basin", "row3-heir", ...defaults]);
      await shell.ok(["create-stream", "s2://row3-heir/a", "--retention-policy", "infinite"]);
      const { stdout } = await shell.ok(["get-stream-config", "s2://row3-heir/a"]);
      expect(configOf(cell, stdout)).toMatchObject({
        retention_policy: "infinite",
        "timestamping.mode": "arrival",
      });
    },

    "an append says how a stream is to be created, and only then": async (shell, cell) => {
      await shell.ok(["create-basin", "row3-made", "--create-stream-on-append"]);
      const uri = "s2://row3-made/a";
      const flags = ["--retention-policy", "3d", "--timestamping-mode", "arrival"];
      await shell.ok(["append", uri, ...flags], { input: "a\n" });
      await shell.ok(["append", uri, "--retention-policy", "9d"], { input: "b\n" });
      const { stdout } = await shell.ok(["get-stream-config", uri]);
      expect(configOf(cell, stdout)).toMatchObject({
        retention_policy: "3days",
        "timestamping.mode": "arrival",
      });
    },

    "a deleted stream goes, and its name can be used again": async (shell) => {
      await shell.ok(["create-basin", "row3-gone"]);
      const uri = "s2://row3-gone/a";
      await shell.ok(["create-stream", uri]);
      await shell.ok(["append", uri], { input: "a\n" });
      const { stdout, stderr } = await shell.ok(["delete-stream", uri]);
      expect([stdout, stderr]).toEqual(["", "✓ Stream deletion requested\n"]);
      await shell.eventually(["ls", "row3-gone"], (end) => end.stdout === "");
      await shell.ok(["create-stream", uri]);
      expect((await shell.ok(["check-tail", uri])).stdout).toBe("0 @ 0\n");
    },

    "a retention of nothing is refused": async (shell, cell) => {
      await shell.ok(["create-basin", "row3-zero"]);
      const args = ["create-stream", "s2://row3-zero/a", "--retention-policy", "0s"];
      await shell.fails(args, cell.expected("exit code: wrong value"), /age must be/);
    },
  },
};

export const missing: Row = {
  number: 4,
  title: "what is missing or there already fails with its name",
  cases: {
    "a missing basin": async (shell, cell) => {
      const code = cell.expected("exit code: not found");
      for (const args of [
        ["get-basin-config", "row4-none"],
        ["reconfigure-basin", "row4-none", "--create-stream-on-append", "true"],
        ["delete-basin", "row4-none"],
        ["list-streams", "row4-none"],
        ["create-stream", "s2://row4-none/a"],
        ["check-tail", "s2://row4-none/a"],
      ])
        await shell.fails(args, code, "basin `row4-none` not found");
    },

    "a missing stream": async (shell, cell) => {
      const code = cell.expected("exit code: not found");
      await shell.ok(["create-basin", "row4-basin"]);
      const uri = "s2://row4-basin/none";
      for (const args of [
        ["get-stream-config", uri],
        ["reconfigure-stream", uri, "--retention-policy", "1d"],
        ["delete-stream", uri],
        ["check-tail", uri],
        ["read", uri, "-s", "0"],
        ["tail", uri],
        ["fence", uri, "token"],
        ["trim", uri, "0"],
      ])
        await shell.fails(args, code, "stream `none` in basin `row4-basin` not found");
      const input = { input: "a\n" };
      await shell.fails(["append", uri], code, "stream `none` in basin", input);
    },

    "a name that is taken": async (shell, cell) => {
      const code = cell.expected("exit code: already exists");
      await shell.ok(["create-basin", "row4-taken"]);
      await shell.fails(["create-basin", "row4-taken"], code, "`row4-taken` already exists");
      await shell.ok(["create-stream", "s2://row4-taken/a"]);
      await shell.fails(["create-stream", "s2://row4-taken/a"], code, /`a` .*already exists/);
    },
  },
};

export const checkTail: Row = {
  number: 5,
  title: "check-tail prints the next sequence number and the last time",
  cases: {
    "a fresh stream, then with records": async (shell) => {
      await shell.ok(["create-basin", "row5-basin"]);
      const uri = "s2://row5-basin/a";
      await shell.ok(["create-stream", uri]);
      const fresh = await shell.ok(["check-tail", uri]);
      expect([fresh.stdout, fresh.stderr]).toEqual(["0 @ 0\n", ""]);
      const input = '{"timestamp":1000,"body":"a"}\n{"timestamp":2000,"body":"b"}\n';
      await shell.ok(["append", uri, "--format", "json"], { input });
      expect((await shell.ok(["check-tail", uri])).stdout).toBe("2 @ 2000\n");
    },
  },
};
