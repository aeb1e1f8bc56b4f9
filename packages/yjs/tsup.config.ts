import { defineConfig } from "tsup";
// @boundaries-ignore what all builds do alike
import { plainClassNames, typesBanner } from "../../scripts/build/published-code.mjs";

export default defineConfig({
  entry: { index: "src/index.ts" },
  format: ["esm"],
  target: "es2023",
  dts: { banner: typesBanner },
  clean: true,
  plugins: [plainClassNames],
});
