import { defineConfig } from "tsup";

export default defineConfig({
  entry: { index: "src/index.ts", patterns: "src/patterns/index.ts" },
  splitting: false,
  format: ["esm", "cjs"],
  target: "es2023",
  dts: true,
  clean: true,
  sourcemap: true,
});
