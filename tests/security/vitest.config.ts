import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** The sources of the packages: a fault that is planted in them is seen without a build. */
const FACES = {
  "@s2kit/core": "core/src/index.ts",
  "@s2kit/core/control": "core/src/control.ts",
  "@s2kit/core/declarative": "core/src/declarative/index.ts",
  "@s2kit/core/server": "core/src/server.ts",
  "@s2kit/core/sse": "core/src/sse.ts",
  "@s2kit/core/testing": "core/src/testing/index.ts",
  "@s2kit/client": "client/src/index.node.ts",
  "@s2kit/producer": "producer/src/index.ts",
  "@s2kit/server-lite": "server-lite/src/index.ts",
};
const packages = fileURLToPath(new URL("../../packages/", import.meta.url));

export default defineConfig({
  resolve: {
    alias: Object.entries(FACES).map(([face, file]) => ({
      find: new RegExp(`^${face}$`),
      replacement: packages + file,
    })),
  },
  test: {
    include: ["test/**/*.test.ts"],
    // One process for all files of a worker: each would load the sources of five packages anew.
    isolate: false,
    // A busy machine is no failure: cells and inputs are counted, not timed.
    testTimeout: 120_000,
    hookTimeout: 60_000,
    reporters: ["default", "json"],
    outputFile: { json: ".reports/vitest.json" },
  },
});
