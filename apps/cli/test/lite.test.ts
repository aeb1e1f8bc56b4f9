// Acceptance row 16: the server in the command. Each flag, what it says, how it ends.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { given } from "../src/values/given.js";
import { Cli, jsonLinesOf, linesOf, type RunOptions, type RunResult } from "./harness/cli.js";

let cli: Cli;

beforeEach(() => {
  cli = Cli.withoutServer();
});

afterEach(async () => {
  await cli.close();
});

interface Announced {
  readonly url: string;
  readonly port: number;
  readonly storage: string;
  readonly directory: string | null;
  readonly studio: string | null;
  readonly root_token?: string;
}

/** Serves with `--json` in this process, does something, interrupts it and answers how it ended. */
function whileServing(
  args: readonly string[],
  action: (server: Announced) => Promise<void>,
  options: RunOptions = {},
): Promise<RunResult> {
  return cli.serve(["lite", "--port", "0", "--json", ...args], options, (stdout) => {
    const [announced] = jsonLinesOf(stdout);
    return action(announced as unknown as Announced);
  });
}

/** The same in a process of its own, which SIGTERM ends. */
async function whileProcessServes(
  args: readonly string[],
  action: (server: Announced) => Promise<void>,
): Promise<RunResult> {
  let hasStarted = false;
  const failures: unknown[] = [];
  const result = await cli.run(["lite", "--port", "0", "--json", ...args], {
    onOutput({ stdout }, child) {
      if (hasStarted || !stdout.includes("\n")) return;
      hasStarted = true;
      const [announced] = jsonLinesOf(stdout);
      action(announced as unknown as Announced)
        .catch((error: unknown) => failures.push(error))
        .finally(() => child.kill("SIGTERM"));
    },
  });
  expect(failures).toEqual([]);
  if (!hasStarted) throw new Error(`did not serve: ${result.code}\n${result.stderr}`);
  return result;
}

it("A16: serves from memory, answers its health, and drains on SIGTERM with exit code 0", async () => {
  const result = await whileProcessServes(["--in-memory"], async ({ url, storage }) => {
    expect(storage).toBe("memory");
    const health = await fetch(`${url}/health`);
    expect([health.status, await health.text()]).toEqual([200, "OK"]);
    expect(await (await fetch(`${url}/metrics`)).text()).toContain("s2_append_ack_latency_seconds");
    await cli.okRun(["create-basin", "lite-basin"], { env: { S2_ENDPOINT: url } });
  });
  expect(result.code).toBe(0);
  expect(linesOf(result.stdout)).toHaveLength(1);
});

it("A16: takes the flags of the field's server that mean nothing here, and says so", async () => {
  const flags = ["--in-memory", "--no-dashboard", "--wal-local-root", cli.path("wal")];
  const result = await whileServing(flags, () => Promise.resolve());
  expect([result.code, result.stderr]).toEqual([
    0,
    expect.stringContaining("--wal-local-root is ignored"),
  ]);
});

it("A16: serves the studio and names it, unless it is told not to", async () => {
  const statusOf = async (url: string): Promise<number> => (await fetch(`${url}/studio/`)).status;
  await whileServing(["--in-memory"], async ({ url, studio }) => {
    expect([studio, await statusOf(url)]).toEqual([`${url}/studio`, 200]);
  });
  for (const flag of ["--no-studio", "--no-dashboard"])
    await whileServing(["--in-memory", flag], async ({ url, studio }) => {
      expect([studio, await statusOf(url)]).toEqual([null, 404]);
    });
  const env = { S2LITE_NO_DASHBOARD: "true" };
  await whileServing(
    ["--in-memory"],
    async ({ url }) => {
      expect(await statusOf(url)).toBe(404);
    },
    { env },
  );
  // A flag wins over the environment.
  await whileServing(
    ["--in-memory", "--studio"],
    async ({ url }) => {
      expect(await statusOf(url)).toBe(200);
    },
    { env },
  );
});

