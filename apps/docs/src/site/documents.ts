// The documents of the repository and where the site shows each: every Markdown file that is
// written for readers has one place. What has none (sources, manifests, folders) is no page. Reads
// the tree, changes nothing.

import { globSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the repository. */
export const ROOT: string = fileURLToPath(new URL("../../../../", import.meta.url));

/** A document: its text, and its place in the site. */
export interface Document {
  /** From the root of the repository, with `/`. */
  readonly source: string;
  /** From the root of the site, ending in `.md`. */
  readonly page: string;
  readonly text: string;
}

/** Sources by pattern; the first that fits says where the page is. */
const PLACES: readonly (readonly [pattern: RegExp, place: (...groups: string[]) => string])[] = [
  [/^docs\/README\.md$/, () => "contents.md"],
  [/^docs\/(.+\/)README\.md$/, (folder = "") => `${folder}index.md`],
  [/^docs\/(.+\.md)$/, (path = "") => path],
  [/^(ARCHITECTURE|CONTRIBUTING|SECURITY|CODE_OF_CONDUCT)\.md$/, (name = "") => projectPage(name)],
  [/^(?:packages|apps)\/([\w-]+)\/README\.md$/, (name = "") => `packages/${name}.md`],
  [/^packages\/studio\/TASTE\.md$/, () => "project/studio-taste.md"],
  [/^tests\/([\w-]+)\/README\.md$/, (name = "") => `project/tests/${name}.md`],
  [/^benchmarks\/README\.md$/, () => "project/benchmarks.md"],
  [/^examples\/README\.md$/, () => "examples/index.md"],
  [/^examples\/([\w-]+)\/README\.md$/, (name = "") => `examples/${name}.md`],
];

/** The page of a source; undefined when the site does not show it. */
export function pageOf(source: string): string | undefined {
  for (const [pattern, place] of PLACES) {
    const match = pattern.exec(source);
    if (match !== null) return place(...match.slice(1));
  }
  return undefined;
}

function projectPage(name: string): string {
  return `project/${name.toLowerCase().replaceAll("_", "-")}.md`;
}

/** Every document that the site shows, by source. */
export function readDocuments(root: string = ROOT): Map<string, Document> {
  const patterns = ["*.md", "{docs,packages,apps,tests,benchmarks,examples}/**/*.md"];
  const sources = globSync(patterns, { cwd: root, exclude: isForeign })
    .map((path) => path.replaceAll("\\", "/"))
    .toSorted();
  return new Map(
    sources.flatMap((source) => {
      const page = pageOf(source);
      if (page === undefined) return [];
      return [[source, { source, page, text: readFileSync(posix.join(root, source), "utf8") }]];
    }),
  );
}

function isForeign(path: string): boolean {
  return /(^|[\\/])(node_modules|dist|\.[\w-]+)$/.test(path);
}
