import { defineConfig } from "tsup";

export default defineConfig({
  entry: {
    index: "src/index.ts",
    "index.node": "src/index.node.ts",
    "node-streams": "src/node/node-streams.ts",
    testing: "src/testing/index.ts",
  },
  format: ["esm", "cjs"],
  target: "es2023",
  dts: true,
  clean: true,
  // No chunks: bundlers warn about imports that only load one.
  splitting: false,
  sourcemap: true,
});
