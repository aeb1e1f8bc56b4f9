// Sets up everything a fresh clone needs, then runs one of the scripts beside this file:
//   node scripts/bootstrap.mjs demo|verify [arguments of that script]
// Needs only Node >= 18 and npm. Uses the machine's Node and pnpm when they are new enough, else
// fetches both from the npm registry into .toolchain/, which git ignores and nothing else touches.
// The reasons behind each step are in docs/decisions/0001-toolchain.md.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./child.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const toolchain = join(root, ".toolchain");
const stampFile = join(toolchain, "installed");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const windows = process.platform === "win32"; // npm and pnpm are .cmd files there: start them in a shell

const bins = [join(toolchain, "node_modules", ".bin"), join(root, "node_modules", ".bin")];
const pathName = Object.keys(process.env).find((name) => name.toUpperCase() === "PATH") ?? "PATH";
const env = {
  ...process.env,
  [pathName]: [...bins, process.env[pathName]].join(delimiter),
  TURBO_TELEMETRY_DISABLED: "1",
  TURBO_NO_UPDATE_NOTIFIER: "1",
};

const [script, ...args] = process.argv.slice(2);
if (script !== "demo" && script !== "verify")
  stop(`unknown task script=${script}`, "use demo or verify");

prepareFolder();
await fetchTools();
await installPackages();
process.exit(
  (await run("node", [join(root, "scripts", `${script}.mjs`), ...args], { cwd: root, env })).code,
);

/** Makes .toolchain with a manifest that lets npm run pnpm's install script, and no other. */
function prepareFolder() {
  try {
    mkdirSync(toolchain, { recursive: true });
    const own = { private: true, allowScripts: { pnpm: true } };
    writeFileSync(join(toolchain, "package.json"), `${JSON.stringify(own, null, 2)}\n`);
  } catch (error) {
    stop(
      `cannot write to ${toolchain}: ${error.message}`,
      "give yourself write permission on the folder of this clone, then try again",
    );
  }
}

/** Fetches Node and pnpm, each only when the machine's own is missing or too old. */
async function fetchTools() {
  const missing = [];
  const [node, pnpm] = await Promise.all([version("node"), version("pnpm")]);
  if (!isAtLeast(node, manifest.engines.node)) missing.push(nodePackage(node));
  if (!isAtLeast(pnpm, manifest.engines.pnpm)) missing.push(manifest.packageManager);
  if (missing.length === 0) return;

  say(`fetching ${missing.join(" and ")} into .toolchain`);
  const flags = [
    "--no-save",
    "--no-package-lock",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
    "--fetch-retry-mintimeout=1000",
    "--fetch-retry-maxtimeout=3000",
  ];
  const npm = await run("npm", ["install", ...flags, "--prefix", toolchain, ...missing], {
    cwd: toolchain,
    capture: true,
    shell: windows,
  });
  if (npm.code === 127) stop("npm was not found", "install Node together with npm, then try again");
  if (npm.code !== 0) stop("npm could not fetch the tools", remedy(npm.output), npm.output);

  const [fetchedNode, fetchedPnpm] = await Promise.all([version("node"), version("pnpm")]);
  if (!isAtLeast(fetchedNode, manifest.engines.node))
    stop(
      "the fetched Node does not run on this machine",
      `install Node ${manifest.engines.node} yourself, then try again`,
    );
  if (!isAtLeast(fetchedPnpm, manifest.engines.pnpm))
    stop(
      "the fetched pnpm does not run on this machine",
      `install ${manifest.packageManager} yourself, then try again`,
    );
  say(`using Node ${fetchedNode} and pnpm ${fetchedPnpm}`);
}

/** Installs the workspace from its lockfile, unless nothing changed since the last good install. */
async function installPackages() {
  const stamp = fingerprint();
  const installed = existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp;
  if (installed && existsSync(join(root, "node_modules", ".modules.yaml"))) return;

  say("installing packages");
  const flags = ["--frozen-lockfile", "--prefer-offline", "--reporter=append-only"];
  const pnpm = await run("pnpm", ["install", ...flags], {
    cwd: root,
    env,
    capture: true,
    shell: windows,
  });
  if (pnpm.code !== 0)
    stop("pnpm could not install the packages", remedy(pnpm.output), pnpm.output);
  writeFileSync(stampFile, stamp);
}

/** One hash over what decides the content of node_modules. */
function fingerprint() {
  const workspace = readFileSync(join(root, "pnpm-workspace.yaml"), "utf8");
  const folders = [...workspace.matchAll(/^ +- "([\w-]+)\/\*"$/gm)].map((match) => match[1]);
  const members = folders
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) =>
      readdirSync(join(root, folder)).map((name) => join(folder, name, "package.json")),
    );
  const hash = createHash("sha256").update(`${process.platform}-${process.arch}\n`);
  for (const file of ["pnpm-lock.yaml", "pnpm-workspace.yaml", "package.json", ...members.sort()]) {
    if (existsSync(join(root, file)))
      hash.update(`${file}\n`).update(readFileSync(join(root, file)));
  }
  return hash.digest("hex");
}

/** The version a tool reports when it is started as the scripts will start it, or undefined. */
async function version(tool) {
  const { code, output } = await run(tool, ["--version"], {
    cwd: toolchain,
    env,
    capture: true,
    shell: windows,
  });
  return code === 0 ? /(\d+\.\d+\.\d+)/.exec(output)?.[1] : undefined;
}

/** Compares with a range of the only form used in our manifests, ">=1.2.3". */
function isAtLeast(actual, range) {
  if (actual === undefined) return false;
  const [a, b] = [actual, range.replace(">=", "")].map((text) => text.split(".").map(Number));
  const first = a.findIndex((part, i) => part !== b[i]);
  return first === -1 || a[first] > b[first];
}

/** The registry's package with the Node executable for this machine, where there is one. */
function nodePackage(current) {
  const platform = { linux: "linux", win32: "win" }[process.platform];
  const target = `${platform}-${process.arch}`;
  if (["linux-x64", "linux-arm64", "win-x64"].includes(target))
    return `node-${target}@${manifest.config.node}`;
  return stop(
    `Node ${manifest.engines.node} is needed, this is ${current ?? "none"}; no package brings it to ${process.platform}-${process.arch}`,
    `install Node ${manifest.config.node} (or any ${manifest.engines.node}) yourself, then try again`,
  );
}

/** What to do about a failed download, guessed from the tool's words. */
function remedy(output) {
  if (
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|error sending request|dns error/i.test(
      output,
    )
  )
    return "the package registry cannot be reached: check the network or proxy, then try again";
  if (/EACCES|EPERM|EROFS|Permission denied|Read-only file system/i.test(output))
    return "a folder is not writable: give yourself write permission on this clone, then try again";
  if (/ENOSPC|No space left/i.test(output)) return "the disk is full: about 1 GB is needed";
  if (/OUTDATED_LOCKFILE/.test(output))
    return "a package.json changed: run `pnpm install` once and keep the new pnpm-lock.yaml";
  return "the output above says why";
}

function say(message) {
  process.stderr.write(`s2kit: ${message}\n`);
}

function stop(problem, advice, output = "") {
  if (output) process.stderr.write(`${output.trimEnd()}\n\n`);
  say(`${problem}\n       ${advice}`);
  process.exit(1);
}
