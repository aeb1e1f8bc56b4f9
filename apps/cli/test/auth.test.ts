// Acceptance rows 13 and 14: where tokens and endpoints come from, and that secrets stay secret.

import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { mkdir, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { accessTokenLines } from "../src/show/access-token-view.js";
import { Cli, linesOf } from "./harness/cli.js";

const ROOT = "root-secret-token";
let server: Cli;
let cli: Cli;

beforeAll(async () => {
  server = await Cli.withServer({ auth: true, rootToken: ROOT });
});

afterAll(async () => {
  await server.close();
});

beforeEach(() => {
  cli = Cli.withoutServer();
});

afterEach(async () => {
  await cli.close();
});

const configPath = (): string =>
  process.platform === "win32"
    ? join(cli.home, "s2", "config.toml")
    : join(cli.home, ".config", "s2", "config.toml");

async function withConfig(text: string): Promise<void> {
  await mkdir(dirname(configPath()), { recursive: true });
  writeFileSync(configPath(), text);
}

/** With the server's endpoint and nothing else. */
function atServer(env: Record<string, string> = {}): { env: Record<string, string> } {
  return { env: { S2_ENDPOINT: server.url ?? "", ...env } };
}

it("A13: the environment goes before a stored token, and errors name the source, never the token", async () => {
  await cli.okRun(["auth", "access-token", "set", "--stdin", "--insecure-storage"], {
    input: `${ROOT}\n`,
  });
  expect((await cli.run(["ls"], atServer())).code).toBe(0);
  const wrong = await cli.run(["ls"], atServer({ S2_ACCESS_TOKEN: "wrong-secret" }));
  expect(wrong.code).toBe(3);
  expect(wrong.stderr).toContain("environment S2_ACCESS_TOKEN");
  expect(wrong.stdout + wrong.stderr).not.toContain("wrong-secret");
  // Empty counts as unset.
  expect((await cli.run(["ls"], atServer({ S2_ACCESS_TOKEN: "" }))).code).toBe(0);
});

it("A13: with --insecure-storage the token is in a file of its own, for the user alone, and in no output", async () => {
  const saved = await cli.okRun(["auth", "access-token", "set", "--stdin", "--insecure-storage"], {
    input: ROOT,
  });
  expect(saved.stderr).toContain("✓ Access token saved");
  expect(saved.stdout + saved.stderr).not.toContain(ROOT);
  expect(readFileSync(configPath(), "utf8")).not.toContain(ROOT);
  const directory = dirname(configPath());
  const files = readdirSync(directory).filter((name) => name.startsWith("access-token-"));
  expect(files).toHaveLength(1);
  if (process.platform !== "win32") {
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    for (const name of ["config.toml", files[0] ?? ""])
      expect(statSync(join(directory, name)).mode & 0o777).toBe(0o600);
  }
  const again = await cli.okRun(["auth", "access-token", "set", "--stdin", "--insecure-storage"], {
    input: "other",
  });
  expect(again.stderr).toContain("previous token was replaced");
  expect(readdirSync(directory).filter((name) => name.startsWith("access-token-"))).toHaveLength(1);
  await cli.ok("auth", "access-token", "remove");
  expect(readdirSync(directory).filter((name) => name.startsWith("access-token-"))).toEqual([]);
  expect((await cli.run(["ls"], atServer())).code).toBe(3);
});

it("A13: migrates a plain token out of the configuration", async () => {
  await withConfig(`access_token = "${ROOT}"\ncompression = "gzip"\nextra_entry = "kept"\n`);
  expect(await cli.ok("config", "list")).toBe("access_token = <redacted>\ncompression = gzip\n");
  const before = await cli.run(["ls"], atServer());
  expect([before.code, before.stderr]).toEqual([
    0,
    expect.stringContaining("s2kit auth access-token migrate"),
  ]);
  await cli.ok("auth", "access-token", "migrate", "--insecure-storage");
  const text = readFileSync(configPath(), "utf8");
  expect(text).not.toContain(ROOT);
  expect(text).toContain('extra_entry = "kept"');
  const after = await cli.run(["ls"], atServer());
  expect([after.code, after.stderr]).toEqual([0, ""]);
  expect((await cli.run(["auth", "access-token", "migrate", "--insecure-storage"])).code).toBe(1);
});

it.each([
  ["", "is empty"],
  ["two words", "without blanks"],
  ["ü", "must be ASCII"],
])("A13: refuses the token %j", async (token, message) => {
  const result = await cli.run(["auth", "access-token", "set", "--stdin", "--insecure-storage"], {
    input: token,
  });
  expect([result.code, result.stderr]).toEqual([2, expect.stringContaining(message)]);
});

it("A13: asks only on a terminal, and says what to do without one", async () => {
  const result = await cli.run(["auth", "access-token", "set"], { input: "x" });
  expect([result.code, result.stderr]).toEqual([2, expect.stringContaining("--stdin")]);
  expect((await cli.run(["config", "get", "access_token"])).code).toBe(2);
});

it.skipIf(process.platform === "win32")(
  "A13: writes no secret through a symbolic link (needs POSIX files)",
  async () => {
    await mkdir(cli.path("elsewhere"));
    await mkdir(cli.path(".config"));
    await symlink(cli.path("elsewhere"), cli.path(".config/s2"));
    const result = await cli.run(["auth", "access-token", "set", "--stdin", "--insecure-storage"], {
      input: "secret",
    });
    expect([result.code, result.stderr]).toEqual([1, expect.stringContaining("symbolic link")]);
    expect(readdirSync(cli.path("elsewhere"))).toEqual([]);
  },
);

it("A13: auth use selects the stored token, and nothing that is not there", async () => {
  const none = await cli.run(["auth", "use", "access-token"]);
  expect([none.code, none.stderr]).toEqual([3, expect.stringContaining("no access token")]);
  await cli.okRun(["auth", "access-token", "set", "--stdin", "--insecure-storage"], { input: "x" });
  const used = await cli.okRun(["auth", "use", "access-token"], { env: { S2_ACCESS_TOKEN: "y" } });
  expect(used.stderr).toBe(
    "✓ Access token selected\n! S2_ACCESS_TOKEN is set and goes before stored tokens\n",
  );
  const browser = await cli.run(["auth", "use", "browser-login"]);
  expect([browser.code, browser.stderr]).toEqual([1, expect.stringContaining("not supported")]);
  expect((await cli.run(["auth", "use", "magic"])).code).toBe(2);
});

it("A13: shows a scope that matches nothing as no access, however the server says it", () => {
  const info = { id: "x", autoPrefixStreams: false };
  const scope = { basins: { exact: "" }, streams: { prefix: "" }, accessTokens: { exact: "a" } };
  expect(accessTokenLines({ ...info, scope } as never, 1, "∅")[1]).toMatch(
    /^ {2}basins=∅ {2}streams=\* {2}tokens=a /,
  );
});

it("A13: logout finds no browser login to remove, which is success, and keeps a stored token", async () => {
  await cli.okRun(["auth", "access-token", "set", "--stdin", "--insecure-storage"], { input: "x" });
  for (const words of [["logout"], ["auth", "logout"]])
    expect(await cli.okRun(words)).toMatchObject({
      stdout: "",
      stderr: expect.stringContaining("No browser login to remove") as string,
    });
  const status = await cli.run(["auth", "use", "access-token"]);
  expect(status.code).toBe(0);
});

it("A13: auth status tells by its exit code", async () => {
  const good = await cli.run(["auth", "status"], atServer({ S2_ACCESS_TOKEN: ROOT }));
  expect([good.code, good.stdout]).toEqual([0, ""]);
  expect(good.stderr).toContain("✓ Logged in with: environment S2_ACCESS_TOKEN");
  const bad = await cli.run(["auth", "status"], atServer({ S2_ACCESS_TOKEN: "nope" }));
  expect([bad.code, bad.stderr]).toEqual([1, expect.stringContaining("✗ Authentication failed")]);
  const away = await cli.run(["auth", "status"], { env: { S2_ENDPOINT: "http://127.0.0.1:1" } });
  expect([away.code, away.stderr]).toEqual([1, expect.stringContaining("! Could not verify")]);
});

it("A13: issues tokens that can do what they name and no more", async () => {
  const root = atServer({ S2_ACCESS_TOKEN: ROOT });
  await cli.okRun(["create-basin", "token-basin", "--create-stream-on-append"], root);
  const issued = await cli.okRun(
    [
      "issue-access-token",
      "writer",
      "--basins-exact",
      "token-basin",
      "--streams-prefix",
      "w/",
      "--ops",
      "append,check_tail",
      "--expires-in",
      "1h",
    ],
    root,
  );
  expect([linesOf(issued.stdout).length, issued.stderr]).toEqual([1, ""]);
  const writer = atServer({ S2_ACCESS_TOKEN: issued.stdout.trim() });
  await cli.okRun(["append", "s2://token-basin/w/x"], { ...writer, input: "a\n" });
  expect((await cli.run(["read", "s2://token-basin/w/x", "-n", "1"], writer)).code).toBe(3);
  expect(
    (await cli.run(["append", "s2://token-basin/other"], { ...writer, input: "a\n" })).code,
  ).toBe(3);
  const list = await cli.okRun(["list-access-tokens"], root);
  expect(list.stdout).toMatch(
    /^writer {2}expires \S+Z\n {2}basins=token-basin {2}streams=w\/\* {2}tokens=∅ {2}perms=none {2}ops=2\n$/,
  );
  const none = ["--basins-exact", "", "--streams-exact", "", "--ops", "list_locations"];
  await cli.okRun(["issue-access-token", "nowhere", ...none], root);
  expect((await cli.okRun(["list-access-tokens", "-p", "nowhere"], root)).stdout).toContain(
    "  basins=∅  streams=∅  tokens=∅",
  );
  const reaches = async (id: string, ...scope: string[]): Promise<string> =>
    (await cli.okRun(["issue-access-token", id, ...scope], root)).stderr;
  expect(await reaches("no-basin", "--ops", "read")).toContain("this token reaches no basin");
  expect(await reaches("a-basin", "--ops", "read", "--basins-prefix", "")).toBe("");
  expect(await reaches("account", "--op-group-perms", "account=r")).toBe("");
  const groups = "account=r,basin=rw,stream=w";
  await cli.okRun(["issue-access-token", "groups", "--op-group-perms", groups], root);
  expect((await cli.okRun(["list-access-tokens", "-p", "groups"], root)).stdout).toContain(
    "perms=a:r b:rw s:w",
  );
  expect(list.stdout).not.toContain(issued.stdout.trim());
  await cli.okRun(["revoke-access-token", "writer"], root);
  expect((await cli.run(["check-tail", "s2://token-basin/w/x"], writer)).code).toBe(3);
  expect((await cli.run(["revoke-access-token", "writer"], root)).code).toBe(4);
});

it.each([
  [{ S2_ACCOUNT_ENDPOINT: "http://127.0.0.1:1" }, "only one of the two endpoints is set"],
  [{ S2_BASIN_ENDPOINT: "http://127.0.0.1:1" }, "only one of the two endpoints is set"],
  [{ S2_ENDPOINT: "::nope::" }, "not an http or https URL"],
  [{ S2_ENDPOINT: "ftp://host" }, "not an http or https URL"],
  [
    { S2_ACCOUNT_ENDPOINT: "http://localhost:1", S2_BASIN_ENDPOINT: "https://localhost:1" },
    "different schemes",
  ],
])("A14: refuses the endpoints %j before it connects", async (env, message) => {
  const result = await cli.run(["ls"], { env: { S2_ACCESS_TOKEN: "x", ...env } });
  expect([result.code, result.stderr]).toEqual([2, expect.stringContaining(message)]);
});

it("A14: says where a wrong endpoint came from", async () => {
  await withConfig('account_endpoint = "::bad::"\nbasin_endpoint = "::bad::"\n');
  const result = await cli.run(["ls"]);
  expect(result.code).toBe(2);
  expect(result.stderr).toContain(`account_endpoint in ${configPath()}`);
});

it("A14: asks for a token where one is needed, and not on this machine", async () => {
  const away = await cli.run(["ls"], { env: { S2_ENDPOINT: "https://s2.invalid" } });
  expect([away.code, away.stderr]).toEqual([3, expect.stringContaining("missing access token")]);
  const here = await cli.run(["ls"], { env: { S2_ENDPOINT: "http://[::1]:1" } });
  expect([here.code, here.stderr]).toEqual([8, expect.stringContaining("s2kit lite")]);
});

it("A13: never overwrites a configuration that does not parse, and does not quote it", async () => {
  await withConfig('compression = "gzip\naccess_token = "very-secret"\n');
  const result = await cli.run(["config", "set", "compression", "zstd"]);
  expect(result.code).toBe(2);
  expect(result.stderr).toContain("not valid TOML");
  expect(result.stderr).not.toContain("very-secret");
  expect(readFileSync(configPath(), "utf8")).toContain("very-secret");
});

it("config sets, gets, lists and unsets", async () => {
  await cli.ok("config", "set", "account_endpoint", "http://localhost:8080");
  await cli.ok("config", "set", "ssl_no_verify", "1");
  expect(await cli.ok("config", "get", "account_endpoint")).toBe("http://localhost:8080\n");
  expect(await cli.ok("config", "get", "compression")).toBe("");
  expect(await cli.ok("config", "list")).toBe(
    "account_endpoint = http://localhost:8080\nssl_no_verify = true\n",
  );
  await cli.ok("config", "unset", "ssl_no_verify");
  expect(await cli.ok("config", "list")).toBe("account_endpoint = http://localhost:8080\n");
  expect((await cli.run(["config", "set", "colour", "blue"])).code).toBe(2);
  expect((await cli.run(["config", "set", "compression", "rar"])).code).toBe(2);
});
