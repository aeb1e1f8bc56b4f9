// Runs a recipe of docs/guides/recipes.md whose packages are too large for the gate: installs them with npm in a
// directory of their own, starts `s2kit lite` in memory, runs the program beside it, and takes all away again.
// Needs the registry. `pnpm recipe livestore`.

import { spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer } from "@s2kit/server-lite";

/** What each recipe installs, at the versions that it was run with. */
const RECIPES = {
  livestore: ["@livestore/sync-s2@0.4.0"],
};

const [name = ""] = process.argv.slice(2);
const packages = RECIPES[name];
if (packages === undefined) {
  console.error(`usage: pnpm recipe ${Object.keys(RECIPES).join("|")}`);
  process.exit(2);
}

const directory = mkdtempSync(join(tmpdir(), `s2kit-recipe-${name}-`));
const server = createServer({ port: 0 });
try {
  writeFileSync(join(directory, "package.json"), '{ "private": true, "type": "module" }\n');
  copyFileSync(new URL(`${name}.mjs`, import.meta.url), join(directory, "recipe.mjs"));
  await run("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", ...packages]);
  const { url } = await server.listen();
  await run(process.execPath, ["recipe.mjs"], { S2_ENDPOINT: url });
} finally {
  await server.close();
  rmSync(directory, { recursive: true, force: true });
}

function run(command, args, env = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: directory,
      stdio: "inherit",
      env: { ...process.env, ...env },
    });
    child.on("error", reject);
    child.on("close", (code) =>
      code === 0 ? resolve() : reject(new Error(`${command} ended with ${code}`)),
    );
  });
}
