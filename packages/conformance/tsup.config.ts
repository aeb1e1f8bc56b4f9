import { readFileSync } from "node:fs";
import { defineConfig } from "tsup";

const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };

const shared = {
  format: ["esm"],
  target: "node22",
  define: { S2KIT_VERSION: JSON.stringify(version) },
} as const;

// What it takes of core (clock, chance) is bundled: installing it pulls in nothing else.
export default defineConfig([
  { ...shared, format: ["esm"], entry: { index: "src/index.ts" }, dts: true, clean: true },
  {
    ...shared,
    format: ["esm"],
    entry: { main: "src/main.ts" },
    banner: { js: "#!/usr/bin/env node" },
  },
]);
