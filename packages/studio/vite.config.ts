import { defineConfig } from "vite";

// The page is found at any path (`/studio/`, `/dashboard/`, behind a proxy), so its files name each other
// relatively. Names carry a hash of the content: a server may let browsers keep them for ever.
export default defineConfig({
  root: "src/page",
  base: "./",
  publicDir: false,
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: "../../dist/site",
    emptyOutDir: true,
    target: "es2023",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  worker: { format: "es" },
});
