// Programs that a test starts many times, bundled once. From its sources each start would find, strip
// and link some hundred files anew, which takes most of what such a test takes.

import { rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "tsup";
import { afterAll, beforeAll } from "vitest";

const PACKAGE = join(import.meta.dirname, "../..");
/** On a machine that does other things. */
const BUNDLE_MS = 60_000;

/**
 * Bundles a program of `storage/programs`, with the sources it is made of, for the tests of a file;
 * packages stay where they are.
 *
 * @param name - of its file, without the ending
 * @returns the file to start
 */
export function builtProgram(name: string): string {
  // Within the package: there its dependencies are found.
  const outDir = join(PACKAGE, `node_modules/.cache/programs/${name}-${process.pid}`);
  beforeAll(
    () =>
      build({
        config: false,
        entry: [join(PACKAGE, `test/storage/programs/${name}.ts`)],
        outDir,
        format: ["esm"],
        target: "node22",
        outExtension: () => ({ js: ".mjs" }),
        // Also those that the build of this package brings along.
        skipNodeModulesBundle: true,
        silent: true,
      }),
    BUNDLE_MS,
  );
  afterAll(() => rmSync(outDir, { recursive: true, force: true }));
  return join(outDir, `${name}.mjs`);
}
