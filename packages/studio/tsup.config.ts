import { defineConfig } from "tsup";

export default defineConfig({
  entry: { index: "src/index.ts" },
  format: ["esm", "cjs"],
  target: "node22",
  dts: true,
  // Finds its folder by `import.meta.url` in both formats.
  shims: true,
  clean: true,
});
