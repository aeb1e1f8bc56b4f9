// Row 6: what is appended comes back, in each format, from stdin and from files.

import { writeFile } from "node:fs/promises";
import { expect } from "vitest";
import type { Cell, Shell } from "../harness/cell.js";
import { appendedRange, lines, normal, readNotice } from "../harness/output.js";
import type { Row } from "../harness/row.js";

/** The longest body of a record: 1 MiB metered, 8 of them overhead. */
const LONGEST = 1_048_576 - 8;

async function newStream(shell: Shell, basin: string): Promise<string> {
  await shell.ok(["create-basin", basin, "--create-stream-on-append"]);
  return `s2://${basin}/s`;
}

async function refusesOrIgnoresUnknownKeys(shell: Shell, cell: Cell): Promise<void> {
  const uri = await newStream(shell, "row6-keys");
  const args = ["append", uri, "--format", "json"];
  const input = '{"seq_num":7,"body":"a"}\n{"event":"login"}\n';
  const read = ["read", uri, "-s", "0", "-n", "9", "--format", "json"];
  const first = '{"seq_num":0,"timestamp":<ms>,"body":"a"}\n';
  if (cell.expected("unknown keys of JSON records") === "ignored") {
    await shell.ok(args, { input });
    const { stdout } = await shell.ok(read);
    expect(normal(stdout)).toBe(`${first}{"seq_num":1,"timestamp":<ms>}\n`);
  } else {
    const { stdout, stderr, code } = await shell.run(args, { input });
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain('line 2: unknown key of a record key="event"');
    expect(normal((await shell.ok(read)).stdout)).toBe(first);
  }
}

