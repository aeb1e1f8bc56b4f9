import { defineConfig } from "vitest/config";

/** With S2KIT_TEST_STORAGE=bucket all servers of the suite are on a bucket, else few. */
const isOnBucket = process.env["S2KIT_TEST_STORAGE"] === "bucket";
const ALL = ["test/**/*.test.ts"];

export default defineConfig({
  test: {
    projects: [
      ...(isOnBucket ? [] : [{ extends: true as const, test: { name: "e2e", include: ALL } }]),
      {
        extends: true,
        test: {
          name: "bucket",
          include: isOnBucket ? ALL : ["test/official-sdk.test.ts"],
          globalSetup: "@s2kit/bucket/suite",
        },
      },
    ],
    // One process for all files of a worker, and built packages as Node loads them: parsed once.
    isolate: false,
    server: { deps: { external: [/\/packages\/[^/]+\/dist\//] } },
    testTimeout: 60_000,
    // A busy machine is no failure.
    expect: { poll: { timeout: 15_000 } },
    reporters: ["default", "json"],
    outputFile: { json: ".reports/vitest.json" },
  },
});
