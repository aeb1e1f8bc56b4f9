import { defineConfig } from "vitest/config";

/** With S2KIT_TEST_STORAGE=bucket all servers of the suite are on a bucket. */
const isOnBucket = process.env["S2KIT_TEST_STORAGE"] === "bucket";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    ...(isOnBucket ? { globalSetup: "@s2kit/bucket/suite" } : {}),
    // One process for all files of a worker, and built packages as Node loads them: parsed once.
    isolate: false,
    setupFiles: ["test/harness/setup.ts"],
    server: { deps: { external: [/\/packages\/[^/]+\/dist\//] } },
    testTimeout: 20_000,
    // A busy machine is no failure.
    expect: { poll: { timeout: 15_000 } },
    reporters: ["default", "json"],
    outputFile: { json: ".reports/vitest.json" },
  },
});
