// What the site offers to go to, in order: the sidebar, as data. Each entry names a page by its
// path in the site; titles come from the pages unless one is given. A test holds that every page is
// in it once.

import { titleOf } from "./markdown.ts";

/** A group of the sidebar. `below` takes every page of a folder that is not named elsewhere. */
export interface Group {
  readonly title: string;
  readonly pages?: readonly string[];
  readonly below?: string;
  readonly isClosed?: boolean;
}

/** A page in the sidebar. */
export interface Entry {
  readonly text: string;
  readonly link: string;
}

/** A group with its pages. */
export interface Section {
  readonly text: string;
  readonly collapsed: boolean;
  readonly items: readonly Entry[];
}

export const GROUPS: readonly Group[] = [
  { title: "Start", pages: ["quickstart.md", "concepts.md", "contents.md"] },
  {
    title: "Using streams",
    pages: [
      "guides/appending.md",
      "guides/reading.md",
      "guides/fencing.md",
      "guides/tokens.md",
      "guides/encryption.md",
      "guides/browsers.md",
      "guides/testing.md",
      "guides/ai-streams.md",
      "guides/yjs.md",
    ],
  },
  {
    title: "Running a server",
    pages: [
      "guides/self-hosting.md",
      "guides/configuration.md",
      "guides/deployment.md",
      "guides/server.md",
      "guides/bucket.md",
      "guides/access-and-usage.md",
      "guides/metrics.md",
      "guides/otlp.md",
      "guides/upgrade.md",
      "troubleshooting.md",
      "studio.md",
    ],
  },
  { title: "More guides", below: "guides/" },
  { title: "Examples", pages: ["examples/index.md"], below: "examples/" },
  { title: "Reference", pages: ["reference/cli.md", "reference/http.md"], below: "reference/" },
  { title: "API", below: "api/", isClosed: true },
  { title: "Packages", below: "packages/", isClosed: true },
  {
    title: "Protocol",
    pages: ["spec/index.md", "spec/data-plane.md", "spec/control-plane.md"],
    below: "spec/",
    isClosed: true,
  },
  {
    title: "Proof and figures",
    pages: ["conformance.md", "proof.md"],
    below: "",
    isClosed: true,
  },
  { title: "Decisions", pages: ["decisions/index.md"], below: "decisions/", isClosed: true },
  {
    title: "Working on s2kit",
    pages: ["project/architecture.md", "project/contributing.md", "releasing.md"],
    below: "project/",
    isClosed: true,
  },
];

/** The sidebar of these pages. Groups without a page are left out. */
export function sidebarOf(pages: ReadonlyMap<string, string>): Section[] {
  const named = new Set([...GROUPS.flatMap((group) => group.pages ?? []), "index.md"]);
  const folders = GROUPS.flatMap(({ below }) => (below === undefined ? [] : [below]));
  const rest = [...pages.keys()].filter((page) => !named.has(page)).toSorted();
  return GROUPS.map(({ title, pages: first = [], below, isClosed }) => {
    const more = rest.filter((page) => below !== undefined && homeOf(page, folders) === below);
    const items = [...first, ...more]
      .filter((page) => pages.has(page))
      .map((page) => ({
        text: titleOf(pages.get(page) ?? "") ?? page,
        link: `/${page.replace(/(^|\/)index\.md$/, "$1").replace(/\.md$/, "")}`,
      }));
    return { text: title, collapsed: isClosed === true, items };
  }).filter(({ items }) => items.length > 0);
}

/** The longest folder of a group that a page is in. */
function homeOf(page: string, folders: readonly string[]): string {
  return folders
    .filter((folder) => page.startsWith(folder))
    .reduce((longest, folder) => (folder.length > longest.length ? folder : longest), "");
}
