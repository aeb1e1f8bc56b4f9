// What the generator is told: pages come from .site, which src/main.ts assembles; anchors are those of forges.

import { readFileSync } from "node:fs";
import { type DefaultTheme, defineConfig, type UserConfig } from "vitepress";
import { slugOf } from "../src/site/markdown.ts";

const sidebar = JSON.parse(readFileSync(new URL("../.site/sidebar.json", import.meta.url), "utf8"));

const config: UserConfig<DefaultTheme.Config> = defineConfig({
  srcDir: ".site",
  outDir: "dist",
  cacheDir: "node_modules/.cache/vitepress",
  title: "s2kit",
  titleTemplate: ":title · s2kit",
  description: "An open, complete TypeScript implementation of S2, the stream store.",
  lang: "en",
  cleanUrls: true,
  metaChunk: true,
  head: [
    ["link", { rel: "icon", href: "/mark.svg", type: "image/svg+xml" }],
    ["meta", { name: "theme-color", content: "#0f766e" }],
  ],
  markdown: {
    html: false,
    anchor: { slugify: slugOf },
    theme: { light: "github-light", dark: "github-dark" },
    languageAlias: { jsonl: "json" },
  },
  vite: { publicDir: "../public", build: { chunkSizeWarningLimit: 2000 }, logLevel: "warn" },
  themeConfig: {
    logo: "/mark.svg",
    siteTitle: "s2kit",
    search: { provider: "local", options: { detailedView: true } },
    sidebar,
    outline: { level: [2, 3], label: "On this page" },
    nav: [
      { text: "Quickstart", link: "/quickstart" },
      { text: "Guides", link: "/guides/appending" },
      { text: "Reference", link: "/reference/cli" },
      { text: "Protocol", link: "/spec/" },
    ],
    footer: { message: "MIT. Made with care for every byte.", copyright: "s2kit contributors" },
    docFooter: { prev: "Before", next: "Next" },
  },
});

export default config;
