// Row 2: basins and their configuration.

import { expect } from "vitest";
import { configOf } from "../harness/output.js";
import type { Row } from "../harness/row.js";

export const basins: Row = {
  number: 2,
  title: "create, get, reconfigure and delete a basin",
  cases: {
    "without flags nothing is set": async (shell, cell) => {
      await shell.ok(["create-basin", "row2-plain"]);
      const { stdout } = await shell.ok(["get-basin-config", "row2-plain"]);
      expect(configOf(cell, stdout)).toEqual({
        create_stream_on_append: "false",
        create_stream_on_read: "false",
      });
    },

    "every flag is kept, each is changed alone, the others stay": async (shell, cell) => {
      const basin = "row2-full";
      await shell.ok([
        "create-basin",
        basin,
        "--create-stream-on-append",
        "--retention-policy",
        "2d",
        "--storage-class",
        "standard",
        "--timestamping-mode",
        "client-require",
        "--timestamping-uncapped",
        "true",
        "--delete-on-empty-min-age",
        "60s",
        "--stream-cipher",
        "aes-256-gcm",
      ]);
      const expected: Record<string, string> = {
        create_stream_on_append: "true",
        create_stream_on_read: "false",
        storage_class: "standard",
        retention_policy: "2days",
        "timestamping.mode": "client-require",
        "timestamping.uncapped": "true",
        "delete_on_empty.min_age": "1m",
        stream_cipher: "aes-256-gcm",
      };
      const got = await shell.ok(["get-basin-config", `s2://${basin}`]);
      expect(configOf(cell, got.stdout)).toEqual(expected);
      const changes: readonly (readonly [
        flag: string,
        value: string,
        key: string,
        shown: string,
      ])[] = [
        ["--retention-policy", "infinite", "retention_policy", "infinite"],
        ["--retention-policy", "1w", "retention_policy", "7days"],
        ["--storage-class", "express", "storage_class", "express"],
        ["--timestamping-mode", "arrival", "timestamping.mode", "arrival"],
        ["--timestamping-uncapped", "false", "timestamping.uncapped", "false"],
        ["--delete-on-empty-min-age", "1h", "delete_on_empty.min_age", "1h"],
        ["--create-stream-on-append", "false", "create_stream_on_append", "false"],
        ["--create-stream-on-read", "true", "create_stream_on_read", "true"],
      ];
      for (const [flag, value, key, shown] of changes) {
        const changed = await shell.ok(["reconfigure-basin", basin, flag, value]);
        expect(changed.stderr).toContain("✓ Basin reconfigured\n");
        expected[key] = shown;
        expect(configOf(cell, changed.stdout), flag).toEqual(expected);
      }
      const end = await shell.ok(["get-basin-config", basin]);
      expect(configOf(cell, end.stdout)).toEqual(expected);
    },

    "streams appear with the first append, or the first read, where the basin says so": async (
      shell,
    ) => {
      await shell.ok(["create-basin", "row2-auto", "--create-stream-on-append"]);
      await shell.ok(["append", "s2://row2-auto/made"], { input: "a\n" });
      await shell.ok(["create-basin", "row2-reads", "--create-stream-on-read"]);
      await shell.ok(["check-tail", "s2://row2-auto/made"]);
      const reader = shell.start(["read", "s2://row2-reads/made"]);
      const seen = await shell.eventually(["list-streams", "row2-reads"], (e) => e.stdout !== "");
      expect(seen.stdout).toBe("s2://row2-reads/made\n");
      await shell.interrupt(reader);
    },

    "a deletion is requested, and comes about with all streams": async (shell, cell) => {
      await shell.ok(["create-basin", "row2-gone", "--create-stream-on-append"]);
      await shell.ok(["append", "s2://row2-gone/a"], { input: "a\n" });
      const { stdout, stderr } = await shell.ok(["delete-basin", "row2-gone"]);
      expect([stdout, stderr]).toEqual(["", "✓ Basin deletion requested\n"]);
      const list = ["ls", "-p", "row2-gone"];
      if (cell.expected("purge of a deleted basin with records") === "soon")
        await shell.eventually(list, (end) => end.stdout === "");
      else expect((await shell.ok(list)).stdout).toMatch(/^(row2-gone \[deleting\]\n)?$/);
    },
  },
};
