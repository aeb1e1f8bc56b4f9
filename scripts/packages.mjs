// Installs the packages as strangers do, and uses them: `pnpm packages [--all]`. Without `--all` it is what the gate
// runs; with it, every combination of package managers, compilers, test runners and runtimes, for some minutes. With
// `--documents` it runs every command and program of the documents as printed: `pnpm docs:run`.

import { join } from "node:path";
import { run } from "./child.mjs";
import { root, turbo } from "./stages.mjs";

const args = process.argv.slice(2);
const env = {
  ...process.env,
  ...(args.includes("--all") ? { S2KIT_PACKAGES: "all" } : {}),
  ...(args.includes("--documents") ? { S2KIT_DOCUMENTS: "all" } : {}),
};
const suites = args.includes("--documents") ? ["test/documents.test.ts"] : [];
const built = await run("turbo", turbo("build").slice(1), { cwd: root });
process.exitCode =
  built.code ||
  (await run("vitest", ["run", ...suites], { cwd: join(root, "tests/packages"), env })).code;
