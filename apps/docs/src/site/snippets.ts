// Code in documents is cut from files that are compiled and run: `<!-- cut: path -->` or `<!-- cut:
// path#region -->` before a block says where it comes from. A test holds both alike; `node
// src/main.ts snippets` writes what the files say now. Knows texts and paths only.

import { readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { ROOT } from "./documents.ts";

/** A block of a document that is cut from a file. */
export interface Snippet {
  /** As the comment names it: `path` or `path#region`. */
  readonly source: string;
  readonly shown: string;
}

const CUT = /(<!-- cut: (\S+) -->\n```\w*\n)((?:(?!```).*\n)*)(```)/g;

/** The blocks of a document that are cut from files. */
export function snippetsOf(text: string): Snippet[] {
  return [...text.matchAll(CUT)].map(([, , source = "", shown = ""]) => ({
    source,
    shown: shown.trimEnd(),
  }));
}

/** The same document with what the files say now. */
export function withSnippets(text: string, root: string = ROOT): string {
  return text.replaceAll(
    CUT,
    (_, head: string, source: string, __, end: string) => `${head}${cut(source, root)}\n${end}`,
  );
}

/**
 * A file without the comment at its head, or a region of it without its indentation.
 *
 * @throws when there is no such file or region
 */
export function cut(source: string, root: string = ROOT): string {
  const [path = "", region] = source.split("#");
  const text = readFileSync(join(root, path), "utf8");
  if (region === undefined) return withoutRegions(withoutHead(text, extname(path)));
  const found = new RegExp(`// #region ${region}\\n([\\s\\S]*?)\\n[ \\t]*// #endregion`).exec(
    text,
  )?.[1];
  if (found === undefined) throw new Error(`no such region: ${source}`);
  const indent = /^ */.exec(found)?.[0] ?? "";
  return withoutRegions(found.replaceAll(new RegExp(`^${indent}`, "gm"), ""));
}

function withoutHead(text: string, extension: string): string {
  return extension === ".ts" ? text.replace(/^(\/\/.*\n)+\n/, "") : text;
}

function withoutRegions(text: string): string {
  return text.replaceAll(/^[ \t]*\/\/ #(end)?region.*\n/gm, "").trimEnd();
}