it("A16: serves the studio from here for a server elsewhere, which its policy names alone", async () => {
  let page: Response | undefined;
  let hasAsked = false;
  const result = await cli.run(
    ["studio", "--endpoint", "https://s2.example.com", "--port", "0", "--json"],
    {
      onOutput({ stdout }, child) {
        // Asked once: what comes behind the first line would ask again while the server ends.
        if (hasAsked || !stdout.includes("\n")) return;
        hasAsked = true;
        const [announced] = jsonLinesOf(stdout);
        void fetch((announced as unknown as { url: string }).url)
          .then((response) => {
            page = response;
          })
          .finally(() => child.kill("SIGTERM"));
      },
    },
  );
  expect(result.code).toBe(0);
  expect(page?.status).toBe(200);
  expect(page?.headers.get("content-security-policy")).toContain(
    "connect-src 'self' https://s2.example.com wss://s2.example.com;",
  );
});

it("A16: keeps data in a directory of the user, and names it", async () => {
  const write = await whileProcessServes([], async ({ url, directory }) => {
    expect(directory).toContain(cli.home);
    const env = { S2_ENDPOINT: url };
    await cli.okRun(["create-basin", "lite-basin", "--create-stream-on-append"], { env });
    await cli.okRun(["append", "s2://lite-basin/x"], { env, input: "kept\n" });
  });
  expect(write.code).toBe(0);
  await whileServing([], async ({ url }) => {
    const tail = await cli.okRun(["tail", "s2://lite-basin/x"], { env: { S2_ENDPOINT: url } });
    expect(tail.stdout).toBe("kept\n");
  });
});

it("A16: prints lines to paste that work, and a file when it is ready", async () => {
  const ready = cli.path("ready");
  const failures: unknown[] = [];
  let wasChecked = false;
  const result = await cli.run(["lite", "--port", "0", "--in-memory", "--ready-file", ready], {
    onOutput({ stderr }, child) {
      if (wasChecked || !stderr.includes("S2_ACCESS_TOKEN")) return;
      wasChecked = true;
      const exports = [...stderr.matchAll(/^ {2}export (\w+)=(\S+)$/gm)];
      const env = Object.fromEntries(exports.map(([, name = "", value = ""]) => [name, value]));
      // It is written once the server listens, which says so a moment before.
      const isReady = (): void =>
        expect(readFileSync(ready, "utf8")).toBe(`${env.S2_ACCOUNT_ENDPOINT}\n`);
      vi.waitFor(isReady, { timeout: 30_000 })
        .then(() => cli.okRun(["create-basin", "paste-basin"], { env }))
        .catch((error: unknown) => failures.push(error))
        .finally(() => child.kill("SIGINT"));
    },
  });
  expect([wasChecked, failures, result.code]).toEqual([true, [], 0]);
});

it("A16: applies its init file before it listens, and again on a restart", async () => {
  const path = cli.path("init.json");
  writeFileSync(
    path,
    JSON.stringify({ basins: [{ name: "init-basin", streams: [{ name: "a/b" }] }] }),
  );
  for (let start = 0; start < 2; start++)
    await whileServing(["--init-file", path, "--local-root", cli.path("data")], async ({ url }) => {
      const list = await cli.okRun(["list-streams", "init-basin"], { env: { S2_ENDPOINT: url } });
      expect(list.stdout).toBe("s2://init-basin/a/b\n");
    });
});

it("A16: speaks TLS with a certificate of its own, which S2_SSL_NO_VERIFY=1 accepts", async () => {
  await whileServing(["--in-memory", "--tls-self"], async ({ url }) => {
    expect(url).toMatch(/^https:/);
    const env = { S2_ENDPOINT: url };
    const strict = await cli.run(["create-basin", "tls-basin"], { env });
    expect([strict.code, strict.stderr]).toEqual([8, expect.stringContaining("--insecure")]);
    const trusting = { env: { ...env, S2_SSL_NO_VERIFY: "1" } };
    await cli.okRun(["create-basin", "tls-basin", "--create-stream-on-append"], trusting);
    await cli.okRun(["append", "s2://tls-basin/x"], { ...trusting, input: "over h2\n" });
    const tail = await cli.okRun(["tail", "s2://tls-basin/x", "--insecure"], { env });
    expect(tail.stdout).toBe("over h2\n");
    expect(tail.stderr).toBe("! TLS certificates are not verified\n");
  });
});

