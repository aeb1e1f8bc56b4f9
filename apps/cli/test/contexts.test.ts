// Contexts: endpoints and a token under one name, which is in force whole or not at all. Against two
// servers with tokens of their own, and what is written in the home of a user.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { Cli, jsonLinesOf } from "./harness/cli.js";

const TOKENS = { one: "secret-of-one-server", two: "secret-of-two-server" } as const;
type Name = keyof typeof TOKENS;

let servers: Record<Name, Cli>;
let cli: Cli;

beforeAll(async () => {
  const open = (rootToken: string): Promise<Cli> => Cli.withServer({ auth: true, rootToken });
  servers = { one: await open(TOKENS.one), two: await open(TOKENS.two) };
  for (const name of ["one", "two"] as const)
    await servers[name].okRun(["create-basin", `basin-of-${name}`], {
      env: { S2_ACCESS_TOKEN: TOKENS[name] },
    });
});

afterAll(async () => {
  await Promise.all([servers.one.close(), servers.two.close()]);
});

beforeEach(() => {
  cli = Cli.withoutServer();
});

afterEach(async () => {
  await cli.close();
});

const urlOf = (name: Name): string => servers[name].url ?? "";

async function add(name: Name, ...more: string[]): Promise<void> {
  const args = ["context", "add", name, "--endpoint", urlOf(name), "--stdin"];
  const input = `${TOKENS[name]}\n`;
  const result = await cli.okRun([...args, "--insecure-storage", ...more], { input });
  expect(result.stdout + result.stderr).not.toContain(TOKENS[name]);
}

const ls = (args: string[] = [], env: Record<string, string> = {}): Promise<string> =>
  cli.run(["ls", ...args], { env }).then(({ code, stdout }) => `${code} ${stdout.split(/\s/)[0]}`);

it("adds, lists, shows, uses and removes them, and never shows a token", async () => {
  await add("one", "--use");
  await add("two");
  expect(await cli.ok("context", "list")).toBe(`* one ${urlOf("one")}\n  two ${urlOf("two")}\n`);
  expect(jsonLinesOf(await cli.ok("context", "show", "--json"))).toEqual([
    {
      name: "one",
      used: true,
      account_endpoint: urlOf("one"),
      basin_endpoint: urlOf("one"),
      token: "file",
    },
  ]);
  expect(await cli.ok("context", "show", "two")).toContain("used = false\n");
  expect(await cli.ok("context", "show", "--context", "two")).toContain("name = two\n");
  await cli.ok("context", "use", "two");
  expect(await ls()).toBe("0 basin-of-two");
  const status = await cli.okRun(["auth", "status", "--json"]);
  expect(JSON.parse(status.stdout)).toMatchObject({ context: "two", ok: true });
  const directory = cli.path(process.platform === "win32" ? "s2" : ".config/s2");
  const secrets = (): string[] =>
    readdirSync(directory).filter((name) => name.startsWith("access-token-"));
  expect(secrets()).toHaveLength(2);
  expect(readFileSync(`${directory}/config.toml`, "utf8")).not.toMatch(/secret-of/);
  await cli.ok("context", "remove", "two");
  expect([secrets().length, existsSync(`${directory}/config.toml`)]).toEqual([1, true]);
  expect(await cli.ok("context", "list")).toBe(`  one ${urlOf("one")}\n`);
  expect((await cli.run(["context", "show"])).code).toBe(4);
});

it("is in force whole or not at all: a token goes to its own endpoints only", async () => {
  await add("one", "--use");
  await add("two");
  const other = { S2_ENDPOINT: urlOf("two") };
  expect(await ls()).toBe("0 basin-of-one");
  expect(await ls(["--context", "two"])).toBe("0 basin-of-two");
  expect(await ls([], { S2_CONTEXT: "two" })).toBe("0 basin-of-two");
  // What was chosen with `use` stands aside, and its token with it.
  const aside = await cli.run(["auth", "status", "--json"], { env: other });
  expect(JSON.parse(aside.stdout)).toMatchObject({
    context: null,
    token_source: "none (local endpoint)",
  });
  expect(await ls(["--endpoint", urlOf("two")])).toBe("3 ");
  expect(await ls([], { ...other, S2_ACCESS_TOKEN: TOKENS.two })).toBe("0 basin-of-two");
  // Who is named goes before the environment, the one in use before neither.
  const both = { ...other, S2_ACCESS_TOKEN: TOKENS.two };
  expect(await ls(["--context", "one"], both)).toBe("0 basin-of-one");
  expect(await ls([], { ...both, S2_CONTEXT: "one" })).toBe("0 basin-of-one");
  expect(await ls([], { S2_ACCESS_TOKEN: TOKENS.two })).toBe("3 ");
  expect(await ls(["--context", "one", "--endpoint", urlOf("two")])).toBe("2 ");
});

