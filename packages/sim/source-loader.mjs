// Lets plain Node run the simulation on the sources of every package: no build between a change and its
// histories, and a fault of scripts/mutants can be planted in what is loaded (`--plant ID`).

import { existsSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";

const FACES = {
  "@s2kit/core": "core/src/index.ts",
  "@s2kit/core/control": "core/src/control.ts",
  "@s2kit/core/declarative": "core/src/declarative/index.ts",
  "@s2kit/core/server": "core/src/server.ts",
  "@s2kit/core/sse": "core/src/sse.ts",
  "@s2kit/core/testing": "core/src/testing/index.ts",
  "@s2kit/client": "client/src/index.node.ts",
  "@s2kit/producer": "producer/src/index.ts",
  "@s2kit/server-lite": "server-lite/src/index.ts",
  "@s2kit/server-lite/simulation": "server-lite/src/testing/simulation.ts",
};

const packages = new URL("../", import.meta.url);
const planted = await plantedFault(process.argv.indexOf("--plant"));

/** The fault that the command line names, with the file it is planted in. */
async function plantedFault(at) {
  if (at < 0) return undefined;
  const lists = new URL("../scripts/mutants.mjs", packages).href;
  const { loadMutants, mutate } = await import(lists);
  const { plants } = await import("./plants.mjs");
  const id = process.argv[at + 1];
  const mutant = [...plants, ...(await loadMutants())].find((each) => each.id === id);
  if (mutant === undefined) {
    process.stderr.write(`sim: scripts/mutants has no ${id}; pnpm mutants --list shows them\n`);
    process.exit(2);
  }
  return {
    url: new URL(`../${mutant.file}`, packages).href,
    plant: (text) => mutate(mutant, text),
  };
}

registerHooks({
  resolve(specifier, context, next) {
    const face = FACES[specifier];
    if (face !== undefined) return next(new URL(face, packages).href, context);
    if (specifier.startsWith(".") && specifier.endsWith(".js") && context.parentURL) {
      const source = new URL(specifier.replace(/\.js$/, ".ts"), context.parentURL);
      if (existsSync(fileURLToPath(source))) return next(source.href, context);
    }
    return next(specifier, context);
  },
  load(url, context, next) {
    const loaded = next(url, context);
    if (url !== planted?.url) return loaded;
    return { ...loaded, source: planted.plant(new TextDecoder().decode(loaded.source)) };
  },
});
