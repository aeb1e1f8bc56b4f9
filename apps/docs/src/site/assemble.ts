// Makes the pages of the site out of documents and references: links between documents become links
// between pages, comments go, pictures come along. Answers what does not open; who calls decides
// what that means.

import { existsSync } from "node:fs";
import { join, posix } from "node:path";
import { type Document, pageOf, ROOT } from "./documents.ts";
import { anchorsOf, linksOf } from "./markdown.ts";

/** The pages by their path in the site, and what is wrong with them. */
export interface Assembled {
  readonly pages: ReadonlyMap<string, string>;
  /** Files that pages show, from the root of the repository, by their path in the site. */
  readonly pictures: ReadonlyMap<string, string>;
  /** One line for each link that does not open. */
  readonly broken: readonly string[];
}

interface Made {
  readonly pages: Map<string, string>;
  readonly pictures: Map<string, string>;
  readonly broken: string[];
}

/**
 * @param documents - by source @param references - pages that are made from the code, by their path
 * in the site; their links are between pages
 */
export function assemble(
  documents: ReadonlyMap<string, Document>,
  references: ReadonlyMap<string, string>,
  root: string = ROOT,
): Assembled {
  const made: Made = { pages: new Map(references), pictures: new Map(), broken: [] };
  for (const document of documents.values())
    made.pages.set(document.page, rewritten(document, documents, references, made, root));
  return { ...made, broken: [...made.broken, ...brokenLinks(made.pages)] };
}

/** A document with its links as the site has them. */
function rewritten(
  document: Document,
  documents: ReadonlyMap<string, Document>,
  references: ReadonlyMap<string, string>,
  made: Made,
  root: string,
): string {
  const targets = new Map<string, string | undefined>();
  for (const { line, target } of linksOf(document.text)) {
    const [path = "", anchor] = target.split("#");
    if (path === "") continue;
    const source = posix.join(posix.dirname(document.source), path).replace(/\/$/, "");
    const page = pageFor(source, documents, references);
    if (page !== undefined) targets.set(target, linkTo(document.page, page, anchor));
    else if (/\.(png|svg|jpg)$/.test(source) && existsSync(join(root, source))) {
      const picture = source.replace(/^docs\//, "");
      made.pictures.set(picture, source);
      targets.set(target, linkTo(document.page, picture, undefined));
    } else if (existsSync(join(root, source))) targets.set(target, undefined);
    else {
      targets.set(target, undefined);
      made.broken.push(`${document.source}:${line} ${target}`);
    }
  }
  return withLinks(withoutComments(document.text), targets);
}

/** The page of a document, of a folder that has one, or of a reference. */
function pageFor(
  source: string,
  documents: ReadonlyMap<string, Document>,
  references: ReadonlyMap<string, string>,
): string | undefined {
  if (source === "README.md" || source === "." || source === "") return "index.md";
  const known = documents.get(source) ?? documents.get(`${source}/README.md`);
  if (known !== undefined) return known.page;
  const page = pageOf(source);
  return page !== undefined && references.has(page) ? page : undefined;
}

function linkTo(from: string, to: string, anchor: string | undefined): string {
  const path = posix.relative(posix.dirname(from), to);
  const relative = path.startsWith(".") ? path : `./${path}`;
  return anchor === undefined ? relative : `${relative}#${anchor}`;
}

/** A target without a page (a source, a licence) leaves its text alone. */
function withLinks(text: string, targets: ReadonlyMap<string, string | undefined>): string {
  return text.replaceAll(
    /(!?)\[((?:[^[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)/g,
    (all, mark: string, words: string, target: string) => {
      if (!targets.has(target)) return all;
      const page = targets.get(target);
      return page === undefined ? words : `${mark}[${words}](${page})`;
    },
  );
}

/** Comments are for those who change a document; a page has no raw HTML. */
function withoutComments(text: string): string {
  return text.replaceAll(/^<!--[\s\S]*?-->\n/gm, "");
}

/** Links between pages that name no page, or no heading of it. */
export function brokenLinks(pages: ReadonlyMap<string, string>): string[] {
  const anchors = new Map([...pages].map(([page, text]) => [page, anchorsOf(text)]));
  return [...pages].flatMap(([page, text]) =>
    linksOf(text)
      .filter(({ target }) => /\.md(#|$)|^#/.test(target))
      .filter(({ target }) => {
        const [path = "", anchor] = target.split("#");
        const known = anchors.get(path === "" ? page : posix.join(posix.dirname(page), path));
        const isHome = posix.join(posix.dirname(page), path) === "index.md";
        return !isHome && (known === undefined || (anchor !== undefined && !known.has(anchor)));
      })
      .map(({ line, target }) => `site/${page}:${line} ${target}`),
  );
}
