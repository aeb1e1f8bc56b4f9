// The configuration file of `lite`, its flags for what a server can be told, and what it logs.

import { chmodSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Cli, jsonLinesOf, type RunResult } from "../harness/cli.js";

let cli: Cli;
let path: string;

beforeEach(() => {
  cli = Cli.withoutServer();
  path = cli.path("lite.json");
});

afterEach(async () => {
  await cli.close();
});

interface Announced {
  readonly url: string;
  readonly storage: string;
  readonly studio: string | null;
}

/** Serves with a configuration file and whatever else is given. */
function whileServing(
  config: unknown,
  args: readonly string[],
  action: (server: Announced) => Promise<void>,
  env: Record<string, string> = {},
): Promise<RunResult> {
  writeFileSync(path, typeof config === "string" ? config : JSON.stringify(config));
  const all = ["lite", "--json", "--config", path, ...args];
  return cli.serve(all, { env }, (announced) => action(jsonLinesOf(announced)[0] as never));
}

async function refusal(config: unknown, ...args: string[]): Promise<string> {
  writeFileSync(path, typeof config === "string" ? config : JSON.stringify(config));
  const { code, stderr } = await cli.run(["lite", "--config", path, ...args]);
  expect(code).toBe(2);
  return stderr;
}

it("takes every kind of option from a file: switches, sizes, durations, lists, and what is off", async () => {
  const config = {
    port: 0,
    "in-memory": true,
    studio: false,
    "append-inflight-bytes": "64MiB",
    "max-held-bytes": 67_108_864,
    "headers-timeout": "2s",
    "body-timeout": "30s",
    "basin-zone": "b.example.test",
    locations: ["here", "there"],
    price: { "append-gib": 0.5, "storage-gib-month": "0.02" },
    "cors-origin": "https://app.example.com",
    "limit-stream-readers": 3,
    "log-format": "none",
  };
  const served = await whileServing(config, [], async ({ url, storage, studio }) => {
    expect([storage, studio]).toEqual(["memory", null]);
    const env = { S2_ENDPOINT: url };
    expect((await cli.okRun(["list-locations"], { env })).stdout).toMatch(/^here .*\nthere /);
    await cli.okRun(["create-basin", "zone-basin", "--create-stream-on-append"], { env });
    const headers = { host: "zone-basin.b.example.test" };
    const { get } = await import("node:http");
    const status = await new Promise((resolve, reject) => {
      get(`${url}/v1/streams`, { headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).on("error", reject);
    });
    expect(status).toBe(200);
    const billed = await cli.okRun(
      ["get-account-metrics", "estimated-billable-usage", "--last", "1h"],
      { env },
    );
    expect(billed.code).toBe(0);
  });
  expect([served.code, served.stderr]).toEqual([0, expect.not.stringContaining("request")]);
});

it("lets arguments go before the environment, and that before the file", async () => {
  const file = cli.path("init.json");
  const other = cli.path("other.json");
  writeFileSync(file, JSON.stringify({ basins: [{ name: "file-basin" }] }));
  writeFileSync(other, JSON.stringify({ basins: [{ name: "environment-basin" }] }));
  const config = { port: 0, "in-memory": true, "init-file": file, studio: false };
  const basins = async (url: string): Promise<string> =>
    (await cli.okRun(["ls"], { env: { S2_ENDPOINT: url } })).stdout;
  await whileServing(config, [], async ({ url }) => {
    expect(await basins(url)).toContain("file-basin");
  });
  const env = { S2LITE_INIT_FILE: other };
  await whileServing(
    config,
    ["--studio"],
    async ({ url, studio }) => {
      expect([await basins(url), studio]).toEqual([
        expect.stringContaining("environment-basin"),
        `${url}/studio`,
      ]);
    },
    env,
  );
  await whileServing(
    config,
    ["--init-file", file],
    async ({ url }) => {
      expect(await basins(url)).toContain("file-basin");
    },
    env,
  );
  // What is said excludes what the file says, and does not contradict it.
  const directory = ["--local-root", cli.path("data")];
  await whileServing(config, directory, async ({ storage }) => {
    expect(await Promise.resolve(storage)).toBe("disk");
  });
});

it("is named by the environment too, and may begin with a byte order mark", async () => {
  writeFileSync(path, '\uFEFF{"in-memory":true,"port":0}');
  const served = await cli.serve(
    ["lite", "--json"],
    { env: { S2LITE_CONFIG: path } },
    async (announced) => {
      expect(await Promise.resolve(announced)).toContain('"storage":"memory"');
    },
  );
  expect(served.code).toBe(0);
});

it("names every mistake of the file at once, with the nearest name, and opens nothing", async () => {
  const said = await refusal({
    prot: 8080,
    port: 99_999,
    auth: "yes",
    "log-level": "loud",
    locations: ["no blank here"],
    price: { "append-gb": 1 },
    "in-memory": true,
    "local-root": cli.path("data"),
    "shutdown-grace": { secs: 5 },
    config: "other.json",
  });
  for (const mistake of [
    'prot: no such option: did you mean "port"?',
    "port: expected an integer from 0 to 65535",
    "auth: expected true or false",
    "log-level: expected one of info, warn, error",
    "locations: location name",
    'price: no such price name="append-gb": did you mean "append-gib"?',
    "local-root: cannot be used with in-memory",
    "shutdown-grace: expected text or a number",
    "config: no such option",
  ])
    expect(`\n${said}`).toContain(`\n  ${mistake}`);
});

it("refuses a file that is no JSON object, and quotes nothing of it", async () => {
  const said = await refusal('{"root-token": secret-of-the-file}');
  expect(said).toContain("is not valid JSON");
  // The parser would quote some letters on either side.
  expect(said).not.toContain("secret");
  expect(await refusal("[]")).toContain("must be a JSON object");
  const missing = await cli.run(["lite", "--config", cli.path("none.json")]);
  expect([missing.code, missing.stderr]).toEqual([
    2,
    expect.stringContaining("cannot read the configuration"),
  ]);
});

it("warns when others may read the root token of the file", async () => {
  const config = { port: 0, "in-memory": true, "root-token": "root-token-of-a-file" };
  writeFileSync(path, "");
  chmodSync(path, 0o644);
  const check = async ({ url }: Announced): Promise<void> => {
    const result = await cli.run(["ls"], { env: { S2_ENDPOINT: url, S2_ACCESS_TOKEN: "other" } });
    expect(result.code).toBe(3);
  };
  const open = await whileServing(config, [], check);
  expect(open.stderr).toContain("others of this machine may read the root token");
  chmodSync(path, 0o600);
  expect((await whileServing(config, [], check)).stderr).not.toContain("others of this machine");
});

it("does not log probes that find everything well, and nothing below --log-level", async () => {
  const probe = async ({ url }: Announced): Promise<void> => {
    for (const at of ["/health", "/health/live", "/health/ready", "/ping", "/v1/basins"])
      await (await fetch(`${url}${at}`)).text();
    await (await fetch(`${url}/health/none`)).text();
  };
  const config = { port: 0, "in-memory": true, "log-format": "json" };
  const { stderr } = await whileServing(config, [], probe);
  const logged = stderr.split("\n").filter((line) => line.startsWith("{"));
  const paths = jsonLinesOf(logged.join("\n")).flatMap(({ path: at }) =>
    at === undefined ? [] : [at],
  );
  expect(paths).toEqual(["/v1/basins", "/health/none"]);
  const quiet = await whileServing(config, ["--log-level", "warn"], probe);
  expect(quiet.stderr).not.toContain('"level":"info"');
});

it("refuses prices, host names and timeouts that mean nothing", async () => {
  for (const [args, message] of [
    [["--price", "append-gib"], "must be a number of dollars"],
    [["--price", "append-gib=-1"], "must be a number of dollars"],
    [["--price", "gib=1"], "no such price"],
    [["--basin-zone", "b.example.test:80"], "expected a host name"],
    [["--body-timeout", "0s"], "a timeout must be at least 1ms"],
    [["--max-held-bytes", "1MiB"], "held bytes must be at least"],
    [["--locations", "a,,b"], "location name"],
  ] as const) {
    const result = await cli.run(["lite", "--in-memory", "--port", "0", ...args]);
    expect([args, result.code, result.stderr]).toEqual([args, 2, expect.stringContaining(message)]);
  }
});
