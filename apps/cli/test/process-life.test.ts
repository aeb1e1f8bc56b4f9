// The processes that serve: how they start, what ends them, and what must not. Real processes, signals,
// full and vanished outputs, disks that are too small.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Cli, MAIN } from "./harness/cli.js";

const isLinux = process.platform === "linux";
const canMount =
  isLinux &&
  spawnSync("unshare", ["--mount", "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", "/mnt"])
    .status === 0;
if (!canMount) console.warn("skipped: a test that needs a small disk of its own (root on Linux)");

let cli: Cli;
let children: ChildProcess[];

beforeEach(() => {
  cli = Cli.withoutServer();
  children = [];
});

afterEach(async () => {
  for (const child of children) if (child.exitCode === null) child.kill("SIGKILL");
  await cli.close();
});

const locksIn = (directory: string): string[] =>
  existsSync(directory) ? readdirSync(directory).filter((name) => name.startsWith("LOCK")) : [];

/** A lock that only time can judge: its holder is on another machine. */
function lockFromElsewhere(directory: string): void {
  mkdirSync(directory, { recursive: true });
  const lock = { pid: 1, host: "other", machine: "other", token: "1-a", sign: "LOCK.1-a.sock" };
  writeFileSync(join(directory, "LOCK"), JSON.stringify({ ...lock, beat: "000000000001" }));
}

describe("a start that fails", () => {
  it("leaves the directory when the port is taken", async () => {
    const blocker = createTcpServer().listen(0, "127.0.0.1");
    await once(blocker, "listening");
    const { port } = blocker.address() as { port: number };
    const directory = cli.path("data");
    const result = await cli.run(["lite", "--port", String(port), "--local-root", directory]);
    expect([result.code, result.stderr]).toEqual([1, expect.stringContaining("--port 0")]);
    expect(locksIn(directory)).toEqual([]);
    blocker.close();
  });

  it.skipIf(!isLinux)("says so where no directory can be made (needs Linux)", async () => {
    const result = await cli.run(["lite", "--port", "0", "--local-root", "/proc/nope"]);
    expect([result.code, result.stderr]).toEqual([
      1,
      expect.stringMatching(/cannot be opened path=\/proc\/nope/),
    ]);
  });

  it.skipIf(!isLinux)("says how much room the log needs (needs Linux)", async () => {
    const directory = cli.path("data");
    const args = [MAIN, "lite", "--port", "0", "--local-root", directory];
    const { status, stderr } = spawnSync(
      "bash",
      ["-c", 'ulimit -f 16384 && exec "$@"', "bash", process.execPath, ...args],
      { env: cli.env, encoding: "utf8" },
    );
    expect([status, stderr]).toEqual([1, expect.stringContaining("segment of 67108864 bytes")]);
    expect(locksIn(directory)).toEqual([]);
  });

  it.skipIf(!canMount)(
    "says how much room the log needs, on a small disk (needs root on Linux)",
    async () => {
      const disk = mkdtempSync(join(tmpdir(), "s2kit-small-"));
      expect(spawnSync("mount", ["-t", "tmpfs", "-o", "size=24m", "tmpfs", disk]).status).toBe(0);
      try {
        const result = await cli.run(["lite", "--port", "0", "--local-root", join(disk, "data")]);
        expect([result.code, result.stderr]).toEqual([
          1,
          expect.stringMatching(/segment of 67108864 bytes.*ENOSPC[^]*the disk is full/),
        ]);
        expect(locksIn(join(disk, "data"))).toEqual([]);
      } finally {
        spawnSync("umount", [disk]);
        rmSync(disk, { recursive: true, force: true });
      }
    },
  );

  it("never ends with success while something is unsettled", async () => {
    const preload = cli.path("preload.mjs");
    // A call that is never answered, and keeps nothing alive: what a forgotten timer looks like.
    writeFileSync(
      preload,
      'import fs from "node:fs"; fs.promises.readdir = () => new Promise(() => {});',
    );
    const result = await cli.run(["lite", "--port", "0", "--local-root", cli.path("data")], {
      env: { NODE_OPTIONS: `--import=${preload}` },
    });
    expect([result.code, result.stderr]).toEqual([
      1,
      expect.stringContaining("before it was done"),
    ]);
  });
});

