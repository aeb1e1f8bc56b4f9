import { readFileSync } from "node:fs";
import { defineConfig } from "tsup";

const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };

const shared = {
  format: ["esm"] as ["esm"],
  target: "node22",
  splitting: false,
  define: { S2KIT_VERSION: JSON.stringify(version) },
} as const;

// What it takes of core (clock, chance) is bundled: installing it pulls in nothing else. The command
// imports the face that lies beside it.
export default defineConfig([
  { ...shared, entry: { index: "src/index.ts" }, dts: true },
  {
    ...shared,
    entry: { main: "src/main.ts" },
    external: ["./index.js"],
    banner: { js: "#!/usr/bin/env node" },
  },
]);
