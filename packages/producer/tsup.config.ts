import { defineConfig } from "tsup";
// @boundaries-ignore what all builds do alike
import { plainClassNames, typesBanner } from "../../scripts/build/published-code.mjs";

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
  dts: { banner: typesBanner },
  clean: true,
  plugins: [plainClassNames],
});
