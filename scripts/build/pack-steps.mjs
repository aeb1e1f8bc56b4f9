// What surrounds the packing of each published package: `node pack-steps.mjs before|after` as its scripts `prepack`
// and `postpack`, in the folder of the package.
//
// Before, it refuses every program but pnpm: others leave `workspace:^` in the manifest, which nobody can install, and
// leave the licence of the repository out. Then it makes a folder for each subpath (`control/package.json`), because
// bundlers and compilers that know no `exports` look for a folder of that name. After, it removes them: in the tree they
// would be one more place that says what `exports` says.

import { existsSync, mkdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const refusal = refusalOf(process.env.npm_config_user_agent ?? "");
  if (refusal !== undefined) {
    console.error(refusal);
    process.exit(1);
  }
  if (process.argv[2] === "before") writeFolders(process.cwd());
  else removeFolders(process.cwd());
}

/**
 * Why this program must not pack; undefined when it may.
 *
 * @param {string} userAgent - as package managers tell it to scripts: `npm/11.0.0 node/v24.0.0 linux x64`
 */
export function refusalOf(userAgent) {
  if (userAgent.startsWith("pnpm/")) return undefined;
  const name = userAgent.split("/")[0] || "this program";
  return `${name} would leave "workspace:" in the manifest and the licence out: pack with \`pnpm pack\`, publish with \`pnpm publish\``;
}

/**
 * The folders that stand for subpaths: those that programs without `exports` could load.
 *
 * @param {{ readonly exports?: Record<string, unknown> }} manifest
 * @returns {Map<string, string>} the text of `package.json` by the name of its folder
 */
export function foldersOf(manifest) {
  const folders = new Map();
  for (const [subpath, target] of Object.entries(manifest.exports ?? {})) {
    if (subpath === "." || target?.require === undefined) continue;
    const up = (path) => `.${path}`;
    const text = JSON.stringify(
      {
        main: up(target.require.default),
        module: up(target.import.default),
        types: up(target.require.types),
        sideEffects: false,
      },
      null,
      2,
    );
    folders.set(subpath.slice("./".length), `${text}\n`);
  }
  return folders;
}

function foldersIn(directory) {
  return foldersOf(JSON.parse(readFileSync(join(directory, "package.json"), "utf8")));
}

function writeFolders(directory) {
  for (const [name, text] of foldersIn(directory)) {
    mkdirSync(join(directory, name), { recursive: true });
    writeFileSync(join(directory, name, "package.json"), text);
  }
}

function removeFolders(directory) {
  for (const name of foldersIn(directory).keys()) {
    rmSync(join(directory, name, "package.json"), { force: true });
    // Not what somebody else put there.
    if (existsSync(join(directory, name))) rmdirSync(join(directory, name));
  }
}
