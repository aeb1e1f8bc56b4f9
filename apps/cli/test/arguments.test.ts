// Acceptance row 15: what the command line says about itself and about wrong arguments, without any
// server; and that help, table and completion agree.

import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { COMMANDS } from "../src/catalogue/table.js";
import { shownName } from "../src/frame/command.js";
import { completeWords } from "../src/frame/completion.js";
import { optionsOf, spellOut } from "../src/frame/parse.js";
import { EXIT_MEANINGS } from "../src/values/exit-codes.js";
import { Cli, MAIN } from "./harness/cli.js";

let cli: Cli;

beforeAll(() => {
  cli = Cli.withoutServer();
});

afterAll(async () => {
  await cli.close();
});

it("prints the help of the whole on stdout when nothing is asked", async () => {
  const built = { asProcess: true };
  const bare = await cli.run([], built);
  const help = await cli.run(["--help"], built);
  expect([bare.code, bare.stderr, bare.stdout]).toEqual([0, "", help.stdout]);
  for (const spec of COMMANDS)
    if (spec.hidden !== true) expect(help.stdout).toContain(`  ${shownName(spec)} `);
  expect((await cli.run(["--version"], built)).stdout).toMatch(/^s2kit \d+\.\d+\.\d+\n$/);
});

it.each(COMMANDS.map((spec) => [shownName(spec), spec] as const))(
  "%s explains itself with its options and an example",
  async (name, spec) => {
    const { code, stdout } = await cli.run([...name.split(" "), "--help"]);
    expect(code).toBe(0);
    expect(stdout).toContain(`s2kit ${name} `);
    expect(stdout).toContain("Examples:");
    for (const option of optionsOf(spec))
      if (option.hidden !== true) expect(stdout).toContain(`--${option.name}`);
  },
);

it.each<readonly [readonly string[], string]>([
  [["apend"], "Did you mean append?"],
  [["frobnicate"], "unknown command 'frobnicate'"],
  [["read"], "missing required argument 'uri'"],
  [["read", "s2://my-basin/x", "--tial"], "unknown option '--tial'"],
  [["read", "s2://my-basin/x", "extra"], "too many arguments"],
  [["read", "s2://my-basin/x", "-s", "0", "--ago", "5s"], "cannot be used with"],
  [["read", "s2://my-basin/x", "-s", "-1"], "expected an integer from 0"],
  [["read", "s2://my-basin/x", "--format", "yaml"], "unknown record format"],
  [["read", "my-basin/x"], 'S2 URI must begin with "s2://"'],
  [["check-tail", "s2://my-basin"], "missing stream name"],
  [["create-basin", "s2://my-basin/x"], "only a basin name was expected"],
  [["create-basin", "My_Basin"], "basin name must"],
  [["create-stream", "s2://my-basin/x", "--retention-policy", "soon"], "invalid duration"],
  [["create-stream", "s2://my-basin/x", "--retention-policy", "0s"], "at least one second"],
  [["create-stream", "s2://my-basin/x", "--storage-class", "x".repeat(65)], "64 bytes"],
  [["create-basin", "my-basin", "--timestamping-uncapped", "maybe"], "expected true or false"],
  [["append", "s2://my-basin/x", "-f", "x".repeat(37)], "fencing token"],
  [["append", "s2://my-basin/x", "-k", "a", "--encryption-key-file", "b"], "cannot be used with"],
  [["append", "s2://my-basin/x", "-i", "/does/not/exist"], "cannot read the input"],
  [["issue-access-token", "x", "--ops", "fly"], "no such operation"],
  [["issue-access-token", "x", "--op-group-perms", "basin=x"], "invalid permissions"],
  [["get-basin-metrics", "my-basin", "colour", "--last", "1h"], "expected one of storage"],
  [["get-basin-metrics", "my-basin", "storage"], "--start-timestamp or --start-ago is missing"],
  [["config"], "config needs a subcommand"],
  [["auth", "access-token"], "auth needs a subcommand"],
  [["completion", "tcsh"], "no completion for this shell"],
  [["help", "nonsense"], "no such topic"],
  [["export", "my-basin"], "--output is missing"],
  [["lite", "--bucket", "b", "--in-memory"], "--in-memory"],
  [["lite", "--path", "prefix"], "no bucket is given"],
  [["lite", "--wal-bucket", "b"], "a log in a bucket of its own is not supported"],
  [["lite", "--tls-cert", "x.pem"], "--tls-cert and --tls-key go together"],
  [["lite", "--in-memory", "--local-root", "x"], "cannot be used with"],
  [["lite", "--studio", "--no-studio"], "'--studio' cannot be used with option '--no-studio'"],
  [["lite", "--no-studio", "--studio"], "'--studio' cannot be used with option '--no-studio'"],
  [["lite", "--studio", "--no-dashboard"], "cannot be used with"],
  [["lite", "--port", "70000"], "from 0 to 65535"],
])("A15: refuses %j with exit code 2 and says why", async (args, message) => {
  const result = await cli.run(args, { env: { S2_ENDPOINT: "http://127.0.0.1:1" } });
  expect(result.stderr).toContain(message);
  expect([result.code, result.stdout]).toEqual([args.includes("/does/not/exist") ? 1 : 2, ""]);
});

