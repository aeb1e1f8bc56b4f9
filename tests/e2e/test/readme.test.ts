// What the README tells people to paste works as it stands there: the tour through a shell, the
// SDK sample through Node. Only the port is left to chance; on a bucket the server of the tour is
// killed, its files are removed, and the next one has all of it.

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { placeOfSuite } from "@s2kit/bucket/suite";
import { expect, it } from "vitest";
import { startCommand, temporaryDirectory } from "./harness/command.js";
import { startServer } from "./harness/server.js";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../..", import.meta.url));

it("the sixty second tour runs and shows what was appended", { timeout: 60_000 }, async () => {
  await using home = await temporaryDirectory();
  const readyFile = join(home.path, "ready.txt");
  const scratch = join(home.path, "scratch");
  await mkdir(scratch);
  const place = placeOfSuite();
  const args = place === undefined ? ["--in-memory"] : [...place.args, "--bucket-scratch", scratch];
  const tour = (await block("tour"))
    .replace("lite --in-memory", `lite --port 0 ${args.join(" ")}`)
    .replace("kill %1", place === undefined ? "kill %1" : "kill -9 %1")
    .replaceAll("ready.txt", readyFile);
  expect(tour).toContain(readyFile);
  const { stdout, stderr } = await run("bash", ["-e", "-c", `set -m\n${tour}\nwait`], {
    cwd: root,
    env: {
      PATH: process.env.PATH,
      HOME: home.path,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      ...place?.env,
    },
  });

  const license = (await readFile(join(root, "LICENSE"), "utf8")).trimEnd().split("\n");
  expect(stdout).toMatch(new RegExp(`^${license.length + 1} @ \\d+$`, "m"));
  expect(stdout).toContain(license.slice(-3).join("\n"));
  expect(stdout).toMatch(/^\{"seq_num":0,"timestamp":\d+,"body":"hello, stream"\}$/m);
  expect(stdout).toMatch(/"records":\[\{"seq_num":0,.*"body":"hello, stream"\}\]/);
  expect(stderr).toContain("Stream created");
  if (place === undefined) return expect(stderr).toContain("draining");
  // Of the machine nothing is left.
  await rm(scratch, { recursive: true });
  await mkdir(scratch);
  const next = startCommand(
    ["lite", "--port", "0", ...args, "--json", "--log-format", "none"],
    home.path,
    place.env,
  );
  const [line] = await next.until(/^\{.*\}$/m);
  const { url } = JSON.parse(line) as { url: string };
  const read = await fetch(`${url}/v1/streams/notes/records?seq_num=0&count=1000`, {
    headers: { "s2-basin": "tour-basin" },
  });
  const { records } = (await read.json()) as { records: { body?: string }[] };
  expect(records.map(({ body = "" }) => body)).toEqual(["hello, stream", ...license]);
  next.child.kill("SIGTERM");
  expect((await next.ended).code).toBe(0);
});

it("the SDK sample runs as it is printed", async () => {
  await using server = await startServer();
  // Beside this file, so that the packages are found as an application would find them.
  const directory = await mkdtemp(join(dirname(fileURLToPath(import.meta.url)), ".sample-"));
  try {
    const path = join(directory, "sample.mjs");
    await writeFile(path, await block("sdk"));
    const { stdout } = await run(process.execPath, [path], {
      env: { PATH: process.env.PATH, S2_ENDPOINT: server.url },
    });
    expect(stdout).toBe("durable at 0\n0 hello\n");
  } finally {
    await rm(directory, { recursive: true });
  }
});

/** The code block after the comment that names it. */
async function block(name: string): Promise<string> {
  const readme = await readFile(join(root, "README.md"), "utf8");
  const found = new RegExp(`<!-- ${name}: [^>]*-->\\n\`\`\`\\w+\\n([^]*?)\n\`\`\``).exec(
    readme,
  )?.[1];
  if (found === undefined) throw new Error(`no such block in README.md name=${name}`);
  return found;
}