it("A16: checks tokens with --auth, and shows a root token that it made once", async () => {
  const args = ["--auth", "--local-root", cli.path("data")];
  let token = "";
  await whileServing(args, async ({ url, root_token: made = "" }) => {
    token = made;
    expect(token.length).toBeGreaterThan(20);
    expect((await cli.run(["ls"], { env: { S2_ENDPOINT: url } })).code).toBe(3);
    await cli.okRun(["ls"], { env: { S2_ENDPOINT: url, S2_ACCESS_TOKEN: token } });
  });
  const again = await whileServing(args, async ({ url, root_token: made }) => {
    expect(made).toBeUndefined();
    await cli.okRun(["ls"], { env: { S2_ENDPOINT: url, S2_ACCESS_TOKEN: token } });
  });
  expect(again.stdout + again.stderr).not.toContain(token);
});

it("A16: answers browsers of this machine and of the origins that it is given", async () => {
  const originOf = async (args: readonly string[], from: string): Promise<string | null> => {
    let origin: string | null = null;
    await whileServing(["--in-memory", ...args], async ({ url }) => {
      const response = await fetch(`${url}/v1/basins`, { headers: { origin: from } });
      origin = response.headers.get("access-control-allow-origin");
    });
    return origin;
  };
  expect(await originOf([], "http://localhost:3000")).toBe("http://localhost:3000");
  expect(await originOf([], "http://a.example")).toBeNull();
  expect(await originOf(["--no-cors"], "http://localhost:3000")).toBeNull();
  const listed = ["--cors-origin", "http://A.example/"];
  expect(await originOf(listed, "http://a.example")).toBe("http://a.example");
  expect(await originOf(listed, "http://b.example")).toBeNull();
  const wrong = await cli.run(["lite", "--port", "0", "--in-memory", "--cors-origin", "a.example"]);
  expect([wrong.code, wrong.stderr]).toEqual([
    2,
    expect.stringMatching(/expected an origin.*https:\/\/app\.example\.com.*origin=a\.example/),
  ]);
});

