import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  define: { S2KIT_VERSION: JSON.stringify("0.0.0-test") },
  test: {
    include: ["test/**/*.test.ts"],
    // One process for all files of a worker, and built packages as Node loads them: parsed once.
    isolate: false,
    server: { deps: { external: [/\/packages\/[^/]+\/dist\//] } },
    // Cases mostly wait, for heartbeats and for streams that go: with one file at a time, which is what
    // two cores get by default, the whole takes thrice as long and no less work.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    testTimeout: 120_000,
    // Six hundred cases in one, on a machine that does other things.
    hookTimeout: 400_000,
    reporters: ["default", "json"],
    outputFile: { json: ".reports/vitest.json" },
  },
});