export const records: Row = {
  number: 6,
  title: "append and read in text, json and json-base64",
  cases: {
    "text from stdin: CRLF, empty lines, no newline at the end": async (shell) => {
      const uri = await newStream(shell, "row6-text");
      const append = await shell.ok(["append", uri], { input: "one\r\n\nthrée 日本" });
      expect(append.stdout).toBe("");
      expect(appendedRange(append.stderr)).toEqual([0, 3]);
      const read = await shell.ok(["read", uri, "-s", "0", "-n", "10"]);
      expect(read.stdout).toBe("one\n\nthrée 日本\n");
      expect(readNotice(read.stderr)).toEqual({ bytes: 24 + 16, records: 3, first: 0, last: 2 });
      const one = await shell.ok(["read", uri, "-s", "0", "-n", "1"]);
      expect(one.stderr).toBe("⦿ 11 bytes (1 record in range 0..=0)\n");
    },

    "text from a file": async (shell) => {
      const uri = await newStream(shell, "row6-file");
      const text = Array.from({ length: 3_000 }, (_, i) => `line ${i}\n`).join("");
      await writeFile(shell.path("input.txt"), text);
      const append = await shell.ok(["append", uri, "-i", shell.path("input.txt")]);
      expect(appendedRange(append.stderr)).toEqual([0, 3_000]);
      const read = await shell.ok(["read", uri, "-s", "0", "-n", "3000"]);
      expect(read.stdout).toBe(text);
      expect(readNotice(read.stderr)).toMatchObject({ records: 3_000, first: 0, last: 2_999 });
    },

    "json keeps times and headers, under its old name too": async (shell) => {
      const uri = await newStream(shell, "row6-json");
      const given = [
        '{"timestamp":1000,"headers":[["k","v"],["k",""]],"body":"hé\\n"}',
        '{"timestamp":1001}',
        '{"body":"late"}',
      ];
      await shell.ok(["append", uri, "--format", "json"], { input: given.join("\n") });
      const read = ["read", uri, "-s", "0", "-n", "9", "--format"];
      const { stdout } = await shell.ok([...read, "json"]);
      expect(lines(normal(stdout))).toEqual([
        '{"seq_num":0,"timestamp":1000,"headers":[["k","v"],["k",""]],"body":"hé\\n"}',
        '{"seq_num":1,"timestamp":1001}',
        '{"seq_num":2,"timestamp":<ms>,"body":"late"}',
      ]);
      expect((await shell.ok([...read, "raw"])).stdout).toBe(stdout);
    },

    "a stream is copied by a pipe of json": async (shell) => {
      const uri = await newStream(shell, "row6-copy");
      const input = Array.from({ length: 50 }, (_, i) =>
        JSON.stringify({ timestamp: 1_000 + i, headers: [["n", String(i)]], body: "x".repeat(i) }),
      );
      await shell.ok(["append", uri, "--format", "json"], { input: input.join("\n") });
      const read = ["-s", "0", "-n", "99", "--format", "json"];
      const first = await shell.ok(["read", uri, ...read]);
      await shell.ok(["append", `${uri}2`, "--format", "json"], { input: first.stdout });
      expect((await shell.ok(["read", `${uri}2`, ...read])).stdout).toBe(first.stdout);
    },

    "json-base64 gives bytes back as they were, under all its names": async (shell) => {
      const uri = await newStream(shell, "row6-base64");
      const given = [
        '{"timestamp":5,"headers":[["/wA=","gA=="]],"body":"AP/+"}',
        '{"timestamp":6}',
      ];
      await shell.ok(["append", uri, "--format", "json-base64"], { input: given.join("\n") });
      await shell.ok(["append", uri, "--format", "base64"], { input: given.join("\n") });
      for (const format of ["json-base64", "base64", "json-binsafe"]) {
        const { stdout } = await shell.ok(["read", uri, "-s", "2", "-n", "9", "--format", format]);
        expect(lines(stdout)).toEqual([
          '{"seq_num":2,"timestamp":6,"headers":[["/wA=","gA=="]],"body":"AP/+"}',
          '{"seq_num":3,"timestamp":6}',
        ]);
      }
      const lossy = await shell.ok(["read", uri, "-s", "0", "-n", "1", "--format", "json"]);
      expect(JSON.parse(lossy.stdout)).toMatchObject({ headers: [["\ufffd\0", "\ufffd"]] });
    },

    "a line of exactly 1 MiB metered; one byte more fails": async (shell, cell) => {
      const uri = await newStream(shell, "row6-edge");
      await shell.ok(["append", uri], { input: `${"x".repeat(LONGEST)}\n` });
      const over = { input: `before\n${"y".repeat(LONGEST + 1)}\nafter\n` };
      const { code, stdout, stderr } = await shell.run(["append", uri], over);
      expect([code, stdout]).toEqual([1, ""]);
      expect(stderr).toMatch(/1048577|longer than 1048568 bytes/);
      const back = await shell.ok(["read", uri, "-s", "0", "-n", "9"]);
      const isKept = cell.expected("records before a line that fails") === "kept";
      expect(back.stdout.slice(LONGEST)).toMatch(isKept ? /^\nbefore\n$/ : /^\n(before\n)?$/);
    },

    "lines that are no records": async (shell) => {
      const uri = await newStream(shell, "row6-bad");
      await shell.ok(["append", uri], { input: "a\n" });
      for (const input of ["xx\n", "[]\n", '{"body":7}\n', '{"headers":[["a"]]}\n'])
        expect((await shell.run(["append", uri, "--format", "json"], { input })).code).toBe(1);
      const bad = { input: '{"body":"%%%"}\n' };
      expect((await shell.run(["append", uri, "--format", "base64"], bad)).code).toBe(1);
      const none = await shell.run(["append", uri, "-i", shell.path("none")]);
      expect([none.code, none.stdout]).toEqual([1, ""]);
      expect((await shell.ok(["check-tail", uri])).stdout).toMatch(/^1 @ /);
    },

    "keys that records do not have": refusesOrIgnoresUnknownKeys,

    "an encrypted stream needs its key to be read": async (shell) => {
      await shell.ok([
        "create-basin",
        "row6-sealed",
        "--create-stream-on-append",
        "--stream-cipher",
        "aes-256-gcm",
      ]);
      const key = Buffer.alloc(32, 7).toString("base64");
      const uri = "s2://row6-sealed/s";
      await writeFile(shell.path("key"), `${key}\n`);
      await shell.ok(["append", uri, "-k", key], { input: "secret\n" });
      const read = ["read", uri, "-s", "0", "-n", "1"];
      const file = ["--encryption-key-file", shell.path("key")];
      expect((await shell.ok([...read, ...file])).stdout).toBe("secret\n");
      const env = { S2_ENCRYPTION_KEY: key };
      expect((await shell.ok(read, { env })).stdout).toBe("secret\n");
      const bare = await shell.run(read);
      expect([bare.code, bare.stdout]).toEqual([1, ""]);
      const other = Buffer.alloc(32, 8).toString("base64");
      const wrong = await shell.run([...read, "-k", other]);
      expect([wrong.code, wrong.stdout]).toEqual([1, ""]);
    },

    "Ctrl-C ends an append after what was read is acknowledged": async (shell, cell) => {
      const uri = await newStream(shell, "row6-signal");
      const running = shell.start(["append", uri], { input: "a\nb\n", keepsInputOpen: true });
      await running.until(/\/\/ tail: 2 @/);
      const { code, stderr } = await shell.interrupt(running);
      expect(code).toBe(cell.expected("exit code: interrupted"));
      expect(appendedRange(stderr)).toEqual([0, 2]);
    },

    "a reader that stops listening": async (shell, cell) => {
      const uri = await newStream(shell, "row6-pipe");
      const input = `${"x".repeat(99)}\n`.repeat(20_000);
      await shell.ok(["append", uri], { input });
      const running = shell.start(["read", uri, "-s", "0", "-n", "20000"]);
      await running.until(/x\n/);
      running.child.stdout?.destroy();
      expect((await running.ended).code).toBe(cell.expected("exit code: closed pipe"));
    },
  },
};
