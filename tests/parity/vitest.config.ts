import { defineConfig } from "vitest/config";

/** With S2KIT_TEST_STORAGE=bucket servers of ours are on a bucket, unless a case says where. */
const isOnBucket = process.env["S2KIT_TEST_STORAGE"] === "bucket";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    ...(isOnBucket ? { globalSetup: "@s2kit/bucket/suite" } : {}),
    // One process for all files of a worker, and built packages as Node loads them: parsed once.
    isolate: false,
    server: { deps: { external: [/\/packages\/[^/]+\/dist\//] } },
    testTimeout: 120_000,
    // A busy machine is no failure.
    expect: { poll: { timeout: 15_000 } },
    hookTimeout: 60_000,
    // Rows are processes: some wait while others compute.
    maxConcurrency: 6,
    reporters: ["default", "json"],
    outputFile: { json: ".reports/vitest.json" },
  },
});
