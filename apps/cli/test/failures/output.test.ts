// What a command says and how it ends when its output cannot be written: a full disk, a terminal
// that is gone, a reader that has enough. With the built command, on real files and pipes.

import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { judgeOutputFailure } from "../../src/frame/output-failure.js";
import { Cli, MAIN } from "../harness/cli.js";

const URI = "s2://full-basin/x";
const FULL = "/dev/full";
const hasFull = existsSync(FULL);
const onFullDisk = it.runIf(hasFull);

let cli: Cli;

beforeAll(async () => {
  cli = await Cli.withServer();
  await cli.ok("create-basin", "full-basin");
  await cli.ok("create-stream", URI);
  await cli.okRun(["append", URI], { input: "a\nb\n" });
});

afterAll(async () => {
  await cli.close();
});

interface Ended {
  readonly code: number | null;
  readonly said: string;
}

/** Runs with one of its outputs on a full disk; answers what it said on the other one. */
function runOnFullDisk(args: readonly string[], full: 1 | 2, input = ""): Promise<Ended> {
  const descriptor = openSync(FULL, "w");
  const outputs = full === 1 ? [descriptor, "pipe" as const] : ["pipe" as const, descriptor];
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: cli.env,
    stdio: ["pipe", ...outputs],
  });
  closeSync(descriptor);
  let said = "";
  (child.stdout ?? child.stderr)?.on("data", (chunk: Buffer) => {
    said += String(chunk);
  });
  child.stdin?.on("error", () => {});
  child.stdin?.end(input);
  return new Promise((resolve) => {
    child.on("close", (code) => resolve({ code, said }));
  });
}

const NO_SPACE = "Error: cannot write the output: no space is left on the device (ENOSPC)\n";

onFullDisk(
  "says in one line that the disk is full and ends with 1, whatever was asked for (needs /dev/full)",
  async () => {
    const all = [
      ["--help"],
      ["--version"],
      ["append", "--help"],
      ["help", "formats"],
      ["completion", "bash"],
      ["apply", "--schema"],
      ["ls"],
      ["check-tail", URI],
      ["get-stream-config", URI],
      ["export-spec"],
      ["watch", "full-basin", "-n", "1"],
      ["read", URI, "-s", "0"],
      ["tail", "-f", URI],
    ];
    for (const args of all)
      expect([args.join(" "), await runOnFullDisk(args, 1)]).toEqual([
        args.join(" "),
        { code: 1, said: NO_SPACE },
      ]);
    const { code, said } = await runOnFullDisk(["ls", "--json"], 1);
    expect([code, JSON.parse(said)]).toEqual([
      1,
      { error: { code: "CLI", message: expect.stringContaining("ENOSPC") as string } },
    ]);
  },
);

onFullDisk(
  "appends what it was given although it cannot say so, and ends with 1 (needs /dev/full)",
  async () => {
    const before = await cli.ok("check-tail", URI);
    const json = await runOnFullDisk(["append", URI, "--json"], 1, "c\n");
    expect([json.code, json.said]).toEqual([1, expect.stringContaining("ENOSPC")]);
    expect((await runOnFullDisk(["append", URI], 2, "d\n")).code).toBe(1);
    const [seqNum] = (await cli.ok("check-tail", URI)).split(" ");
    expect(Number(seqNum)).toBe(Number(before.split(" ")[0]) + 2);
  },
);

onFullDisk("keeps the exit code of a failure that it cannot tell (needs /dev/full)", async () => {
  expect(await runOnFullDisk(["check-tail", "s2://full-basin/none"], 2)).toEqual({
    code: 4,
    said: "",
  });
});

onFullDisk("says which file could not be written (needs /dev/full)", async () => {
  const { code, stderr } = await cli.run(["read", URI, "-s", "0", "-n", "1", "-o", FULL]);
  expect([code, stderr]).toEqual([
    1,
    expect.stringContaining(`cannot write the output path=${FULL}`),
  ]);
  expect(stderr).toContain("no space is left on the device (ENOSPC)");
});

onFullDisk(
  "writes a read into a device, which has no disk to wait for (needs /dev/full)",
  async () => {
    const result = await cli.run(["read", URI, "-s", "0", "-n", "1", "-o", "/dev/null"]);
    expect([result.code, result.stderr]).toEqual([0, expect.stringContaining("1 record")]);
  },
);

it.runIf(process.platform === "linux")(
  "ends at once when its reader is gone, also while nothing comes (needs Linux)",
  async () => {
    // A shell's pipe, whose reader ends after the two lines that there are.
    const follow = async (command: string): Promise<string> => {
      const line = `{ "$NODE" "$MAIN" ${command}; echo "ended $?" >&2; } | head -n 2`;
      const child = spawn("sh", ["-c", line], {
        env: { ...cli.env, NODE: process.execPath, MAIN },
        stdio: ["ignore", "pipe", "pipe"],
      });
      let said = "";
      child.stdout.resume();
      child.stderr.on("data", (chunk: Buffer) => {
        said += String(chunk);
      });
      const late = setTimeout(() => child.kill("SIGKILL"), 20_000);
      await new Promise((resolve) => child.on("exit", resolve));
      clearTimeout(late);
      return said;
    };
    const quiet = "s2://full-basin/quiet";
    await cli.ok("create-stream", quiet);
    await cli.okRun(["append", quiet], { input: "a\nb\n" });
    expect(await follow(`read ${quiet} -s 0 -q`)).toBe("ended 0\n");
    expect(await follow(`tail -f ${quiet}`)).toBe("ended 0\n");
    expect(await follow("watch full-basin --interval 1h")).toBe("ended 0\n");
  },
);

it("ends with 1 when its terminal is gone, and quietly when its reader has enough", () => {
  const failure = (code: string): NodeJS.ErrnoException =>
    Object.assign(new Error(`write ${code}`), { code, syscall: "write" });
  expect(judgeOutputFailure(failure("EIO"), undefined)).toEqual({
    kind: "failed",
    goesOn: false,
    line: "Error: cannot write the output: the device or the terminal is gone (EIO)",
  });
  expect(judgeOutputFailure(failure("EPIPE"), undefined)).toEqual({ kind: "ended" });
});
