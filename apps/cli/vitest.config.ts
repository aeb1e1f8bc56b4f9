import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  define: { S2KIT_VERSION: JSON.stringify("0.0.0-test") },
  test: {
    include: ["test/**/*.test.ts"],
    // One process for all files of a worker, and built packages as Node loads them: parsed once.
    isolate: false,
    server: { deps: { external: [/\/packages\/[^/]+\/dist\//] } },
    testTimeout: 60_000,
    // Hooks start a server and several commands.
    hookTimeout: 60_000,
    // Files mostly wait for the processes they start. With one at a time, which is what two cores get
    // by default, this package is the last to end by far.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // A busy machine is no failure.
    expect: { poll: { timeout: 15_000 } },
    reporters: ["default", "json"],
    outputFile: { json: ".reports/vitest.json" },
  },
});