describe("a signal before it listens", () => {
  it.each(["SIGTERM", "SIGINT"] as const)("ends lite: %s", async (signal) => {
    const directory = cli.path("data");
    lockFromElsewhere(directory);
    let isToldToEnd = false;
    const result = await cli.run(["lite", "--port", "0", "--local-root", directory], {
      onOutput({ stderr }, child) {
        if (isToldToEnd || !stderr.includes("watching whether")) return;
        isToldToEnd = child.kill(signal);
      },
    });
    expect([result.code, result.stdout]).toEqual([130, ""]);
    // What it watched is not its own.
    expect(locksIn(directory)).toEqual(["LOCK"]);
  });

  it("takes over at once when it is told to", async () => {
    const directory = cli.path("data");
    lockFromElsewhere(directory);
    const args = ["lite", "--port", "0", "--local-root", directory, "--take-over", "--json"];
    let isToldToEnd = false;
    const result = await cli.run(args, {
      onOutput({ stdout }, child) {
        if (isToldToEnd || !stdout.includes("\n")) return;
        isToldToEnd = child.kill("SIGTERM");
      },
    });
    expect([result.code, result.stderr.includes("watching")]).toEqual([0, false]);
    expect(locksIn(directory)).toEqual([]);
  });
});

/** A server with its log at a place that the test owns; resolves when it serves. */
async function serve(
  command: string,
  args: readonly string[],
  stderr: "pipe" | number,
): Promise<{ child: ChildProcess; url: string; gone: Promise<number | null> }> {
  const child = spawn(process.execPath, [MAIN, command, "--port", "0", "--json", ...args], {
    env: cli.env,
    stdio: ["ignore", "pipe", stderr],
  });
  children.push(child);
  const gone = once(child, "exit").then(([code]) => code as number | null);
  let text = "";
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    text += String(chunk);
    if (text.includes("\n")) break;
  }
  return { child, url: (JSON.parse(text) as { url: string }).url, gone };
}

async function request(url: string, times: number, path = "/v1/basins"): Promise<void> {
  for (let turn = 0; turn < times; turn++) await (await fetch(url + path)).text();
}

/** Requests whose log lines are a little over 1 kB each, some at a time. */
async function fillLog(url: string, lines: number): Promise<void> {
  const path = `/v1/${"x".repeat(1020)}`;
  const turns = Array.from({ length: 20 }, () => request(url, lines / 20, path));
  await Promise.all(turns);
}

async function droppedLines(url: string): Promise<number> {
  const page = await (await fetch(`${url}/metrics`)).text();
  return Number(/^s2kit_log_dropped_lines_total (\d+)$/m.exec(page)?.[1]);
}

describe("the log never stops the server", () => {
  const LITE = ["--in-memory", "--log-format", "json"];

  it.skipIf(!isLinux)("on a full disk: lines are dropped and counted (needs Linux)", async () => {
    const full = openSync("/dev/full", "w");
    const { child, url, gone } = await serve("lite", LITE, full);
    closeSync(full);
    await request(url, 150);
    expect(await droppedLines(url)).toBeGreaterThanOrEqual(150);
    child.kill("SIGTERM");
    expect(await gone).toBe(0);
  });

  it("when whoever reads it leaves: it drains at the end like any other", async () => {
    const { child, url, gone } = await serve("lite", LITE, "pipe");
    child.stderr?.destroy();
    child.stdout?.destroy();
    await request(url, 20);
    expect(await droppedLines(url)).toBeGreaterThan(0);
    expect(child.exitCode).toBe(null);
    child.kill("SIGTERM");
    expect(await gone).toBe(0);
  });

  it.skipIf(!isLinux)(
    "when whoever reads it stops reading: bounded, and said later (needs Linux)",
    async () => {
      const { child, url, gone } = await serve("lite", LITE, "pipe");
      await fillLog(url, 2000);
      const dropped = await droppedLines(url);
      expect(dropped).toBeGreaterThan(50);
      let log = "";
      child.stderr?.on("data", (chunk) => {
        log += String(chunk);
      });
      await expect
        .poll(async () => (await request(url, 1), log), { timeout: 10_000 })
        .toMatch(/"lines":\d+,"message":"log lines were dropped"/);
      const [, said] = /"lines":(\d+),"message":"log lines were dropped"/.exec(log) ?? [];
      expect(Number(said)).toBeGreaterThanOrEqual(dropped);
      child.kill("SIGTERM");
      expect(await gone).toBe(0);
    },
  );

  it.skipIf(!isLinux)("at the end, with nobody there to read it (needs Linux)", async () => {
    const { child, url, gone } = await serve("lite", LITE, "pipe");
    await fillLog(url, 600);
    child.kill("SIGTERM");
    expect(await gone).toBe(0);
  });

  it("of dev and demo neither", async () => {
    for (const [command, args] of [
      ["dev", []],
      ["demo", []],
    ] as const) {
      const { child, gone, url } = await serve(command, args, "pipe");
      child.stdout?.destroy();
      child.stderr?.destroy();
      if (command === "dev") await request(url, 5);
      child.kill("SIGTERM");
      expect([command, await gone]).toEqual([command, 0]);
    }
  });
});
