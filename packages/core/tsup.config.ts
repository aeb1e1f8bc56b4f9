import { defineConfig } from "tsup";
// @boundaries-ignore what all builds do alike
import { plainClassNames, typesBanner } from "../../scripts/build/published-code.mjs";

export default defineConfig({
  entry: {
    index: "src/index.ts",
    control: "src/control.ts",
    declarative: "src/declarative/index.ts",
    server: "src/server.ts",
    sse: "src/sse.ts",
    testing: "src/testing/index.ts",
  },
  format: ["esm", "cjs"],
  target: "es2023",
  dts: { banner: typesBanner },
  clean: true,
  plugins: [
    plainClassNames,
    {
      // The faces share chunks, and esbuild keeps the order in which they load by imports without
      // names. Nothing in core has a side effect, so they do nothing but make bundlers warn.
      name: "no-bare-chunk-imports",
      renderChunk: (code) => ({ code: code.replace(/^import "\.\/chunk-\w+\.js";$/gm, "") }),
    },
  ],
});
