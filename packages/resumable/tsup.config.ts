import { defineConfig } from "tsup";
// @boundaries-ignore what all builds do alike
import { plainClassNames, typesBanner } from "../../scripts/build/published-code.mjs";

export default defineConfig({
  entry: {
    context: "src/context/index.ts",
    "context-client": "src/context/client/index.ts",
    "context-react": "src/context/react/index.ts",
    aisdk: "src/aisdk/index.ts",
    "tanstack-ai": "src/tanstack-ai/index.ts",
    "assistant-ui": "src/assistant-ui/index.ts",
    anthropic: "src/anthropic/index.ts",
    "anthropic-client": "src/anthropic/client/index.ts",
    "anthropic-react": "src/anthropic/react/index.ts",
  },
  format: ["esm"],
  target: "es2023",
  dts: { banner: typesBanner },
  clean: true,
  plugins: [plainClassNames],
});
