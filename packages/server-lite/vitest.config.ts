import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // One process a worker, not a file: a hundred files would each load the package anew.
    isolate: false,
    // Whoever looks at a buffer that was returned sees it.
    // And what a file leaves open is closed behind it.
    setupFiles: ["test/support/poison.ts", "test/support/closing.ts"],
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // Some files wait for stalls and graces to pass, or for processes, while others compute.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // A busy machine is no failure.
    expect: { poll: { timeout: 15_000 } },
    reporters: ["default", "json"],
    outputFile: { json: ".reports/vitest.json" },
  },
});
