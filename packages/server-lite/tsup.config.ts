import { defineConfig, type Options } from "tsup";

// What is optional is looked for when it is asked for: bundled, it would not be.
const shared: Options = {
  target: "node22",
  dts: true,
  sourcemap: true,
  external: ["@s2kit/studio"],
};

export default defineConfig([
  { ...shared, entry: { index: "src/index.ts" }, format: ["esm", "cjs"], clean: true },
  // vitest, which the suites import, is ESM only.
  {
    ...shared,
    entry: { testing: "src/testing/index.ts", simulation: "src/testing/simulation.ts" },
    format: ["esm"],
  },
]);
