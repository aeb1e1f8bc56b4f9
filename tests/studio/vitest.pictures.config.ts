import { defineConfig } from "vitest/config";

// Draws the pictures of the documentation, and nothing else: no part of the tests.
export default defineConfig({
  test: {
    include: ["pictures/**/*.draw.ts"],
    setupFiles: ["test/harness/setup.ts"],
    testTimeout: 120_000,
    reporters: ["default"],
  },
});
