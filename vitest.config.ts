import { defineConfig } from "vitest/config";

// The tests of scripts/ only; each package has its own configuration.
export default defineConfig({
  test: {
    include: ["scripts/**/*.test.mjs"],
    reporters: ["default", "json"],
    outputFile: { json: ".reports/vitest.json" },
  },
});
