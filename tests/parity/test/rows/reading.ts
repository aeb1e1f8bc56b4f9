// Row 7: where a read starts and where it ends; tail and following.

import { readFile, writeFile } from "node:fs/promises";
import { expect } from "vitest";
import type { Shell } from "../harness/cell.js";
import { lines } from "../harness/output.js";
import type { Row } from "../harness/row.js";

const TIMES = [1_000, 2_000, 2_000, 3_000, 4_000];

/** Bodies `1` to `5`; each record meters 9 bytes. */
async function fiveRecords(shell: Shell, basin: string): Promise<string> {
  const uri = `s2://${basin}/five`;
  await shell.ok(["create-basin", basin]);
  await shell.ok(["create-stream", uri]);
  const input = TIMES.map((timestamp, i) => `{"timestamp":${timestamp},"body":"${i + 1}"}`);
  await shell.ok(["append", uri, "--format", "json"], { input: input.join("\n") });
  return uri;
}

export const reading: Row = {
  number: 7,
  title: "starts, bounds and tails of reads",
  cases: {
    "tail shows the last records": async (shell) => {
      const uri = await fiveRecords(shell, "row7-tail");
      const three = await shell.ok(["tail", uri, "-n", "3"]);
      expect([three.stdout, three.stderr]).toEqual(["3\n4\n5\n", ""]);
      expect((await shell.ok(["tail", uri])).stdout).toBe("1\n2\n3\n4\n5\n");
      const json = await shell.ok(["tail", uri, "--lines", "1", "--format", "json"]);
      expect(json.stdout).toBe('{"seq_num":4,"timestamp":4000,"body":"5"}\n');
    },

    "each start and each bound": async (shell) => {
      const uri = await fiveRecords(shell, "row7-starts");
      const cases: readonly (readonly [args: string, bodies: string])[] = [
        ["-s 3 -n 9", "45"],
        ["--tail-offset 3 -n 9", "345"],
        ["--tail-offset 99 -n 2", "12"],
        ["--timestamp 0 -n 9", "12345"],
        ["--timestamp 1500 -n 9", "2345"],
        ["--timestamp 2000 -n 9", "2345"],
        ["--timestamp 4000 -n 9", "5"],
        ["-s 0 --until 3000", "123"],
        ["-s 0 --until 3000 -n 2", "12"],
        ["--timestamp 1500 --until 2001", "23"],
        ["-s 0 --bytes 20", "12"],
        ["-s 0 -b 27", "123"],
        ["-s 0 -b 50", "12345"],
        ["-s 0 -b 8", ""],
        ["-s 0 -n 0", ""],
      ];
      const read = async ([args]: readonly [string, string]): Promise<string> =>
        lines((await shell.ok(["read", uri, ...args.split(" ")])).stdout).join("");
      const got: (readonly [string, string])[] = [];
      for (const each of cases) got.push([each[0], await read(each)]);
      expect(got).toEqual(cases);
      await shell.fails(["read", uri, "-s", "0", "--tail-offset", "2"], 2, "cannot be used with");
      await shell.fails(["read", uri, "--ago", "1h", "--timestamp", "2"], 2, "cannot be used with");
    },

    "ago counts from now": async (shell) => {
      const uri = await fiveRecords(shell, "row7-ago");
      await shell.ok(["append", uri], { input: "fresh\n" });
      const recent = await shell.ok(["read", uri, "--ago", "1h", "-n", "9"]);
      expect(recent.stdout).toBe("fresh\n");
      const all = await shell.ok(["read", uri, "--ago", "60y 1M", "-n", "9"]);
      expect(lines(all.stdout)).toHaveLength(6);
    },

    "an unwritten position is an error that names the tail": async (shell, cell) => {
      const code = cell.expected("exit code: beyond the tail");
      const uri = await fiveRecords(shell, "row7-beyond");
      const says = /unwritten position.*current tail: (seq_num=)?5( @ |, timestamp=)4000/;
      for (const start of [
        ["-s", "5", "-n", "1"],
        ["-s", "99"],
        ["--timestamp", "4001"],
        ["--tail-offset", "0", "-n", "1"],
      ])
        await shell.fails(["read", uri, ...start], code, says);
      await shell.ok(["create-stream", "s2://row7-beyond/empty"]);
      const args = ["read", "s2://row7-beyond/empty", "-n", "1"];
      await shell.fails([...args, "-s", "0"], code, "unwritten position");
      await shell.fails([...args, "--timestamp", "0"], code, "unwritten position");
    },

    "a clamped bounded start at the tail, and the tail of nothing": async (shell, cell) => {
      const uri = await fiveRecords(shell, "row7-clamp");
      await shell.ok(["create-stream", "s2://row7-clamp/empty"]);
      const code = cell.expected("clamped start at the tail");
      for (const args of [
        ["read", uri, "-s", "99", "--clamp", "-n", "1"],
        ["read", "s2://row7-clamp/empty", "-s", "0", "--clamp", "-n", "1"],
        ["tail", "s2://row7-clamp/empty"],
      ]) {
        const end = await shell.run(args);
        expect([args, end.code, end.stdout]).toEqual([args, code, ""]);
        if (code === 1) expect(end.stderr).toContain("unwritten position");
      }
    },

    "a file is written anew by each run": async (shell) => {
      const uri = await fiveRecords(shell, "row7-file");
      await writeFile(shell.path("out"), "what was there before, longer than the records\n");
      for (let run = 0; run < 2; run++) {
        const { stdout } = await shell.ok([
          "read",
          uri,
          "-s",
          "0",
          "-n",
          "9",
          "-o",
          shell.path("out"),
        ]);
        expect(stdout).toBe("");
        expect(await readFile(shell.path("out"), "utf8")).toBe("1\n2\n3\n4\n5\n");
      }
      await shell.ok(["tail", uri, "-n", "2", "--output", shell.path("out")]);
      expect(await readFile(shell.path("out"), "utf8")).toBe("4\n5\n");
    },

    "tail -f and read follow what comes, until Ctrl-C": async (shell, cell) => {
      const uri = await fiveRecords(shell, "row7-follow");
      const followers = [
        shell.start(["tail", uri, "-n", "1", "-f"]),
        shell.start(["read", uri, "-s", "4"]),
        shell.start(["read", uri, "-s", "99", "--clamp"]),
      ] as const;
      await Promise.all(followers.slice(0, 2).map((follower) => follower.until(/^5$/m)));
      // The clamped one shows nothing until something comes, so it may have to see a few.
      const texts: string[] = [];
      for (let i = 0; i < 60 && !texts.includes("done"); i++) {
        await shell.ok(["append", uri], { input: `new ${i}\n` });
        texts.push(
          await Promise.race([
            followers[2].until(/^new \d+$/m).then(() => "done"),
            new Promise<string>((resolve) => setTimeout(() => resolve("again"), 100)),
          ]),
        );
      }
      await Promise.all(followers.map((follower) => follower.until(/^new \d+$/m)));
      for (const [index, follower] of followers.entries()) {
        const { code, stdout } = await shell.interrupt(follower);
        expect(code).toBe(cell.expected("exit code: interrupted"));
        expect(stdout).toMatch(index === 2 ? /^new \d+\n/ : /^5\nnew 0\n/);
      }
    },

    "without a start a read begins at the tail": async (shell) => {
      const uri = await fiveRecords(shell, "row7-default");
      const running = shell.start(["read", uri]);
      let seen = false;
      const end = running.until(/^new$/m).then(() => {
        seen = true;
      });
      for (let i = 0; i < 60 && !seen; i++) {
        await shell.ok(["append", uri], { input: "new\n" });
        await Promise.race([end, new Promise((resolve) => setTimeout(resolve, 100))]);
      }
      expect(lines((await shell.interrupt(running)).stdout).every((line) => line === "new")).toBe(
        true,
      );
      expect(seen).toBe(true);
    },
  },
};