it("A16: serves the host names that it is given, behind a proxy", async () => {
  const statusOf = async (url: string, host: string): Promise<number | undefined> =>
    await new Promise((resolve, reject) => {
      get(`${url}/v1/basins`, { headers: { host } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).on("error", reject);
    });
  await whileServing(["--in-memory", "--allowed-host", "s2.example.com"], async ({ url }) => {
    expect(await statusOf(url, "s2.example.com")).toBe(200);
    expect(await statusOf(url, "other.example.com")).toBe(403);
  });
});

it("A16: asks for tokens when a root token is given, in whatever way, and refuses a short one", async () => {
  const token = "root-token-of-lite";
  const check = async ({ url, root_token: made }: Announced): Promise<void> => {
    expect(made).toBeUndefined();
    const env = { S2_ENDPOINT: url };
    expect((await cli.run(["ls"], { env: { ...env, S2_ACCESS_TOKEN: "x" } })).code).toBe(3);
    await cli.okRun(["ls"], { env: { ...env, S2_ACCESS_TOKEN: token } });
  };
  await whileServing(["--in-memory", "--root-token", token], check);
  await whileServing(["--in-memory"], check, { env: { S2KIT_ROOT_TOKEN: token } });
  const short = await cli.run(["lite", "--port", "0", "--in-memory", "--root-token", "x"]);
  expect([short.code, short.stderr]).toEqual([2, expect.stringMatching(/at least 16 characters/)]);
  const empty = await whileServing(["--in-memory"], () => Promise.resolve(), {
    env: { S2KIT_ROOT_TOKEN: "" },
  });
  expect(empty.stderr).toContain("S2KIT_ROOT_TOKEN is empty");
});

it("A16: shows what clients name without letting the terminal obey it", async () => {
  const id = "\u001b]0;owned\u0007\u009b31m\u202e a=b";
  for (const format of ["pretty", "json"]) {
    const args = ["--in-memory", "--root-token", "root-token-of-lite", "--log-format", format];
    const { stderr } = await whileServing(args, async ({ url }) => {
      const call = (
        token: string,
        method: string,
        path: string,
        body?: string,
      ): Promise<Response> =>
        fetch(`${url}${path}`, {
          method,
          headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
          ...given("body", body),
        });
      const issued = await call(
        "root-token-of-lite",
        "POST",
        "/v1/access-tokens",
        JSON.stringify({ id, scope: { ops: ["list-basins"] } }),
      );
      const { access_token: token } = (await issued.json()) as { access_token: string };
      await call(token, "GET", "/v1/basins");
    });
    expect(stderr).toContain("\\u001b]0;owned\\u0007\\u009b31m\\u202e a=b");
    // oxlint-disable-next-line no-control-regex -- exactly these must not be there
    expect(stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  }
});

it("A16: limits readers of a stream, which is exit code 7 for the one too many", async () => {
  const args = ["--in-memory", "--limit-stream-readers", "1"];
  await whileServing(args, async ({ url }) => {
    const env = { S2_ENDPOINT: url };
    await cli.okRun(["create-basin", "limit-basin", "--create-stream-on-append"], { env });
    await cli.okRun(["append", "s2://limit-basin/x"], { env, input: "a\n" });
    let second: Promise<RunResult> | undefined;
    const first = await cli.run(["tail", "-f", "s2://limit-basin/x"], {
      env,
      onOutput({ stdout }, child) {
        if (stdout !== "a\n" || second !== undefined) return;
        second = cli.run(["tail", "s2://limit-basin/x"], { env });
        void second.then(() => child.kill("SIGINT"));
      },
    });
    expect(first.code).toBe(130);
    expect((await second)?.code).toBe(7);
  });
});

it("A16: refuses other machines without authentication", async () => {
  const result = await cli.run(["lite", "--port", "0", "--in-memory", "--host", "0.0.0.0"]);
  expect([result.code, result.stderr]).toEqual([
    2,
    expect.stringMatching(
      /other machines reach.*host=0\.0\.0\.0\n {2}help: add --auth.*--allow-remote/,
    ),
  ]);
});

it("A16: refuses a directory that another server has, and says which", async () => {
  const directory = cli.path("data");
  await whileServing(["--local-root", directory], async () => {
    const second = await cli.run(["lite", "--port", "0", "--local-root", directory]);
    expect([second.code, second.stdout]).toEqual([1, ""]);
    expect(second.stderr).toContain(directory);
  });
});

it("A16: says what to do when the port is taken", async () => {
  const blocker = createTcpServer();
  const port = await new Promise<number>((resolve) => {
    blocker.listen(0, "127.0.0.1", () => resolve((blocker.address() as { port: number }).port));
  });
  const result = await cli.run(["lite", "--in-memory", "--port", String(port)]);
  expect([result.code, result.stderr]).toEqual([1, expect.stringContaining("--port 0")]);
  // The demo moves on to the next port instead.
  const demo = await cli.run(["demo", "--once", "--port", String(port)]);
  expect([demo.code, demo.stderr]).toEqual([0, expect.stringContaining(`port ${port} is taken`)]);
  blocker.close();
});

it("two demos get along: the second has a port and a directory of its own", async () => {
  let second: RunResult | undefined;
  const first = await cli.run(["demo", "--port", "18080"], {
    onOutput({ stderr }, child) {
      if (second !== undefined || !stderr.includes("Ctrl-C drains")) return;
      second = { code: null, stdout: "", stderr: "", bytes: Buffer.alloc(0) };
      const port = /http:\/\/127\.0\.0\.1:(\d+)/.exec(stderr)?.[1] ?? "";
      void cli.run(["demo", "--once", "--port", port]).then((done) => {
        second = done;
        child.kill("SIGINT");
      });
    },
  });
  expect([first.code, second?.code]).toEqual([0, 0]);
  expect(second?.stderr).toMatch(/port \d+ is taken, using \d+/);
  expect(second?.stderr).toMatch(/storage {3}\S+demo-\d+$/m);
});

it("the demo verifies any file byte for byte and says so", async () => {
  const path = cli.path("input.txt");
  writeFileSync(path, Buffer.from([0xff, 0x0d, 0x0a, 0x0a, 0x00, 0x41]));
  const demo = await cli.okRun(["demo", "--once", "--port", "0", path]);
  expect(demo.stderr).toContain("✓ verified: 6 bytes read back are the bytes of the file");
  const [result] = jsonLinesOf(await cli.ok("demo", "--once", "--port", "0", path, "--json", "-q"));
  expect(result).toMatchObject({ records: 3, bytes: 6, readBytes: 6 });
  expect((await cli.run(["demo", "--once", "/does/not/exist"])).code).toBe(1);
});

it("the demo keeps serving, prints commands that work, and drains on Ctrl-C", async () => {
  let pasted: RunResult | undefined;
  const result = await cli.run(["demo", "--port", "0"], {
    onOutput({ stderr }, child) {
      if (pasted !== undefined || !stderr.includes("Ctrl-C drains")) return;
      const url = /export S2_ENDPOINT=(\S+)/.exec(stderr)?.[1] ?? "";
      const uri = /tail -f (\S+)/.exec(stderr)?.[1] ?? "";
      pasted = { code: null, stdout: "", stderr: "", bytes: Buffer.alloc(0) };
      void cli
        .run(["read", uri, "-s", "0", "-n", "2"], { env: { S2_ENDPOINT: url } })
        .then((done) => {
          pasted = done;
          child.kill("SIGINT");
        });
    },
  });
  expect([result.code, pasted?.code, pasted?.stdout.length]).toEqual([0, 0, expect.any(Number)]);
  expect(linesOf(pasted?.stdout ?? "")[0]).toBe("# s2kit");
});

it("dev runs a command beside a server that is ready to use, and ends with its code", async () => {
  const script = `
    const { S2_ENDPOINT, S2_BASIN } = process.env;
    const url = S2_ENDPOINT + "/v1/streams/x/records";
    const headers = { "s2-basin": S2_BASIN, "content-type": "application/json" };
    const body = JSON.stringify({ records: [{ body: "hi" }] });
    fetch(url, { method: "POST", headers, body }).then((r) => process.exit(r.ok ? 7 : 1));`;
  const result = await cli.run(["dev", "--", process.execPath, "-e", script]);
  expect([result.code, result.stdout, result.stderr]).toEqual([7, "", ""]);
  expect((await cli.run(["dev", "--", "/does/not/exist"])).code).toBe(2);
});

it("lite verify finds a flipped byte in a data directory, and inspect shows what is there", async () => {
  const directory = cli.path("data");
  await cli.ok("demo", "--once", "--port", "0", "--local-root", directory);
  const sound = await cli.okRun(["lite", "verify", directory]);
  expect(sound.stderr).toMatch(/is sound: 1 stream, \d+ records/);
  const inspection = JSON.parse(await cli.ok("lite", "inspect", directory)) as { records: number };
  expect(inspection.records).toBeGreaterThan(100);

  const log = readdirSync(directory, { recursive: true })
    .map((name) => join(directory, String(name)))
    .find((path) => path.endsWith(".seg") && readFileSync(path).includes("durable"));
  if (log === undefined) throw new Error("no log segment holds the records");
  const bytes = readFileSync(log);
  const at = bytes.indexOf("durable");
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(log, bytes);
  const damaged = await cli.run(["lite", "verify", directory, "--json"]);
  const [report] = jsonLinesOf(damaged.stdout);
  expect([damaged.code, report?.isSound]).toEqual([1, false]);
  const missing = await cli.run(["lite", "verify", cli.path("nothing")]);
  expect(missing.code).toBe(1);
  expect(missing.stderr).toContain("there is no data directory");
});
