// Asks `attw` whether every way to import a package finds its types, as it would be published:
// `node check-types.mjs [arguments of attw]` in the folder of the package. attw packs with npm, which the packages refuse.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../child.mjs";

const directory = mkdtempSync(join(tmpdir(), "s2kit-types-"));
const file = join(directory, "package.tgz");
try {
  const packed = await run("pnpm", ["pack", "--out", file], { capture: true });
  if (packed.code !== 0) console.error(packed.output);
  process.exitCode = packed.code || (await run("attw", [file, ...process.argv.slice(2)])).code;
} finally {
  rmSync(directory, { recursive: true, force: true });
}
