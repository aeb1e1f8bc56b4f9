// Installs the packages as strangers do, and uses them: `pnpm packages [--all]`. Without `--all` it is what the gate
// runs; with it, every combination of package managers, compilers, test runners and runtimes, for some minutes.

import { join } from "node:path";
import { run } from "./child.mjs";
import { root, turbo } from "./stages.mjs";

const isWhole = process.argv.slice(2).includes("--all");
const env = { ...process.env, ...(isWhole ? { S2KIT_PACKAGES: "all" } : {}) };
const built = await run("turbo", turbo("build").slice(1), { cwd: root });
process.exitCode =
  built.code || (await run("vitest", ["run"], { cwd: join(root, "tests/packages"), env })).code;
