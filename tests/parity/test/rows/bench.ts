// Row 12: the benchmark runs, proves every record, and leaves nothing behind.

import { expect } from "vitest";
import { lines } from "../harness/output.js";
import type { Row } from "../harness/row.js";

const THROUGHPUT =
  /^(Write|Read|Catchup): ([\d.]+) MiB\/s, (\d+) records\/s \((\d+) bytes, (\d+) records in ([\d.]+)s\)$/;
const LATENCY = /^(min|p50|p90|p99|max)\s*:\s+(\S+)\s+\1\s*:\s+(\S+)\s*$/;

export const bench: Row = {
  number: 12,
  title: "bench verifies, can be parsed, and is interrupted cleanly",
  cases: {
    "one second at 1 MiB/s": async (shell) => {
      await shell.ok(["create-basin", "row12-basin"]);
      const args = ["bench", "row12-basin", "-t", "1", "-d", "1s", "-w", "0s", "-b", "4096"];
      const { stdout, stderr } = await shell.ok(args);
      expect(stdout).toBe("");
      const throughput = lines(stderr).flatMap((line) => {
        const match = THROUGHPUT.exec(line);
        return match === null ? [] : [match.slice(1)];
      });
      expect(throughput.map(([side]) => side)).toEqual(["Write", "Read", "Catchup"]);
      const [written = [], read, caughtUp] = throughput;
      // Paced: a second of 1 MiB/s holds 256 records of 4 KiB, and a stall is caught up.
      expect(Number(written[4])).toBeGreaterThan(0);
      expect(Number(written[4])).toBeLessThan(300);
      expect(Number(written[3])).toBe(Number(written[4]) * 4096);
      expect(read?.slice(3, 5)).toEqual(written.slice(3, 5));
      expect(caughtUp?.slice(3, 5)).toEqual(written.slice(3, 5));
      const latency = lines(stderr).flatMap((line) => LATENCY.exec(line)?.[1] ?? []);
      expect(latency).toEqual(["min", "p50", "p90", "p99", "max"]);
      await shell.eventually(["ls", "row12-basin"], (end) => end.stdout === "");
    },

    "Ctrl-C shows what there is and removes the stream": async (shell, cell) => {
      await shell.ok(["create-basin", "row12-signal"]);
      const running = shell.start(["bench", "row12-signal", "-d", "30s", "-w", "0s"]);
      await shell.eventually(["list-streams", "row12-signal"], (end) => end.stdout !== "");
      await running.until(/Running for/);
      await new Promise((resolve) => setTimeout(resolve, 300));
      const { code, stderr } = await shell.interrupt(running);
      expect(code, stderr).toBe(cell.expected("exit code: interrupted"));
      expect(stderr).toMatch(/Interrupted by Ctrl\+C/);
      await shell.eventually(["ls", "row12-signal"], (end) => end.stdout === "");
    },

    "a basin that is not there, a size that cannot be": async (shell, cell) => {
      const code = cell.expected("exit code: not found");
      await shell.fails(["bench", "row12-none", "-d", "1s"], code, "`row12-none` not found");
      await shell.fails(["bench", "row12-none", "-b", "100"], 2, /128/);
      await shell.fails(["bench", "row12-none", "-t", "0"], 2, /0/);
    },
  },
};
