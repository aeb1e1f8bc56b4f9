import { defineConfig } from "tsup";
// @boundaries-ignore what all builds do alike
import { plainClassNames, typesBanner } from "../../scripts/build/published-code.mjs";

export default defineConfig([
  {
    entry: {
      index: "src/index.ts",
      "index.node": "src/index.node.ts",
      "in-process": "src/transport/handler.ts",
      "node-streams": "src/node/node-streams.ts",
      testing: "src/testing/index.ts",
      streamstore: "src/streamstore/index.ts",
    },
    format: ["esm", "cjs"],
    target: "es2023",
    dts: { banner: typesBanner },
    clean: ["!transport/**", "!account/**", "!session/**"],
    plugins: [plainClassNames],
    // No chunks: bundlers warn about imports that only load one.
    splitting: false,
    // The official face stands on this package as any program does: one copy of the client.
    external: [
      "./transport/websocket.js",
      "./account/account-managers.js",
      "./session/read/read-sse-wire.js",
      "@s2kit/client",
    ],
  },
  {
    // The web face loads these files when they are asked for: most pages read by fetch alone. They bring
    // what they need of core along, because sharing would make every page pay for it.
    entry: {
      "transport/websocket": "src/transport/websocket.ts",
      "account/account-managers": "src/account/account-managers.ts",
      "session/read/read-sse-wire": "src/session/read/read-sse-wire.ts",
    },
    format: ["esm"],
    target: "es2023",
    dts: false,
    plugins: [plainClassNames],
    splitting: false,
    noExternal: ["@s2kit/core"],
  },
]);
