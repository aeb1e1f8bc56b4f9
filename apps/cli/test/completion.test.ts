// Completion in the shells themselves: each script is loaded by its shell, and lines are completed
// against a server. A shell that is not installed is named, and its tests do not run.

import { execFile, execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Cli, linesOf, MAIN } from "./harness/cli.js";

const run = promisify(execFile);

let cli: Cli;

beforeAll(async () => {
  cli = await Cli.withServer();
  await cli.ok("create-basin", "alpha-basin");
  for (const name of ["logs/a", "logs/b", "with space"])
    await cli.ok("create-stream", `s2://alpha-basin/${name}`);
  mkdirSync(cli.path("bin"));
  writeFileSync(cli.path("bin/s2kit"), `#!/bin/sh\nexec "${process.execPath}" "${MAIN}" "$@"\n`);
  chmodSync(cli.path("bin/s2kit"), 0o755);
  for (const shell of ["bash", "zsh", "fish"])
    writeFileSync(cli.path(`s2kit.${shell}`), await cli.ok("completion", shell));
  writeFileSync(cli.path("input-file.txt"), "");
  await cli.ok("context", "add", "near-by", "--endpoint", "http://localhost:8080");
  await cli.ok("context", "add", "cloud", "--cloud");
});

afterAll(async () => {
  await cli.close();
});

function hasShell(name: string): boolean {
  try {
    execFileSync(name, ["--version"], { stdio: "ignore" });
    return process.platform !== "win32";
  } catch {
    console.log(`no ${name}: its completion is not run`);
    return false;
  }
}

/** Output of a script in one of the shells, with `s2kit` on its path. */
async function inShell(shell: string, args: readonly string[]): Promise<string> {
  const env = { ...cli.env, PATH: `${cli.path("bin")}:${cli.env.PATH}`, LC_ALL: "C.UTF-8" };
  return (await run(shell, args, { env, cwd: cli.home, timeout: 50_000 })).stdout;
}

it("answers candidates, and nothing when there is nobody to ask", async () => {
  expect(linesOf(await cli.ok("complete", "--", "chec"))).toEqual(["check-tail"]);
  const away = await cli.okRun(["complete", "--", "read", "s2://my-basin/"], {
    env: { S2_ENDPOINT: "http://127.0.0.1:1" },
  });
  expect([away.stdout, away.stderr]).toEqual(["", ""]);
});

it.skipIf(!hasShell("bash"))(
  "completes in bash, where colons split words (needs bash)",
  async () => {
    const shown = await inShell("bash", [
      "-c",
      `source "${cli.path("s2kit.bash")}"
    complete_line() {
      COMP_LINE="$1"; COMP_POINT=\${#1}; COMP_WORDBREAKS=$' \\t\\n><=;|&(:'
      _s2kit
      echo "\${COMPREPLY[*]}"
    }
    complete_line "s2kit che"
    complete_line "s2kit config "
    complete_line "s2kit create-stream --storage-class "
    complete_line "s2kit --context "
    complete_line "s2kit context use n"
    complete_line "s2kit read s2:"
    complete_line "s2kit read s2://alpha-basin/l"`,
    ]);
    expect(linesOf(shown)).toEqual([
      "check-tail",
      "list get set unset",
      "standard express",
      "cloud near-by",
      "near-by",
      // What stands before the colon is on the line already.
      "//alpha-basin/",
      "//alpha-basin/logs/a //alpha-basin/logs/b",
    ]);
  },
);

describe.skipIf(!hasShell("fish"))("in fish (needs fish)", () => {
  it("completes commands, values, names and files", async () => {
    const ask = async (line: string): Promise<string[]> =>
      linesOf(
        await inShell("fish", [
          "--no-config",
          "-c",
          `source "${cli.path("s2kit.fish")}"; complete -C '${line}'`,
        ]),
      );
    expect(await ask("s2kit che")).toEqual(["check-tail"]);
    expect(await ask("s2kit config ")).toEqual(["get", "list", "set", "unset"]);
    expect(await ask("s2kit create-stream --storage-class ")).toEqual(["express", "standard"]);
    expect(await ask("s2kit --context ")).toEqual(["cloud", "near-by"]);
    expect(await ask("s2kit read s2:")).toEqual(["s2://alpha-basin/"]);
    expect(await ask("s2kit read s2://alpha-basin/l")).toEqual([
      "s2://alpha-basin/logs/a",
      "s2://alpha-basin/logs/b",
    ]);
    expect(await ask("s2kit append -i input-f")).toEqual(["input-file.txt"]);
  });
});

describe.skipIf(!hasShell("zsh"))("in zsh (needs zsh)", () => {
  /** Types each line and a tab in an interactive shell; answers the lines as they are then. */
  const complete = async (load: string, lines: readonly string[]): Promise<string[]> => {
    const out = cli.path("zsh-lines.txt");
    writeFileSync(out, "");
    // Ctrl-A and Ctrl-E put the completed line between quotes, which keeps it for us; the blank after
    // a whole word goes when the closing quote is typed, as zsh does it.
    const keys = lines.map(
      (line) => `zpty -w z $'${line}\\t\\x01print -r -- \\'\\x05\\' >>${out}'`,
    );
    const script = `zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z 'bindkey -e; autoload -Uz compinit; ${load}'
${keys.join("\n")}
zpty -w z exit
while zpty -r z; do :; done`;
    await inShell("zsh", ["-f", "-c", script]);
    return linesOf(readFileSync(out, "utf8"));
  };

  it("completes commands, values, names and files", async () => {
    const source = `compinit -u -D; source ${cli.path("s2kit.zsh")}`;
    expect(
      await complete(source, [
        "s2kit che",
        "s2kit config g",
        "s2kit create-stream --storage-class st",
        "s2kit --context n",
        "s2kit read s2:",
        "s2kit read s2://alpha-basin/l",
        "s2kit read s2://alpha-basin/w",
        "s2kit append -i input-f",
      ]),
    ).toEqual([
      "s2kit check-tail",
      "s2kit config get",
      "s2kit create-stream --storage-class standard",
      "s2kit --context near-by",
      // The name goes on behind the slash.
      "s2kit read s2://alpha-basin/",
      "s2kit read s2://alpha-basin/logs/",
      "s2kit read s2://alpha-basin/with\\ space",
      "s2kit append -i input-file.txt",
    ]);
  });

  it("completes at the first tab when it is loaded from a directory of functions", async () => {
    mkdirSync(cli.path("functions"));
    writeFileSync(cli.path("functions/_s2kit"), readFileSync(cli.path("s2kit.zsh")));
    const load = `fpath=(${cli.path("functions")} $fpath); compinit -u -D`;
    expect(await complete(load, ["s2kit che"])).toEqual(["s2kit check-tail"]);
  });
});
