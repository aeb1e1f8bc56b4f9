import { defineConfig } from "tsup";

export default defineConfig({
  entry: {
    index: "src/index.ts",
    "index.node": "src/index.node.ts",
    "in-process": "src/transport/handler.ts",
    "node-streams": "src/node/node-streams.ts",
    "transport/websocket": "src/transport/websocket.ts",
    testing: "src/testing/index.ts",
  },
  format: ["esm", "cjs"],
  target: "es2023",
  dts: true,
  clean: true,
  // No chunks: bundlers warn about imports that only load one.
  splitting: false,
  // The web face loads this file when it is asked for: most pages read by fetch alone.
  external: ["./transport/websocket.js"],
  sourcemap: true,
});
