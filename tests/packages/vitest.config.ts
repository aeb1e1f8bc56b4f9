import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Installing needs the network and much of the machine: one thing at a time, and patience.
    fileParallelism: false,
    // They share what was packed.
    isolate: false,
    testTimeout: 240_000,
    hookTimeout: 240_000,
    reporters: ["default", "json"],
    outputFile: { json: ".reports/vitest.json" },
  },
});
