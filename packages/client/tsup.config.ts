import { defineConfig, type Options } from "tsup";
// @boundaries-ignore what all builds do alike
import {
  noBareChunkImports,
  plainClassNames,
  typesBanner,
} from "../../scripts/build/published-code.mjs";

const faces = {
  index: "src/index.ts",
  "index.node": "src/index.node.ts",
  "in-process": "src/transport/handler.ts",
  "node-streams": "src/node/node-streams.ts",
  testing: "src/testing/index.ts",
  opentelemetry: "src/opentelemetry/index.ts",
  streamstore: "src/streamstore/index.ts",
};

// The web face loads these when they are asked for: most pages read by fetch alone.
const late = {
  "transport/websocket": "src/transport/websocket.ts",
  "account/account-managers": "src/account/account-managers.ts",
  "session/read/reading": "src/session/read/reading.ts",
};

const lateFiles = Object.keys(late).map((name) => `./${name}.js`);

const shared: Options = {
  target: "es2023",
  // The official face stands on this package as any program does: one copy of the client.
  external: ["@s2kit/client"],
  plugins: [plainClassNames, noBareChunkImports],
};

export default defineConfig([
  // What is loaded late shares its code with what is there already, ours in chunks and core by name: a page
  // has each class once.
  {
    ...shared,
    entry: { ...faces, ...late },
    format: ["esm"],
    splitting: true,
    // Names of chunks change: older ones would be published too. Each of the two keeps what the other writes.
    clean: ["!**/*.cjs", "!**/*.d.cts"],
    dts: { entry: faces, banner: typesBanner },
  },
  {
    ...shared,
    entry: faces,
    format: ["cjs"],
    clean: ["!**/*.js", "!**/*.d.ts"],
    dts: { banner: typesBanner },
    external: ["@s2kit/client", ...lateFiles],
  },
]);
