// Markdown as text: headings and their anchors, links, and what is code. The anchors are those that
// forges make, so that a link works there and on the site. No file is read here.

/**
 * The same lines, with code blocks and comments blank: what is in them is no heading and no link.
 */
export function outsideCode(text: string): string {
  let fence = "";
  return text
    .replaceAll(/<!--[\s\S]*?-->/g, (comment) => comment.replaceAll(/[^\n]/g, ""))
    .split("\n")
    .map((line) => {
      const mark = /^\s*(`{3,}|~{3,})/.exec(line)?.[1];
      if (fence === "" && mark !== undefined) {
        fence = mark;
        return "";
      }
      if (fence === "") return line;
      if (mark?.startsWith(fence) === true) fence = "";
      return "";
    })
    .join("\n");
}

/** The anchor that a heading has, before a number tells it from others of its text. */
export function slugOf(title: string): string {
  return title
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(" ", "-");
}

/** The anchors of a document, in order; the second of a text ends with `-1`. */
export function anchorsOf(text: string): ReadonlySet<string> {
  const seen = new Map<string, number>();
  const anchors = new Set<string>();
  for (const line of outsideCode(text).split("\n")) {
    const title = /^#{1,6} +(.+?)\s*$/.exec(line)?.[1];
    if (title === undefined) continue;
    const slug = slugOf(title);
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    anchors.add(count === 0 ? slug : `${slug}-${count}`);
  }
  return anchors;
}

/** The first heading of a document. */
export function titleOf(text: string): string | undefined {
  return /^# +(.+?)\s*$/m.exec(outsideCode(text))?.[1]?.replaceAll("`", "");
}

/** A link or a picture: `[text](target)`. */
export interface Link {
  readonly line: number;
  readonly target: string;
}

const LINK = /(?<!\\)\]\(([^)\s]+)\)/g;

/** Links that stay within the repository. */
export function linksOf(text: string): Link[] {
  const plain = outsideCode(text).replaceAll(/`[^`\n]*`/g, (code) => " ".repeat(code.length));
  return [...plain.matchAll(LINK)]
    .map((match) => ({
      line: plain.slice(0, match.index).split("\n").length,
      target: match[1] ?? "",
    }))
    .filter(({ target }) => !/^[a-z][a-z0-9+.-]*:/i.test(target));
}
