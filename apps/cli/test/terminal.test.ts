// Acceptance section C: what changes on a terminal, in a pseudo-terminal made by `script`, and that
// no escape code ever reaches a pipe. Where there is no `script`, the decisions alone are tested.

import { execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createStyle } from "../src/frame/style.js";
import { Cli, MAIN } from "./harness/cli.js";

let cli: Cli;

beforeAll(async () => {
  cli = await Cli.withServer({}, { processes: true });
  await cli.ok("create-basin", "tty-basin");
  await cli.ok("create-stream", "s2://tty-basin/x");
});

afterAll(async () => {
  await cli.close();
});

const hasScript = ((): boolean => {
  try {
    execFileSync("script", ["--version"], { stdio: "ignore" });
    return process.platform === "linux";
  } catch {
    return false;
  }
})();
if (!hasScript) console.log("no util-linux script(1): tests in a pseudo-terminal do not run");

const ESCAPE = new RegExp(`${String.fromCharCode(27)}\\[`);
/** Colours and weights, as distinct from what moves the cursor. */
const PAINT = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`);

interface TerminalOptions {
  readonly env?: Record<string, string>;
  readonly columns?: number;
  /** Typed once the terminal shows this text. */
  readonly type?: { readonly at: string; readonly keys: string };
}

/** Runs a shell line in a pseudo-terminal; answers all that the terminal showed. */
function inTerminal(
  line: string,
  { env = {}, columns = 100, type }: TerminalOptions = {},
): Promise<{ code: number | null; shown: string }> {
  const child = spawn("script", ["-qefc", `stty rows 24 cols ${columns}; ${line}`, "/dev/null"], {
    env: {
      ...cli.env,
      TERM: "xterm-256color",
      LANG: "C.UTF-8",
      S2KIT: `${process.execPath} ${MAIN}`,
      ...env,
    },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let shown = "";
  let hasTyped = false;
  child.stdout.on("data", (chunk: Buffer) => {
    shown += String(chunk);
    if (hasTyped || type === undefined || !shown.includes(type.at)) return;
    hasTyped = true;
    child.stdin.write(type.keys);
  });
  return new Promise((resolve) => {
    child.on("close", (code) => resolve({ code, shown }));
  });
}

describe("colours", () => {
  const decide = (isTerminal: boolean, env: Record<string, string>, color = "auto"): boolean =>
    createStyle(isTerminal, { env, color: color as "auto", ascii: false }).hasColor;

  it.each([
    [true, {}, "auto", true],
    [false, {}, "auto", false],
    [true, { NO_COLOR: "1" }, "auto", false],
    [true, { NO_COLOR: "" }, "auto", true],
    [false, { FORCE_COLOR: "1" }, "auto", true],
    [false, { FORCE_COLOR: "1", NO_COLOR: "1" }, "auto", false],
    [false, { CLICOLOR_FORCE: "1" }, "auto", true],
    [true, { CLICOLOR: "0" }, "auto", false],
    [true, { TERM: "dumb" }, "auto", false],
    [true, {}, "never", false],
    [false, { NO_COLOR: "1" }, "always", true],
  ])("C: terminal=%s env=%j --color %s gives %s", (isTerminal, env, color, expected) => {
    expect(decide(isTerminal, env, color)).toBe(expected);
  });
});

it("C: no escape code in a pipe, whatever the command", async () => {
  for (const args of [
    ["--help"],
    ["append", "--help"],
    ["ls"],
    ["read", "s2://tty-basin/none", "-s", "0"],
    ["frobnicate"],
    ["bench", "tty-basin", "-d", "200ms", "-w", "0s"],
  ]) {
    const { stdout, stderr } = await cli.run(args);
    expect(stdout + stderr).not.toMatch(ESCAPE);
  }
});

it("C: glyphs give way to ASCII on request", async () => {
  const result = await cli.okRun(["create-basin", "ascii-basin", "--ascii"]);
  expect(result.stderr).toBe("ok Basin created\n");
  const locale = await cli.okRun(["create-basin", "posix-basin"], { env: { LC_ALL: "C" } });
  expect(locale.stderr).toBe("ok Basin created\n");
});

describe.skipIf(!hasScript)("in a pseudo-terminal (needs script on Linux)", () => {
  it("C: decides about colours for each stream by itself", async () => {
    const both = await inTerminal("$S2KIT create-basin color-basin-1");
    expect(both.shown).toMatch(ESCAPE);
    const log = cli.path("stderr.log");
    await inTerminal(`$S2KIT create-basin color-basin-2 2>${log}`);
    expect(readFileSync(log, "utf8")).toBe("✓ Basin created\n");
    const data = cli.path("stdout.log");
    const toFile = await inTerminal(
      `$S2KIT help exit-codes >${data}; $S2KIT --help >>${data}; $S2KIT nope`,
    );
    expect(readFileSync(data, "utf8")).not.toMatch(ESCAPE);
    expect(toFile.shown).toMatch(ESCAPE);
    const none = await inTerminal("$S2KIT create-basin color-basin-3", { env: { NO_COLOR: "1" } });
    expect(none.shown).toBe("✓ Basin created\r\n");
  });

  it("C: shows one line that updates itself while a file is appended, and a summary", async () => {
    const { shown, code } = await inTerminal(
      `seq 1 30000 > ${cli.path("lines.txt")}; $S2KIT append s2://tty-basin/x -i ${cli.path("lines.txt")}`,
    );
    expect(code).toBe(0);
    expect(shown).toContain("[APPENDED] 0..30000");
    expect(shown.match(/\[APPENDED\]/g)).toHaveLength(1);
    expect(shown).toContain("records acknowledged");
    expect(shown).toMatch(/[█▁]{24}/);
  });

  it("C: shows a bar while a spec is applied, and says what became of each resource above it", async () => {
    const streams = Array.from({ length: 60 }, (_, i) => ({ name: `stream-${i}` }));
    writeFileSync(
      cli.path("spec.json"),
      JSON.stringify({ basins: [{ name: "bar-basin", streams }] }),
    );
    const apply = `$S2KIT apply -f ${cli.path("spec.json")}`;
    const { code, shown } = await inTerminal(apply);
    expect(code).toBe(0);
    expect(shown).toMatch(/[█▁]{24} \d+ of 61/);
    expect(shown.match(/ {2}stream bar-basin\/stream-\d+ /g)).toHaveLength(60);
    expect((await inTerminal(`${apply} --json`)).shown).not.toMatch(/[█▁]|Done/);
    expect((await inTerminal(`${apply} --ascii`)).shown).toMatch(/[#_]{24} \d+ of 61/);
    const piped = await cli.okRun(["apply", "-f", cli.path("spec.json")]);
    expect(piped.stderr.split("\n")).toHaveLength(63);
    expect(piped.stderr).not.toMatch(/[█▁]/);
    expect((await cli.okRun(["apply", "-f", cli.path("spec.json"), "--json"])).stderr).toBe("");
  });

  it("C: paints help as --color says, its topics too, and the figures of watch", async () => {
    for (const args of ["--help", "append --help", "help formats", "watch tty-basin -n 1"]) {
      expect((await inTerminal(`$S2KIT ${args}`)).shown).toMatch(ESCAPE);
      expect((await inTerminal(`$S2KIT ${args}`, { env: { NO_COLOR: "1" } })).shown).not.toMatch(
        PAINT,
      );
      expect((await inTerminal(`$S2KIT ${args} --color never`)).shown).not.toMatch(PAINT);
      const piped = await cli.okRun([...args.split(" "), "--color=always"]);
      expect(piped.stdout).toMatch(PAINT);
    }
  });

  it("C: fits narrow terminals, and nothing else", async () => {
    const name = "a-stream-with-a-name-that-is-longer-than-any-narrow-terminal-has-room-for";
    await cli.ok("create-stream", `s2://tty-basin/${name}`);
    for (const args of [
      "--help",
      "lite --help",
      "help formats",
      "help env",
      "watch tty-basin -n 1",
      "get-basin-config tty-basin",
    ]) {
      const { shown } = await inTerminal(`$S2KIT ${args}`, {
        columns: 50,
        env: { NO_COLOR: "1" },
      });
      // Examples stay in one piece, to be copied, and so does what has no blank.
      const [text = ""] = shown.split("Examples:");
      const tooLong = text
        .split(/\r?\n/)
        .filter((line) => /\S \S.* /.test(line) && line.length > 50);
      expect([args, tooLong]).toEqual([args, []]);
    }
    expect(await cli.ok("watch", "tty-basin", "-n", "1")).toContain(name);
  });

  it("C: keeps notices out of the records when both go to the terminal", async () => {
    const { shown } = await inTerminal("$S2KIT read s2://tty-basin/x -s 0 -n 3");
    expect(shown).toBe("1\r\n2\r\n3\r\n");
    const piped = await inTerminal("$S2KIT read s2://tty-basin/x -s 0 -n 3 | cat");
    expect(piped.shown).toContain("3 records in range 0..=2");
  });

  it("C: says after a while that a read waits at the tail, and how to read what is there", async () => {
    const { code, shown } = await inTerminal("$S2KIT read s2://tty-basin/x", {
      type: { at: "--from head", keys: "\u0003" },
    });
    expect([code, shown]).toEqual([130, expect.stringContaining("waiting at the tail")]);
  });

  it("C: asks for the name before a basin goes, and deletes nothing without it", async () => {
    const typing = (keys: string): TerminalOptions => ({ type: { at: "Type the name", keys } });
    await cli.ok("create-basin", "precious-basin");
    const declined = await inTerminal("$S2KIT delete-basin precious-basin", typing("wrong\r"));
    expect([declined.code, declined.shown]).toEqual([
      1,
      expect.stringContaining("nothing was deleted"),
    ]);
    expect(await cli.ok("list-basins", "-p", "precious")).toContain("precious-basin");
    const typed = await inTerminal(
      "$S2KIT delete-basin precious-basin",
      typing("precious-basin\r"),
    );
    expect([typed.code, typed.shown]).toEqual([
      0,
      expect.stringContaining("Basin deletion requested"),
    ]);
  });

  it("C: takes a token at a prompt without showing it", async () => {
    const { code, shown } = await inTerminal("$S2KIT auth access-token set --insecure-storage", {
      type: { at: "Enter your access token", keys: "hidden-secret\r" },
    });
    expect([code, shown]).toEqual([0, expect.stringContaining("Access token saved")]);
    expect(shown).not.toContain("hidden-secret");
    await cli.ok("auth", "access-token", "remove");
  });

  it("C: draws live figures of the benchmark and clears them", async () => {
    const { code, shown } = await inTerminal("$S2KIT bench tty-basin -d 1s -w 0s", { columns: 70 });
    expect(code).toBe(0);
    // Too narrow for two tables side by side.
    expect(shown).toMatch(/^Ack Latency Statistics \(n=\d+\)\r$/m);
    expect(shown.match(/Write: /g)?.length).toBeGreaterThan(2);
  });

  it("C: says how to end typed input, and ends at Ctrl-D", async () => {
    const { code, shown } = await inTerminal("$S2KIT append s2://tty-basin/x", {
      type: { at: "Ctrl-D ends", keys: "typed\n\u0004" },
    });
    expect([code, shown]).toEqual([0, expect.stringContaining("Ctrl-D ends")]);
    expect(await cli.ok("tail", "s2://tty-basin/x", "-n", "1")).toBe("typed\n");
  });

  it("C: says in one line that its terminal is gone, and ends with 1", async () => {
    const [gone, said, code] = [cli.path("gone"), cli.path("said.log"), cli.path("code.log")];
    // In a session of its own, which is not told that the terminal hangs up: only writing tells.
    const wait = `while [ ! -e ${gone} ]; do sleep 0.1; done`;
    const line = `$S2KIT check-tail s2://tty-basin/x 2>${said}; echo $? >${code}`;
    await inTerminal(`setsid sh -c '${wait}; ${line}' & sleep 0.5`);
    writeFileSync(gone, "");
    await expect.poll(() => (existsSync(code) ? readFileSync(code, "utf8") : "")).toBe("1\n");
    expect(readFileSync(said, "utf8")).toBe(
      "Error: cannot write the output: the device or the terminal is gone (EIO)\n",
    );
  });

  it("C: lite serves on when its terminal is gone, and drains when it is told to end", async () => {
    const [pid, code] = [cli.path("lite.pid"), cli.path("lite-code.log")];
    const lite = `$S2KIT lite --port 0 --local-root ${cli.path("lite")}`;
    const line = `${lite} & echo $! >${pid}; wait $!; echo $? >${code}`;
    const { shown } = await inTerminal(`setsid sh -c '${line}' & sleep 3`);
    const url = /http:\S+?:\d+/.exec(shown)?.[0] ?? "";
    // Each call is a line of the log, which nobody can read any more.
    for (let call = 0; call < 3; call++) expect((await fetch(`${url}/v1/basins`)).status).toBe(200);
    process.kill(Number(readFileSync(pid, "utf8")), "SIGTERM");
    await expect.poll(() => (existsSync(code) ? readFileSync(code, "utf8") : "")).toBe("0\n");
  });
});
