// Everything that the command line prints and leaves behind, with marked secrets given in each way that it
// takes them: environment, flags, files, standard input; in success and in failure, with stacks.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer as createPeer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Marks } from "./marks.js";

const MAIN = fileURLToPath(new URL("../../../../apps/cli/dist/main.js", import.meta.url));

const marks = new Marks();
const ROOT = marks.add("root token", "rootMark-Su4.Xc83PoD6vLe1");
const STRANGER = marks.add("refused token", "strangerMark-Yk2.Ht67FbN9");
const STORED = marks.add("stored token", "storedMark-Ua5.Qm92JwR7");
const KEY = marks.add("encryption key", Buffer.alloc(32, 0x3e).toString("base64"));
const OTHER = marks.add("another key", Buffer.alloc(32, 0x77).toString("base64"));
const PASSWORD = marks.add("password of an endpoint", "passMark-Ze8.Gv41TiX5");
const PLAIN = marks.add("record of an encrypted stream", "recordMark-Ol3.Bs76");

const directory = mkdtempSync(join(tmpdir(), "s2kit-secret-command-"));
const home = join(directory, "home");
const data = join(directory, "data");
let url = "";
let runs = 0;

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function environment(more: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
    HOME: home,
    APPDATA: home,
    LOCALAPPDATA: home,
    ...(url === "" ? {} : { S2_ENDPOINT: url }),
    ...more,
  };
}

function run(
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
  input = "",
): Promise<Ran> {
  runs++;
  const child = spawn(process.execPath, [MAIN, ...args], { env: environment(more) });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  return new Promise((resolve) => {
    child.on("close", (code) =>
      resolve({
        code,
        stdout: Buffer.concat(out).toString(),
        stderr: Buffer.concat(err).toString(),
      }),
    );
  });
}

/** Runs and searches all that was printed. */
async function quietRun(
  args: readonly string[],
  more?: Readonly<Record<string, string>>,
  input?: string,
): Promise<Ran> {
  const ran = await run(args, more, input);
  const place = `${args.join(" ").slice(0, 60)}: ${ran.stderr.slice(0, 300)}`;
  expect(marks.in(place, ran.stdout + ran.stderr)).toEqual([]);
  return ran;
}

let lite: ChildProcess;
let liteOutput = "";
beforeAll(async () => {
  const args = [
    MAIN,
    "lite",
    "--port",
    "0",
    "--local-root",
    data,
    "--log-format",
    "json",
    "--json",
  ];
  lite = spawn(process.execPath, args, { env: environment({ S2KIT_ROOT_TOKEN: ROOT }) });
  for (const stream of [lite.stdout, lite.stderr])
    stream?.on("data", (chunk: Buffer) => {
      liteOutput += chunk.toString();
    });
  const found = await waitFor(() => /"url":"([^"]+)"/.exec(liteOutput)?.[1]);
  url = found;
});
afterAll(() => {
  lite.kill("SIGKILL");
  rmSync(directory, { recursive: true, force: true });
});

async function waitFor<T>(look: () => T | undefined): Promise<T> {
  for (let tries = 0; tries < 2000; tries++) {
    const found = look();
    if (found !== undefined) return found;
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
  }
  throw new Error(`did not come: ${liteOutput}`);
}

const AS_ROOT = { S2_ACCESS_TOKEN: ROOT, S2_ENCRYPTION_KEY: KEY };
const STREAM = "s2://secret-basin/s";

