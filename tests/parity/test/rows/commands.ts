// Rows 8 and 9: fencing, trimming, and appends that must begin at a sequence number.

import { expect } from "vitest";
import type { Cell, Shell } from "../harness/cell.js";
import { appendedRange, lines } from "../harness/output.js";
import type { Row } from "../harness/row.js";

async function newStream(shell: Shell, basin: string): Promise<string> {
  await shell.ok(["create-basin", basin]);
  await shell.ok(["create-stream", `s2://${basin}/s`]);
  return `s2://${basin}/s`;
}

/** The confirmation of a command record at `seqNum`. */
function appended(cell: Cell, text: string, seqNum: number): RegExp {
  const at = cell.expected("position of a command record");
  return new RegExp(`^✓ \\[APPENDED\\] ${text}${at} // tail: ${seqNum + 1} @ \\d+\n$`);
}

export const commands: Row = {
  number: 8,
  title: "fence and trim, with the right token and with a wrong one",
  cases: {
    "a token fences appends": async (shell, cell) => {
      const code = cell.expected("exit code: condition failed");
      const uri = await newStream(shell, "row8-fence");
      const fence = await shell.ok(["fence", uri, "one"]);
      expect(fence.stdout).toBe("");
      expect(fence.stderr).toMatch(appended(cell, 'new fencing token "one"', 0));
      const right = await shell.ok(["append", uri, "-f", "one"], { input: "a\n" });
      expect(appendedRange(right.stderr)).toEqual([1, 2]);
      const wrong = /fencing token.*one/;
      await shell.fails(["append", uri, "-f", "two"], code, wrong, { input: "b\n" });
      // Without a token nothing is checked: fencing is cooperative.
      await shell.ok(["append", uri], { input: "c\n" });
      expect((await shell.ok(["check-tail", uri])).stdout).toMatch(/^3 @ /);
    },

    "a token is replaced and cleared by who knows it": async (shell, cell) => {
      const code = cell.expected("exit code: condition failed");
      const uri = await newStream(shell, "row8-tokens");
      await shell.ok(["fence", uri, "one"]);
      await shell.fails(["fence", uri, "two", "-f", "none"], code, /fencing token.*one/);
      await shell.ok(["fence", uri, "two", "--fencing-token", "one"]);
      const cleared = await shell.ok(["fence", uri, "", "-f", "two", "-m", "2"]);
      expect(cleared.stderr).toMatch(appended(cell, 'new fencing token ""', 2));
      await shell.ok(["append", uri, "-f", ""], { input: "a\n" });
      await shell.fails(["fence", uri, "three", "-m", "0"], code, /sequence number.*4/);
      await shell.fails(["fence", uri, "x".repeat(37)], 2, /fencing token .*36 bytes/);
    },

    "trimming removes what is before the point": async (shell, cell) => {
      const code = cell.expected("exit code: condition failed");
      const uri = await newStream(shell, "row8-trim");
      await shell.ok(["append", uri], { input: "a\nb\nc\n" });
      await shell.ok(["fence", uri, "one"]);
      await shell.fails(["trim", uri, "1", "-f", "two"], code, /fencing token.*one/);
      const trim = await shell.ok(["trim", uri, "2", "-f", "one"]);
      expect(trim.stdout).toBe("");
      expect(trim.stderr).toMatch(appended(cell, "trim to 2", 4));
      const read = ["read", uri, "-s", "0", "-n", "9"];
      const { stdout, stderr } = await shell.eventually(read, (end) => !end.stdout.includes("b"));
      expect(stdout).toBe("c\n");
      // Command records are no data: text tells them on stderr.
      expect(stderr).toMatch(/^new fencing token "one" \/\/ 3 @ \d+\ntrim to 2 \/\/ 4 @ \d+$/m);
      const json = await shell.ok([...read, "--format", "json-base64"]);
      expect(
        lines(json.stdout).map((line) => {
          const { seq_num, headers, body } = JSON.parse(line) as Record<string, unknown>;
          return [seq_num, headers, body];
        }),
      ).toEqual([
        [2, undefined, "Yw=="],
        [3, [["", "ZmVuY2U="]], "b25l"],
        [4, [["", "dHJpbQ=="]], "AAAAAAAAAAI="],
      ]);
      const all = await shell.ok(["trim", uri, "99", "-m", "5"]);
      expect(all.stderr).toMatch(appended(cell, "trim to 99", 5));
      await shell.eventually(read, (end) => end.code === 0 && end.stdout === "");
    },
  },
};

export const matching: Row = {
  number: 9,
  title: "an append that must begin at a sequence number",
  cases: {
    "succeeds once, then fails and changes nothing": async (shell, cell) => {
      const code = cell.expected("exit code: condition failed");
      const uri = await newStream(shell, "row9-match");
      const args = ["append", uri, "-m", "0"];
      const first = await shell.ok(args, { input: "a\nb\n" });
      expect(appendedRange(first.stderr)).toEqual([0, 2]);
      await shell.fails(args, code, /sequence number.*2/, { input: "a\nb\n" });
      expect((await shell.ok(["check-tail", uri])).stdout).toMatch(/^2 @ /);
    },

    "holds over all batches of one input": async (shell) => {
      const uri = await newStream(shell, "row9-many");
      const input = "x\n".repeat(5_000);
      const { stderr } = await shell.ok(["append", uri, "--match-seq-num", "0"], { input });
      expect(appendedRange(stderr)).toEqual([0, 5_000]);
    },
  },
};
