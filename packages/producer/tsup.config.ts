import { defineConfig } from "tsup";

export default defineConfig({
  entry: {
    index: "src/index.ts",
    patterns: "src/patterns/index.ts",
    streamstore: "src/streamstore/index.ts",
    "streamstore-patterns": "src/streamstore-patterns/index.ts",
  },
  splitting: false,
  format: ["esm", "cjs"],
  target: "es2023",
  dts: true,
  clean: true,
  sourcemap: true,
});