describe("the command line", () => {
  it("prints no secret when all goes well", async () => {
    const good: readonly (readonly [readonly string[], string?])[] = [
      [["create-basin", "secret-basin", "--stream-cipher", "aegis-256"]],
      [["create-stream", STREAM]],
      [["append", STREAM], "one\n"],
      [["check-tail", STREAM, "--json"]],
      [["list-access-tokens", "--json"]],
      [["ls", "secret-basin"]],
      [["auth", "status", "--json"]],
    ];
    for (const [args, input] of good) {
      const { code, stderr } = await quietRun(args, AS_ROOT, input);
      expect(code, `${args.join(" ")}: ${stderr}`).toBe(0);
    }
    const appended = await quietRun(["append", STREAM], AS_ROOT, `${PLAIN}\n`);
    expect(appended.code).toBe(0);
    // Whoever has the key reads the record, and sees nothing else.
    const read = await run(["read", STREAM, "--seq-num", "0", "--count", "2"], AS_ROOT);
    expect(read.stdout).toBe(`one\n${PLAIN}\n`);
    expect(marks.in("read", read.stdout.replace(PLAIN, "") + read.stderr)).toEqual([]);
  });

  it("shows a new token once, on standard output", async () => {
    const args = ["issue-access-token", "fresh", "--op-group-perms", "stream=r", "--json"];
    const issued = await quietRun(args, AS_ROOT);
    const token = /s2kit_[\w-]{20,}/.exec(issued.stdout)?.[0] ?? "";
    expect(issued.stderr, issued.stderr).not.toContain("s2kit_");
    expect(token).not.toBe("");
    marks.add("issued token", token);
    const listed = await quietRun(["list-access-tokens", "--json"], AS_ROOT);
    expect(listed.stdout).toContain("fresh");
  });

  it.each<[string, readonly string[], Readonly<Record<string, string>>, number]>([
    ["a refused token", ["ls", "--debug"], { S2_ACCESS_TOKEN: STRANGER }, 3],
    ["a token as a flag", ["ls", "--debug", "--token", STRANGER], {}, 3],
    ["a token as JSON fails", ["ls", "--json", "--token", STRANGER], {}, 3],
    ["a wrong flag", ["ls", `--tokn=${STRANGER}`], {}, 2],
    ["a wrong flag and a value", ["ls", "--tokn", STRANGER], {}, 2],
    ["a flag of another command", ["ls", `--encryption-key=${KEY}`], {}, 2],
    ["a token where none is taken", ["auth", "access-token", "set", STRANGER], {}, 2],
    ["a key that is none", ["read", STREAM, "-k", `${KEY}${KEY}`, "--debug"], AS_ROOT, 2],
    [
      "another key",
      ["read", STREAM, "--seq-num", "0", "--debug"],
      { ...AS_ROOT, S2_ENCRYPTION_KEY: OTHER },
      1,
    ],
  ])("prints none with %s", async (_, args, more, code) => {
    const ran = await quietRun(args, more);
    expect(ran.code === code || ran.code === 1, `${ran.code} ${ran.stderr}`).toBe(true);
  });

  it("prints no password of an endpoint, wherever it is set", async () => {
    const endpoint = `http://user:${PASSWORD}@127.0.0.1:1`;
    const signed = `http://127.0.0.1:1/v1?sig=${PASSWORD}`;
    for (const wrong of [endpoint, signed]) {
      const env = { S2_ENDPOINT: wrong, S2_ACCESS_TOKEN: STRANGER };
      expect((await quietRun(["ls", "--debug"], env)).code).toBe(2);
      expect((await quietRun(["ls", "--endpoint", wrong, "--json"], AS_ROOT)).code).toBe(2);
      expect((await quietRun(["auth", "status", "--json"], env)).code).toBe(2);
      expect((await quietRun(["config", "set", "account_endpoint", wrong])).code).toBe(2);
    }
    expect(marks.in("the home", (await run(["config", "list"])).stdout)).toEqual([]);
  });

  it("prints none when the peer breaks, or nobody is there", async () => {
    const peer = createPeer((socket) => socket.on("data", () => socket.resetAndDestroy()));
    await new Promise<void>((resolve) => peer.listen(0, "127.0.0.1", resolve));
    const { port } = peer.address() as { readonly port: number };
    const broken = { ...AS_ROOT, S2_ENDPOINT: `http://127.0.0.1:${port}` };
    expect((await quietRun(["check-tail", STREAM, "--debug"], broken)).code).not.toBe(0);
    peer.close();
    const nobody = { ...AS_ROOT, S2_ENDPOINT: "http://127.0.0.1:1" };
    expect((await quietRun(["append", STREAM, "--debug"], nobody, "x\n")).code).not.toBe(0);
  });

  it("keeps a stored token in one file, for its owner alone", async () => {
    const args = ["auth", "access-token", "set", "--stdin", "--insecure-storage"];
    const saved = await quietRun(args, {}, `${STORED}\n`);
    expect(saved.code, saved.stderr).toBe(0);
    await quietRun(["auth", "status", "--json"]);
    await quietRun(["config", "list", "--json"]);
    const found = marks.below(home);
    expect(found.length).toBe(1);
    const file = join(home, (found[0] ?? "").replace(/^.* in /, ""));
    expect(statSync(file).mode & 0o077).toBe(0);
    expect(readFileSync(file, "utf8")).toContain(STORED);
  });

  it("serves without a secret in its log, its directory, and what inspects it", async () => {
    const ended = new Promise((resolve) => lite.once("close", resolve));
    lite.kill("SIGTERM");
    await ended;
    expect(liteOutput).toContain('"path":"/v1/basins"');
    expect(marks.in("the log", liteOutput)).toEqual([]);
    expect(marks.below(data)).toEqual([]);
    for (const command of ["inspect", "verify"])
      expect((await quietRun(["lite", command, data, "--json"])).code).toBe(0);
    console.log(`secrets: the output of ${runs} commands searched`);
  });
});
