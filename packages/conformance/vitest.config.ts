import { defineConfig } from "vitest/config";

export default defineConfig({
  define: { S2KIT_VERSION: JSON.stringify("0.0.0-test") },
  test: {
    include: ["test/**/*.test.ts"],
    // Six hundred cases a test, on a machine that does other things.
    testTimeout: 400_000,
    hookTimeout: 60_000,
    reporters: ["default", "json"],
    outputFile: { json: ".reports/vitest.json" },
  },
});
