// What failures say: no call of Node's inside, no hint that is wrong, a next step that helps; and
// failures that used to pass for success.

import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { systemErrorText } from "../../src/values/system-error.js";
import { Cli } from "../harness/cli.js";

/** A name that no name service may know. */
const UNKNOWN = "http://no-such-host.invalid";

let cli: Cli;

beforeAll(async () => {
  cli = await Cli.withServer();
  await cli.ok("create-basin", "fail-basin");
  await cli.ok("create-basin", "making-basin", "--create-stream-on-append");
});

afterAll(async () => {
  await cli.close();
});

/** Runs something that fails; answers its exit code and what it said. */
async function failing(args: readonly string[], env: Record<string, string> = {}) {
  const { code, stderr } = await cli.run(args, { env });
  return { code, stderr };
}

it("an append without a record fails when its stream or its basin is missing", async () => {
  const missing = await cli.run(["append", "s2://fail-basin/none"], { input: "" });
  expect([missing.code, missing.stderr]).toEqual([4, expect.stringContaining("stream_not_found")]);
  const basin = await cli.run(["append", "s2://none-basin/x"], { input: "" });
  expect([basin.code, basin.stderr]).toEqual([4, expect.stringContaining("basin_not_found")]);
  // The first record would make it, so nothing is wrong.
  await cli.okRun(["append", "s2://making-basin/none"], { input: "" });
  expect(await cli.ok("list-streams", "making-basin")).toBe("");
});

it("an append without a record and with the right to append alone is believed", async () => {
  const guarded = await Cli.withServer({ auth: true, rootToken: "root-token-of-failures" });
  const root = { S2_ACCESS_TOKEN: "root-token-of-failures" };
  const scope = ["--basins-prefix", "", "--streams-prefix", "", "--ops", "append"];
  const issued = await guarded.okRun(["issue-access-token", "writer", ...scope], { env: root });
  const env = { S2_ACCESS_TOKEN: issued.stdout.trim() };
  await guarded.okRun(["append", "s2://any-basin/any"], { env, input: "" });
  // Nobody gave a token here, so none can have been wrong.
  const bare = await guarded.run(["ls"]);
  expect([bare.code, bare.stderr]).toEqual([
    3,
    expect.stringContaining("no access token was given"),
  ]);
  expect(bare.stderr).not.toContain("came from");
  await guarded.close();
});

it("tells a server without TLS from one that does not answer", async () => {
  const url = cli.url?.replace("http:", "https:") ?? "";
  const { code, stderr } = await failing(["ls", "--endpoint", url]);
  expect([code, stderr]).toEqual([8, expect.stringContaining("does not speak TLS")]);
  expect(stderr).toContain("http://");
  expect(stderr).not.toMatch(/nothing answered|tlsany|:error:/);
});

it("tells a server with TLS that is asked without", async () => {
  const secure = await Cli.withServer({ tls: { selfSigned: true } });
  const url = secure.url?.replace("https:", "http:") ?? "";
  const { code, stderr } = await secure.run(["ls", "--endpoint", url]);
  expect([code, stderr]).toEqual([8, expect.stringContaining("if it speaks TLS, write https://")]);
  expect(stderr).not.toContain("nothing answered");
  await secure.close();
});

it("says that nothing answers where nothing listens, and only there", async () => {
  const gone = await Cli.withServer();
  const url = gone.url ?? "";
  await gone.close();
  expect(await failing(["ls", "--endpoint", url])).toEqual({
    code: 8,
    stderr: expect.stringContaining(`nothing answered at ${url}; start a server`) as string,
  });
});

it("says that a host name is not known without the call that asked for it", async () => {
  const { code, stderr } = await failing(["ls", "--token", "any", "--endpoint", UNKNOWN]);
  expect(code).toBe(8);
  expect(stderr).toMatch(
    /host=no-such-host\.invalid \((ENOTFOUND|EAI_AGAIN)\)\n.*help: check the name/s,
  );
  expect(stderr).not.toMatch(/getaddrinfo|fetch failed/);
});

it("says what is wrong with a data directory, and what to do", async () => {
  const path = cli.path("a-file");
  writeFileSync(path, "");
  for (const directory of [path, `${path}/below`]) {
    const args = ["lite", "--port", "0", "--local-root", directory];
    const { code, stderr } = await failing(args);
    expect([code, stderr]).toEqual([1, expect.stringContaining("is a file, not a directory")]);
    expect(stderr).toContain("help: name a directory");
    expect(stderr).not.toMatch(/ENOTDIR:|EEXIST:|mkdir|stat '/);
  }
});

it("says where an address is wrong that a server should listen at", async () => {
  const { code, stderr } = await failing(
    "lite --in-memory --port 0 --allow-remote --host 203.0.113.5".split(" "),
  );
  expect([code, stderr]).toEqual([
    1,
    expect.stringContaining("this machine has no such address address=203.0.113.5"),
  ]);
});

it("names each mistake of an init file once, by its place in the JSON", async () => {
  const path = cli.path("init.json");
  const streams = [{ name: "a", config: { retention_policy: "5 parsecs" } }];
  writeFileSync(path, JSON.stringify({ basins: [{ name: "x" }, { name: "some-basin", streams }] }));
  const args = ["lite", "--in-memory", "--port", "0", "--init-file"];
  const { code, stderr } = await failing([...args, path]);
  expect(code).toBe(2);
  expect(stderr.match(/basins\[0\]\.name/g)).toHaveLength(1);
  expect(stderr.match(/basins\[1\]\.streams\[0\]\.config\.retention_policy/g)).toHaveLength(1);
  const missing = await failing([...args, cli.path("none.json")]);
  expect([missing.code, missing.stderr]).toEqual([
    2,
    expect.stringMatching(/init file cannot be read path=\S+none\.json cause=ENOENT/),
  ]);
  expect(missing.stderr).not.toContain("open '");
});

it("skips a byte order mark in files of resources", async () => {
  const path = cli.path("marked.json");
  writeFileSync(path, `\uFEFF${JSON.stringify({ basins: [{ name: "marked-basin" }] })}`);
  await cli.ok("apply", "-f", path);
  const args = ["lite", "--in-memory", "--port", "0", "--json", "--init-file", path];
  const served = await cli.serve(args, {}, async (announced) => {
    const { url } = JSON.parse(announced) as { url: string };
    const listed = await cli.okRun(["ls"], { env: { S2_ENDPOINT: url } });
    expect(listed.stdout).toContain("marked-basin");
  });
  expect(served.code).toBe(0);
});

it("leaves errors alone that are not of the system", () => {
  expect(systemErrorText(new Error("EEXIST in a text"))).toBeUndefined();
  expect(systemErrorText(Object.assign(new Error("x"), { code: "not_found" }))).toBeUndefined();
});
