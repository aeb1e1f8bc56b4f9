import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { defineConfig } from "tsup";

const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };

// CommonJS dependencies that are bundled into ES modules still ask for `require`.
const banner = `#!/usr/bin/env node
import { createRequire as __createRequire } from "node:module";
const require = __createRequire(import.meta.url);`;

const root = new URL("../../", import.meta.url);

/** What `demo` streams when it is given no file: the project's own documents, one after another. */
async function bundleDocuments(): Promise<void> {
  const decisions = readdirSync(new URL("docs/decisions/", root)).sort();
  const paths = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"];
  const documents = [...paths, ...decisions.map((name) => `docs/decisions/${name}`)];
  writeFileSync(
    new URL("apps/cli/dist/documents.md", root),
    documents.map((path) => readFileSync(new URL(path, root), "utf8")).join("\n"),
  );
  await Promise.resolve();
}

// One chunk a command: `--help` loads none of them. Everything but the server is bundled (it is
// among the devDependencies), so that installing the command pulls in nothing for the client side;
// only `lite`, `dev` and `demo` load @s2kit/server-lite, and `studio` @s2kit/studio. The worker of `bench` is a file of its own,
// and so are the command without its process, and its table: no part of the package's face, suites of the repository
// run the one, and the documents are made from the other.
export default defineConfig({
  entry: {
    main: "src/main.ts",
    command: "src/command.ts",
    reference: "src/catalogue/reference.ts",
    "chain-worker": "src/bench/chain-worker.ts",
  },
  format: ["esm"],
  target: "node22",
  banner: { js: banner },
  define: { S2KIT_VERSION: JSON.stringify(version) },
  external: ["@s2kit/server-lite", "@s2kit/studio"],
  splitting: true,
  minifySyntax: true,
  minifyWhitespace: true,
  clean: true,
  onSuccess: bundleDocuments,
});
