import { readFileSync } from "node:fs";
import { defineConfig } from "tsup";

const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };

// CommonJS dependencies that are bundled into ES modules still ask for `require`.
const banner = `#!/usr/bin/env node
import { createRequire as __createRequire } from "node:module";
const require = __createRequire(import.meta.url);`;

// One chunk a command: `--help` loads none of them. Everything but the server is bundled (it is
// among the devDependencies), so that installing the command pulls in nothing for the client side;
// only `lite`, `dev` and `demo` load @s2kit/server-lite.
export default defineConfig({
  entry: { main: "src/main.ts" },
  format: ["esm"],
  target: "node22",
  banner: { js: banner },
  define: { S2KIT_VERSION: JSON.stringify(version) },
  external: ["@s2kit/server-lite"],
  splitting: true,
  minifySyntax: true,
  minifyWhitespace: true,
  clean: true,
});
