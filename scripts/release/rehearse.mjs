// A whole release, on this machine: `pnpm release:rehearse`. In a clone of what is committed it sets versions, builds,
// packs and publishes to a registry of its own; then a stranger installs from there and uses it. Ends with 1 and
// one line for each gap. The checkout and npm's registry stay as they are.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "../child.mjs";
import { gapsOf, gapsOfPublished } from "./gaps.mjs";
import { startRegistry } from "./registry.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const home = mkdtempSync(join(tmpdir(), "s2kit-release-"));
const clone = join(home, "clone");
const project = join(home, "project");

async function must(title, command, args, options = {}) {
  console.log(`── ${title}`);
  const { code } = await run(command, args, { cwd: clone, ...options });
  if (code !== 0) throw new Error(`${title} failed (exit ${code})`);
}

function candidatesOf(directory) {
  return ["packages", "apps"]
    .flatMap((area) => readdirSync(join(directory, area)).map((name) => `${area}/${name}`))
    .flatMap((folder) => {
      const manifest = read(join(directory, folder, "package.json"));
      if (manifest === undefined || JSON.parse(manifest).private === true) return [];
      const changelog = read(join(directory, folder, "CHANGELOG.md"));
      return [{ folder, manifest: JSON.parse(manifest), changelog }];
    });
}

function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function refuse(gaps) {
  for (const gap of gaps) console.error(`gap: ${gap}`);
  if (gaps.length > 0) throw new Error(`${gaps.length} gaps`);
}

async function rehearse(registry) {
  await must("clone what is committed", "git", ["clone", "--quiet", "--local", root, clone], {
    cwd: root,
  });
  await must("install", "pnpm", [
    "install",
    "--frozen-lockfile",
    "--prefer-offline",
    "--reporter=silent",
  ]);
  await must("versions and changelogs", "pnpm", ["exec", "changeset", "version"]);
  const left = readdirSync(join(clone, ".changeset")).filter(
    (name) => name.endsWith(".md") && name !== "README.md",
  );
  const candidates = candidatesOf(clone);
  refuse(gapsOf(candidates, left));
  const { version } = candidates[0].manifest;
  const names = candidates.map(({ manifest }) => manifest.name);
  const filters = names.map((name) => `--filter=${name}`);
  await must("the lockfile follows", "pnpm", [
    "install",
    "--lockfile-only",
    "--prefer-offline",
    "--reporter=silent",
  ]);
  await must("build", "turbo", ["run", "build", "--output-logs=errors-only", ...filters]);
  await must("publish shape", "turbo", [
    "run",
    "check:publish",
    "--output-logs=errors-only",
    ...filters,
  ]);
  writeFileSync(join(home, "npmrc"), `${registry.url.replace("http:", "")}:_authToken=rehearsal\n`);
  const publishing = [
    "publish",
    "--recursive",
    ...filters,
    "--no-git-checks",
    `--registry=${registry.url}`,
  ];
  await must("pack and publish", "pnpm", publishing, {
    env: { ...process.env, npm_config_userconfig: join(home, "npmrc") },
  });
  refuse(gapsOfPublished(registry.packages, names, version));
  await useAsStranger(registry, names, version);
  return `${names.length} packages as ${version}`;
}

/** Installs all of it into an empty project by npm, and runs the command. */
async function useAsStranger(registry, names, version) {
  await must("an empty project", process.execPath, [
    "-e",
    `fs.mkdirSync(${JSON.stringify(project)})`,
  ]);
  writeFileSync(join(project, "package.json"), '{"name":"stranger","type":"module"}\n');
  writeFileSync(join(project, ".npmrc"), `@s2kit:registry=${registry.url}\n`);
  const options = { cwd: project };
  await must(
    "install as a stranger",
    "npm",
    ["install", "--no-audit", "--no-fund", ...names],
    options,
  );
  const bin = join(project, "node_modules/.bin/s2kit");
  await must(
    `the command says ${version}`,
    "sh",
    ["-c", `"${bin}" --version | grep -qx "s2kit ${version}"`],
    options,
  );
  await must("a server, a file through it, verified", bin, ["demo", "--once"], options);
}

const registry = await startRegistry();
try {
  console.log(`✓ the rehearsal is green: ${await rehearse(registry)}`);
} catch (error) {
  console.error(`✗ ${error.message}`);
  process.exitCode = 1;
} finally {
  registry.close();
  rmSync(home, { recursive: true, force: true });
}
