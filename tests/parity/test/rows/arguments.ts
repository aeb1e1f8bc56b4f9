// Row 15: the table of URIs, and what is said to wrong arguments.

import { expect } from "vitest";
import type { Row } from "../harness/row.js";

export const arguments_: Row = {
  number: 15,
  title: "URIs, unknown commands and options",
  cases: {
    "URIs that are wrong": async (shell) => {
      const cases: readonly (readonly [args: readonly string[], says: RegExp])[] = [
        [["check-tail", "row15-basin"], /S2 URI must begin with [`"]s2:\/\/[`"]/],
        [["check-tail", "http://row15-basin/x"], /http:\/\//],
        [["check-tail", "S2://row15-basin/x"], /S2:\/\//],
        [["check-tail", "s2://row15-basin"], /missing stream name/i],
        [["check-tail", "s2://row15-basin/"], /missing stream name/i],
        [["create-basin", "s2://row15-basin/x"], /only (a )?basin name/i],
        [["create-basin", "short"], /at least 8 bytes/],
        [["create-basin", `x${"y".repeat(48)}`], /48/],
        [["create-basin", "row15-UPPER"], /lowercase/],
        [["create-basin", "-row15-basin"], /./],
        [["create-basin", "row15-basin-"], /hyphen|begin|end/],
        [["create-stream", `s2://row15-basin/${"x".repeat(513)}`], /512/],
        [["create-basin", "row15-basin", "--location", "no blanks"], /location name/],
      ];
      for (const [args, says] of cases) await shell.fails(args, 2, says);
    },

    "names are taken as they are": async (shell, cell) => {
      await shell.ok(["create-basin", "s2://row15-names"]);
      const names = ["a/b/c", "/x", "x?q=1", "x%2F1", "日本 é", "#", "a//b/"];
      for (const name of names) {
        const uri = `s2://row15-names/${name}`;
        await shell.ok(["create-stream", uri]);
        expect((await shell.ok(["check-tail", uri])).stdout).toBe("0 @ 0\n");
        await shell.ok(["append", uri], { input: `${name}\n` });
        expect((await shell.ok(["tail", uri])).stdout).toBe(`${name}\n`);
      }
      const { stdout } = await shell.ok(["list-streams", "row15-names"]);
      const sorted = [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      expect(stdout).toBe(sorted.map((name) => `s2://row15-names/${name}\n`).join(""));
      const code = cell.expected("exit code: not found");
      await shell.fails(["check-tail", "s2://row15-names/x%2f1"], code, "`x%2f1`");
    },

    "commands and options that do not exist": async (shell) => {
      // A storage class is an open set: any name is taken.
      await shell.ok(["create-basin", "row15-slow", "--storage-class", "slow"]);
      await shell.fails(["frobnicate"], 2, "'frobnicate'");
      await shell.fails(["list-basin"], 2, /list-basins/);
      await shell.fails(["append"], 2, /required/);
      await shell.fails(["read", "s2://row15-basin/x", "--bogus"], 2, "'--bogus'");
      await shell.fails(["read", "s2://row15-basin/x", "--format", "xml"], 2, /xml/);
      await shell.fails(
        ["create-basin", "row15-basin", "--create-stream-on-append", "true"],
        2,
        /true|many/,
      );
      await shell.fails(
        ["reconfigure-basin", "row15-basin", "--create-stream-on-append"],
        2,
        /value|argument/,
      );
      await shell.fails(["get-basin-metrics", "row15-basin"], 2, /metric/);
      await shell.fails(["get-stream-metrics", "s2://row15-basin/x", "bogus"], 2, /bogus/);
    },

    "help and version on stdout": async (shell) => {
      for (const args of [[], ["--help"], ["-h"], ["read", "--help"]]) {
        const { stdout, stderr } = await shell.ok(args);
        expect([stdout.length > 100, stderr]).toEqual([true, ""]);
      }
      for (const flag of ["-V", "--version"])
        expect((await shell.ok([flag])).stdout).toMatch(/^s2(kit)? \d+\.\d+\.\d+.*\n$/);
    },
  },
};
