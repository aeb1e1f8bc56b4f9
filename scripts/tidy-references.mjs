// The house rule that a reference must open: `Spec: page#heading` in a comment names a heading of
// docs/spec, `decision N` and links between documents lead somewhere, and the walks of ARCHITECTURE.md
// name files that are there. Called by tidy.mjs; proven in tidy.test.mjs. Reads what it is given, and
// no file by itself.

const ARCHITECTURE = "ARCHITECTURE.md";
const REMEDY = "name a heading that is there, or write what was meant";

/**
 * @param files - texts of sources and tests by path
 * @param documents - texts of documents (Markdown) by path from the root
 */
export function checkReferences(files, documents) {
  const headings = new Map([...documents].map(([path, text]) => [path, new Set(headingsOf(text))]));
  return [
    ...[...files].flatMap(([path, text]) =>
      specsIn(text)
        .filter(({ page, anchor }) => !opens(headings, `docs/spec/${page}.md`, anchor))
        .map(({ line, page, anchor }) => offence(path, line, anchor ? `${page}#${anchor}` : page)),
    ),
    ...[...files, ...documents].flatMap(([path, text]) =>
      decisionsIn(text)
        .filter(({ number }) => !hasDecision(documents, number))
        .map(({ line, number }) => offence(path, line, `decision ${number}`)),
    ),
    ...[...documents].flatMap(([path, text]) =>
      linksIn(text)
        .filter(({ target }) => !opensLink(headings, path, target))
        .map(({ line, target }) => offence(path, line, target)),
    ),
    ...walksIn(documents.get(ARCHITECTURE) ?? "")
      .filter(({ name }) => !isSourceNamed(files, name))
      .map(({ line, name }) => offence(ARCHITECTURE, line, name)),
  ];
}

function offence(path, line, target) {
  return `${path}:${line} reference that does not open: ${target}: ${REMEDY}`;
}

/** The anchors of a document, made of its headings as the field's hosts do. */
export function headingsOf(text) {
  const seen = new Map();
  return outsideCode(text)
    .split("\n")
    .flatMap((line) => /^#{1,6} +(.+?)\s*$/.exec(line)?.[1] ?? [])
    .map((title) => {
      const slug = slugOf(title);
      const count = seen.get(slug) ?? 0;
      seen.set(slug, count + 1);
      return count === 0 ? slug : `${slug}-${count}`;
    });
}

function slugOf(title) {
  return title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(" ", "-");
}

/** `Spec: ` and what follows up to the end of its sentence, in comments of one or more lines. */
function specsIn(text) {
  return [...text.matchAll(/Spec: ((?:[^.\n]|\.(?=[\w/])|\n[ \t]*(?:\/\/|\*)(?!\/))*)/g)].flatMap(
    (match) => {
      const line = text.slice(0, match.index).split("\n").length;
      const words = match[1].replace(/\n[ \t]*(\/\/|\*)/g, " ").split(/[,\s]+/);
      return words
        .map((word) => /^(data-plane|control-plane|sdk|cli)(?:#([\w-]+))?$/.exec(word))
        .filter(Boolean)
        .map(([, page, anchor]) => ({ line, page, anchor }));
    },
  );
}

function decisionsIn(text) {
  return [...text.matchAll(/docs\/decisions\/(\d{4})\b/g)].map((match) => ({
    line: text.slice(0, match.index).split("\n").length,
    number: match[1],
  }));
}

function hasDecision(documents, number) {
  return [...documents.keys()].some((path) => path.startsWith(`docs/decisions/${number}-`));
}

/** What the walks name in backticks: files, some with the folder before or a member behind. */
function walksIn(text) {
  let isWalk = false;
  return text.split("\n").flatMap((line, i) => {
    if (line.startsWith("## ")) isWalk = line.startsWith("## A record is ");
    if (!isWalk) return [];
    return [...line.matchAll(/`([^`]+)`/g)].map((match) => ({ line: i + 1, name: match[1] }));
  });
}

function isSourceNamed(files, name) {
  const end = `/${name.replace(/\.\w+$/, "")}.ts`;
  return [...files.keys()].some((path) => path.includes("/src/") && path.endsWith(end));
}

function linksIn(text) {
  const plain = outsideCode(text);
  return [...plain.matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/g)].map((match) => ({
    line: plain.slice(0, match.index).split("\n").length,
    target: match[1],
  }));
}

function opensLink(headings, from, target) {
  const [file, anchor] = target.split("#");
  const path = file === "" ? from : resolve(from, file);
  // What is no document (a folder, a source, a licence) is for the reader's eyes.
  return path.endsWith(".md") ? opens(headings, path, anchor) : true;
}

function resolve(from, file) {
  const parts = from.split("/").slice(0, -1);
  for (const part of file.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}

function opens(headings, path, anchor) {
  const known = headings.get(path);
  return known !== undefined && (anchor === undefined || anchor === "" || known.has(anchor));
}

/** The same lines, with code blocks blank: what is in them is no heading and no link. */
function outsideCode(text) {
  let isCode = false;
  return text
    .split("\n")
    .map((line) => {
      if (/^\s*(```|~~~)/.test(line)) {
        isCode = !isCode;
        return "";
      }
      return isCode ? "" : line;
    })
    .join("\n");
}
