import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig, type Options } from "tsup";
// @boundaries-ignore what all builds do alike
import {
  plainClassNames,
  thirdPartyNotices,
  typesBanner,
} from "../../scripts/build/published-code.mjs";

const addon = fileURLToPath(new URL("src/storage/disk/state/lmdb-addon.ts", import.meta.url));

/**
 * LMDB is bundled: its own package has an install script, which package managers do not run unasked. What it asks
 * for natively is found by us in the packages of its platforms, and the encoder of values, which has such a script
 * too, comes in its form without native code: the engine's values are bytes.
 */
const bundledLmdb: NonNullable<Options["esbuildPlugins"]>[number] = {
  name: "bundled-lmdb",
  setup(build) {
    build.onResolve({ filter: /^node-gyp-build-optional-packages$/ }, () => ({
      path: "lmdb-addon",
      namespace: "bundled-lmdb",
    }));
    build.onLoad({ filter: /.*/, namespace: "bundled-lmdb" }, () => ({
      contents: `export { loadLmdbAddon as default } from ${JSON.stringify(addon)};`,
      resolveDir: fileURLToPath(new URL(".", import.meta.url)),
    }));
    build.onResolve({ filter: /^msgpackr$/ }, async ({ resolveDir, kind }) => {
      const { path } = await build.resolve("msgpackr/index-no-eval", { resolveDir, kind });
      return { path };
    });
  },
};

/**
 * The bundled library of the metrics page asks for OpenTelemetry when it is loaded, for exemplars, which nothing here
 * turns on. The package is an optional peer of another face: who has not installed it has a metrics page all the same.
 */
const withoutExemplars: NonNullable<Options["esbuildPlugins"]>[number] = {
  name: "without-exemplars",
  setup(build) {
    build.onResolve({ filter: /^@opentelemetry\/api$/ }, ({ path, importer }) =>
      importer.includes("prom-client")
        ? { path: "no-exemplars", namespace: "without-exemplars" }
        : { path, external: true },
    );
    build.onLoad({ filter: /.*/, namespace: "without-exemplars" }, () => ({
      contents: "module.exports = {};",
    }));
  },
};

const manifest = fileURLToPath(new URL("package.json", import.meta.url));
const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { readonly version: string };

const requireOfEsm = `import { createRequire as __createRequire } from "node:module";
const require = __createRequire(import.meta.url);`;

// What is optional is looked for when it is asked for: bundled, it would not be.
const shared: Options = {
  target: "node22",
  define: { S2KIT_SERVER_VERSION: JSON.stringify(version) },
  dts: { banner: typesBanner },
  external: ["@s2kit/studio"],
  noExternal: ["lmdb", "prom-client"],
  // CommonJS that is bundled into ES modules still asks for `require`.
  banner: ({ format }) => (format === "esm" ? { js: requireOfEsm } : undefined),
  plugins: [plainClassNames],
  esbuildPlugins: [bundledLmdb],
};

const notices = thirdPartyNotices("dist/THIRD-PARTY.txt");

export default defineConfig([
  {
    ...shared,
    entry: { index: "src/index.ts", opentelemetry: "src/opentelemetry/index.ts" },
    format: ["esm", "cjs"],
    // Files of ours are found by `import.meta.url`, in both formats.
    shims: true,
    clean: true,
    noExternal: ["lmdb", "prom-client", "@opentelemetry/api"],
    esbuildPlugins: [withoutExemplars, bundledLmdb, notices],
  },
  // vitest, which the suites import, is ESM only.
  {
    ...shared,
    entry: { testing: "src/testing/index.ts", simulation: "src/testing/simulation.ts" },
    format: ["esm"],
  },
]);
