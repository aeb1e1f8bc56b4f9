// Looks at the site as it was built: every link and every picture of a page leads to a file, and to
// a place in it. The last word: what the generator made of a link counts, not what was meant.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";

/** One line for each `href` and `src` that leads nowhere within the site. */
export function brokenTargets(directory: string): string[] {
  const pages = readdirSync(directory, { recursive: true })
    .map((name) => String(name).replaceAll("\\", "/"))
    .filter((name) => name.endsWith(".html"));
  const texts = new Map(pages.map((page) => [page, readFileSync(join(directory, page), "utf8")]));
  const anchors = new Map([...texts].map(([page, text]) => [page, idsOf(text)]));
  return [...texts].flatMap(([page, text]) =>
    targetsOf(text)
      .filter((target) => !opens(directory, anchors, page, target))
      .map((target) => `${page} ${target}`),
  );
}

function idsOf(html: string): ReadonlySet<string> {
  return new Set([...html.matchAll(/\sid="([^"]+)"/g)].map(([, id = ""]) => id));
}

function targetsOf(html: string): string[] {
  const found = [...html.matchAll(/\s(?:href|src)="([^"]+)"/g)].map(([, target = ""]) => target);
  return [...new Set(found)].filter((target) => !/^[a-z][a-z0-9+.-]*:|^\/\//i.test(target));
}

function opens(
  directory: string,
  anchors: ReadonlyMap<string, ReadonlySet<string>>,
  from: string,
  target: string,
): boolean {
  const [path = "", anchor] = decodeURIComponent(target).replaceAll("&amp;", "&").split("#");
  const file = path === "" ? from : fileOf(from, path.split("?")[0] ?? "");
  if (!existsSync(join(directory, file))) return false;
  return anchor === undefined || anchor === "" || anchors.get(file)?.has(anchor) !== false;
}

/** The file of a path, as the site's own server finds it. */
function fileOf(from: string, path: string): string {
  const absolute = path.startsWith("/") ? path.slice(1) : posix.join(posix.dirname(from), path);
  if (absolute === "" || absolute.endsWith("/")) return `${absolute}index.html`;
  return /\.\w+$/.test(absolute) ? absolute : `${absolute}.html`;
}