it("explains formats, URIs, environment and exit codes", async () => {
  for (const topic of ["formats", "uris", "env", "exit-codes"])
    expect((await cli.ok("help", topic)).length).toBeGreaterThan(100);
  const codes = await cli.ok("help", "exit-codes");
  for (const [code, meaning] of EXIT_MEANINGS) expect(codes).toContain(`${code}  ${meaning}`);
  expect(await cli.ok("help", "append")).toBe(await cli.ok("append", "--help"));
});

it("knows every name and alias once", () => {
  const names = COMMANDS.flatMap((spec) => [spec.name, shownName(spec), ...(spec.aliases ?? [])]);
  const own = COMMANDS.filter((spec) => spec.name === shownName(spec)).length;
  expect(new Set(names).size).toBe(names.length - own);
  for (const spec of COMMANDS)
    for (const name of [shownName(spec), ...(spec.aliases ?? [])])
      if (name.includes(" ")) expect(spellOut(name.split(" "), COMMANDS)).toEqual([spec.name]);
});

const NAMES = {
  basins: (prefix: string) =>
    Promise.resolve(["alpha-basin", "beta-basin"].filter((name) => name.startsWith(prefix))),
  streams: (basin: string, prefix: string) =>
    Promise.resolve(
      ["logs/a", "x"].filter((n) => n.startsWith(prefix)).map((n) => `s2://${basin}/${n}`),
    ),
  contexts: () => Promise.resolve(["lite", "local"]),
};

it.each([
  [["app"], ["append", "apply"]],
  [["auth", "access-token", "s"], ["set"]],
  [
    ["config", ""],
    ["list", "get", "set", "unset"],
  ],
  [["append", "--linger"], ["--linger"]],
  [
    ["create-basin", "x", "--storage-class", ""],
    ["standard", "express"],
  ],
  [["read", "s2://alpha-basin/l"], ["s2://alpha-basin/logs/a"]],
  [["read", "s2://al"], ["s2://alpha-basin/"]],
  [
    ["read", "-n", "5", "s2:"],
    ["s2://alpha-basin/", "s2://beta-basin/"],
  ],
  [["basins", "get", "be"], ["beta-basin"]],
  [["read", "s2://alpha-basin/x", ""], []],
  [
    ["--context", ""],
    ["lite", "local"],
  ],
  [["--context", "lo"], ["local"]],
  [["context", "use", "li"], ["lite"]],
  [
    ["context", "show", ""],
    ["lite", "local"],
  ],
  [["context", "remove", "lo"], ["local"]],
  [["ls", "--context", "li"], ["lite"]],
  // Words go on behind global options, and a context may be called like a command.
  [["--context", "lite", "chec"], ["check-tail"]],
  [["--context=lite", "-q", "chec"], ["check-tail"]],
  [["--context", "lite", "basins", "get", "be"], ["beta-basin"]],
  [
    ["--color", ""],
    ["auto", "always", "never"],
  ],
])("completes %j", async (words, candidates) => {
  expect(await completeWords(words, COMMANDS, NAMES)).toEqual(candidates);
});

it("loads little before it knows the command: no client, no server, no command", () => {
  const directory = dirname(MAIN);
  const loaded = new Set<string>();
  const visit = (name: string): void => {
    if (loaded.has(name)) return;
    loaded.add(name);
    const code = readFileSync(join(directory, name), "utf8");
    for (const [, found = ""] of code.matchAll(/(?:from|import)\s*"\.\/([\w-]+\.js)"/g))
      visit(found);
    expect(code).not.toMatch(/from\s*"@s2kit\//);
  };
  visit("main.js");
  const bytes = [...loaded].reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
  // 60 to 80 ms for `--help` on the machine of the figures; it grows with what is parsed.
  expect(bytes).toBeLessThan(205_000);
  const all = readdirSync(directory).filter((name) => name.endsWith(".js"));
  expect(loaded.size).toBeLessThan(all.length / 3);
});
