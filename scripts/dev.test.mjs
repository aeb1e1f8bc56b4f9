// `pnpm dev` with real turbo and pnpm, on a workspace of two packages that build in no time: the
// second has the output of the first built in, as the client has that of core.

import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";

const BUILD = `
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
const source = readFileSync("src/index.js", "utf8");
if (source.includes("const =")) throw new SyntaxError("src/index.js:1: a name is missing");
const below = process.argv.slice(2).map((path) => readFileSync(path, "utf8"));
mkdirSync("dist", { recursive: true });
writeFileSync("dist/index.js", [...below, source].join("\\n"));
`;

let root;
let dev;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "s2kit-dev-"));
  const { packageManager } = JSON.parse(readFileSync(`${import.meta.dirname}/../package.json`));
  const json = (path, value) => write(path, JSON.stringify(value));
  json("package.json", { name: "root", private: true, packageManager });
  json("turbo.json", {
    tasks: { build: { dependsOn: ["^build"], outputs: ["dist/**"], inputs: ["src/**"] } },
  });
  write(
    "pnpm-workspace.yaml",
    'packages: ["packages/*"]\npmOnFail: ignore\nverifyDepsBeforeRun: false\n',
  );
  write("build.mjs", BUILD);
  json("packages/below/package.json", {
    name: "@dev/below",
    version: "1.0.0",
    scripts: { build: "node ../../build.mjs" },
  });
  json("packages/above/package.json", {
    name: "@dev/above",
    version: "1.0.0",
    scripts: { build: "node ../../build.mjs ../below/dist/index.js" },
    dependencies: { "@dev/below": "workspace:*" },
  });
  write("packages/below/src/index.js", "first();\n");
  write("packages/above/src/index.js", "above();\n");
  const { status, stderr } = spawnSync("pnpm", ["install", "--offline"], { cwd: root });
  expect([status, String(stderr)]).toEqual([0, expect.anything()]);
});

afterEach(() => {
  dev?.kill("SIGKILL");
  rmSync(root, { recursive: true, force: true });
});

function write(path, text) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function start(...words) {
  const script = join(import.meta.dirname, "dev.mjs");
  const child = spawn("node", [script, "--root", root, ...words], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1" },
  });
  let said = "";
  child.stdout.on("data", (chunk) => (said += chunk));
  child.stderr.on("data", (chunk) => (said += chunk));
  const exit = new Promise((resolve) => child.on("close", resolve));
  const says = (text, count = 1) =>
    expect
      .poll(() => said.split(text).length - 1, { timeout: 60_000 })
      .toBeGreaterThanOrEqual(count);
  return { kill: (signal) => child.kill(signal), said: () => said, exit, says };
}

const above = () => readFileSync(join(root, "packages/above/dist/index.js"), "utf8");

it("shows an error, builds the mended edit and its neighbour, and ends with Ctrl-C", {
  timeout: 120_000,
}, async () => {
  dev = start();
  await dev.says("watching");
  expect(above()).toBe("first();\n\nabove();\n");

  write("packages/below/src/index.js", "export const = 1;\n");
  await dev.says("not built: mend it and save");
  expect(dev.said()).toContain("src/index.js:1: a name is missing");
  expect(above()).toContain("first();");

  write("packages/below/src/index.js", "second();\n");
  await dev.says("watching", 2);
  expect(above()).toBe("second();\n\nabove();\n");

  dev.kill("SIGINT");
  expect(await dev.exit).toBe(0);
  expect(dev.said()).toMatch(/ended\n$/);
});

it("leaves out what it was not asked for", { timeout: 60_000 }, async () => {
  dev = start("below");
  await dev.says("watching");
  expect(dev.said()).not.toContain("@dev/above");
  expect(above).toThrow("ENOENT");
});

it("refuses a name that no package has, and tells those there are", async () => {
  dev = start("kernel");
  expect(await dev.exit).toBe(2);
  expect(dev.said()).toContain("kernel; there are above, below");
});