it("does not send the token of no context to one that has none", async () => {
  await cli.okRun(["auth", "access-token", "set", "--stdin", "--insecure-storage"], {
    input: TOKENS.one,
  });
  await cli.ok("context", "add", "bare", "--endpoint", urlOf("one"), "--use");
  const refused = await cli.run(["ls"]);
  expect([refused.code, refused.stderr]).toEqual([
    3,
    expect.stringContaining("s2kit context add bare --replace --stdin"),
  ]);
  expect(await ls([], { S2_ACCESS_TOKEN: TOKENS.one })).toBe("0 basin-of-one");
  const set = await cli.okRun(["auth", "use", "access-token"]);
  expect(set.stderr).toContain("! the context bare is in use");
  await cli.okRun(["context", "add", "bare", "--replace", "--stdin", "--insecure-storage"], {
    input: TOKENS.one,
  });
  expect(await ls()).toBe("0 basin-of-one");
});

it("refuses what is wrong and changes nothing", async () => {
  await add("one");
  const path = cli.path(process.platform === "win32" ? "s2/config.toml" : ".config/s2/config.toml");
  const before = readFileSync(path, "utf8");
  const cases: [number, string, string[]][] = [
    [5, "already", ["context", "add", "one", "--endpoint", urlOf("two")]],
    [2, "--endpoint is missing", ["context", "add", "three"]],
    [2, "not an http or https URL", ["context", "add", "three", "--endpoint", "::"]],
    [2, "--cloud", ["context", "add", "three", "--cloud", "--endpoint", urlOf("one")]],
    [2, "not a name", ["context", "add", "__proto__", "--cloud"]],
    [4, "did you mean one?", ["context", "use", "onee"]],
    [4, "no such context", ["context", "use", "constructor"]],
    [4, "no such context", ["ls", "--context", "none-such"]],
    [4, "no such context", ["context", "remove", "none-such"]],
    [2, "--none", ["context", "use"]],
  ];
  for (const [code, text, args] of cases) {
    const result = await cli.run(args);
    expect([args, result.code, result.stderr]).toEqual([args, code, expect.stringContaining(text)]);
  }
  expect(readFileSync(path, "utf8")).toBe(before);
  const endpoint = await cli.okRun(["context", "use", "one"], { env: { S2_CONTEXT: "two" } });
  expect(endpoint.stderr).toContain("! S2_CONTEXT is set and goes before it");
});

it("completes their names, and names of the server that the typed line goes to", async () => {
  await add("one", "--use");
  await add("two");
  const complete = async (...words: string[]): Promise<string> =>
    (await cli.ok("complete", "--", ...words)).replaceAll("\n", " ");
  expect(await complete("context", "use", "")).toBe("one two ");
  expect(await complete("--context", "t")).toBe("two ");
  expect(await complete("read", "s2://")).toBe("s2://basin-of-one/ ");
  expect(await complete("--context", "two", "read", "s2://")).toBe("s2://basin-of-two/ ");
  expect(await complete("read", "--context=two", "s2://")).toBe("s2://basin-of-two/ ");
  const there = ["--endpoint", urlOf("two"), "--token", TOKENS.two];
  expect(await complete("ls", ...there, "s2://")).toBe("s2://basin-of-two ");
  // What is still being typed, or no longer an option, names no server.
  expect(await complete("--context", "two")).toBe("two ");
  expect(await complete("read", "--", "--context", "two", "s2://")).toBe("s2://basin-of-one/ ");
  expect(await complete("ls", "--context", "none-such", "s2://")).toBe("");
});
