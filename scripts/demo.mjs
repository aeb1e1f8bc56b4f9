// Builds what the command line needs, quietly, then runs its demo: `node scripts/demo.mjs [--once …]`.
// Started by `npm start` through the bootstrap, or by `pnpm demo`.

import { fileURLToPath } from "node:url";
import { run } from "./child.mjs";

const cwd = fileURLToPath(new URL("..", import.meta.url));

const started = Date.now();
const build = await run(
  "turbo",
  ["run", "build", "--filter=@s2kit/cli", "--output-logs=errors-only"],
  {
    cwd,
    capture: true,
  },
);
if (build.code !== 0) {
  process.stderr.write(`${build.output}\ns2kit: the build failed\n`);
  process.exit(build.code);
}
process.stderr.write(`s2kit: built in ${((Date.now() - started) / 1000).toFixed(1)} s\n`);

const command = ["apps/cli/dist/main.js", "demo", ...process.argv.slice(2)];
process.exit((await run("node", command, { cwd })).code);
