// Every command and program of the documents works as it is printed, for somebody who has installed the packages:
// `pnpm docs:run`. The gate runs the quickstart alone. Each page has a folder, a home and a shell of its own.

import { execFileSync, spawn } from "node:child_process";
import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createServer, type S2Server } from "@s2kit/server-lite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { blocksOf } from "./harness/page-blocks.js";
import type { Project, Ran } from "./harness/project.js";
import { emptyProject, hasOthers, serveStrangers } from "./harness/strangers.js";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** All pages: `pnpm docs:run`. */
const isWhole = process.env["S2KIT_DOCUMENTS"] === "all";

/** Written for who has installed the packages; README.md at the root is for clones, and run by tests/e2e. */
const PAGES = globSync(
  ["docs/*.md", "docs/guides/*.md", "packages/*/README.md", "apps/cli/README.md", "examples/*.md"],
  { cwd: ROOT },
)
  .map((path) => path.replaceAll("\\", "/"))
  // A package of this repository alone.
  .filter((path) => !path.startsWith("packages/sim/"))
  .filter((path) => isWhole || path === "docs/quickstart.md")
  .toSorted();

const PAGE_LIMIT_MS = 90_000;

serveStrangers();

describe.runIf(hasOthers)("the documents (needs npm's registry)", () => {
  let project: Project;
  let server: S2Server;
  let url: string;

  beforeAll(async () => {
    project = emptyProject();
    // What a reader of guides has; the quickstart installs it itself.
    const others = ["core", "resumable", "server-lite", "yjs"].map((name) => `@s2kit/${name}`);
    const theirs = ["@s2kit/cli", "@s2kit/client", "@s2kit/producer", "yjs", "y-protocols"];
    if (isWhole) await project.install("npm", [...theirs, ...others]);
    // Where no page says another port, any free one: this machine may be busy.
    project.write("lite.json", JSON.stringify({ port: 0 }));
    server = createServer({ port: 0 });
    ({ url } = await server.listen());
  });
  afterAll(() => server.close());

  it.each(PAGES)("%s does what it says", async (page) => {
    const { shell, files } = blocksOf(readFileSync(join(ROOT, page), "utf8"));
    if (shell === "") return;
    const folder = join(project.directory, page.replaceAll(/\W/g, "-"));
    mkdirSync(folder);
    writeFileSync(join(folder, ".npmrc"), readFileSync(join(project.directory, ".npmrc")));
    for (const [name, text] of files) writeFileSync(join(folder, name), text);
    const began = performance.now();
    const { code, output } = await runShell(shell, folder, {
      PATH: `${join(project.directory, "node_modules/.bin")}:${process.env["PATH"]}`,
      HOME: folder,
      S2_ENDPOINT: url,
      S2LITE_CONFIG: join(project.directory, "lite.json"),
    });
    if (isWhole) console.log(`${page}: ${code}, ${Math.round(performance.now() - began)} ms`);
    expect([page, code], output).toEqual([page, 0]);
  });
});

/** Job control as at a prompt; what the page left in the background ends with its shell. */
const PROLOGUE = "set -m; trap 'kill $(jobs -p) 2>/dev/null || true' EXIT";

function runShell(
  script: string,
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<Ran> {
  const child = spawn("bash", ["-e", "-o", "pipefail", "-c", `${PROLOGUE}\n${script}`], {
    cwd,
    env: { NO_COLOR: "1", CI: "1", ...machineSettings(), ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const late = setTimeout(() => {
    output += `\nstill runs after ${PAGE_LIMIT_MS / 1000} s`;
    endSession(child.pid ?? 0);
  }, PAGE_LIMIT_MS);
  return new Promise((resolve) => {
    child.on("exit", (code) => {
      clearTimeout(late);
      resolve({ code: code ?? 1, output: `${script}\n---\n${output}` });
      // Streams of what is left in the background must not be waited for.
      child.stdout.destroy();
      child.stderr.destroy();
    });
  });
}

/** All processes of the shell, jobs with groups of their own too. */
function endSession(shell: number): void {
  const listed = execFileSync("ps", ["-o", "pid=", "-s", String(shell)], { encoding: "utf8" });
  for (const pid of listed.split("\n").filter((line) => line.trim() !== ""))
    process.kill(Number(pid), "SIGKILL");
}

/** Certificates, proxies and the registry of this machine. */
function machineSettings(): Record<string, string> {
  const isOfMachine =
    /^(npm_config_registry|SSL_CERT_FILE|NODE_EXTRA_CA_CERTS|https?_proxy|no_proxy)$/i;
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      isOfMachine.test(name) && value !== undefined ? [[name, value]] : [],
    ),
  );
}
