import { defineConfig } from "tsup";

export default defineConfig([
  {
    entry: {
      index: "src/index.ts",
      "index.node": "src/index.node.ts",
      "in-process": "src/transport/handler.ts",
      "node-streams": "src/node/node-streams.ts",
      testing: "src/testing/index.ts",
    },
    format: ["esm", "cjs"],
    target: "es2023",
    dts: true,
    clean: ["!transport/**"],
    sourcemap: true,
    // No chunks: bundlers warn about imports that only load one.
    splitting: false,
    external: ["./transport/websocket.js"],
  },
  {
    // The web face loads this file when it is asked for: most pages read by fetch alone. It brings what
    // it needs of core along, because sharing would make every page pay for the frame codec.
    entry: { "transport/websocket": "src/transport/websocket.ts" },
    format: ["esm"],
    target: "es2023",
    dts: false,
    sourcemap: true,
    noExternal: ["@s2kit/core"],
  },
]);
