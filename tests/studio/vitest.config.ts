import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // One process and one browser for all files of a worker. Two of them: both mostly wait for pages.
    isolate: false,
    maxWorkers: 2,
    setupFiles: ["test/harness/setup.ts"],
    testTimeout: 20_000,
    // A busy machine is no failure.
    expect: { poll: { timeout: 15_000 } },
    reporters: ["default", "json"],
    outputFile: { json: ".reports/vitest.json" },
  },
});
