// The commands of a document and the files that it tells to save: what a reader would paste, in order. A block that is
// not to be run says why in a comment before it; one that is cut from a whole file is saved under its name.

/** What a reader does with a page. */
export interface PageBlocks {
  /** All shell blocks, one after another. */
  readonly shell: string;
  /** Texts by the names to save them under. */
  readonly files: ReadonlyMap<string, string>;
  /** Why blocks are left out, one for each. */
  readonly leftOut: readonly string[];
}

const BLOCK = /((?:<!--[^\n]*-->\n)*)```(\w*)\n((?:(?!```).*\n)*)```/g;

export function blocksOf(text: string): PageBlocks {
  const shell: string[] = [];
  const files = new Map<string, string>();
  const leftOut: string[] = [];
  for (const [, comments = "", language = "", code = ""] of text.matchAll(BLOCK)) {
    const reason = /<!-- not run: ([^\n]+) -->/.exec(comments)?.[1];
    const file = /<!-- cut: \S*?([\w.-]+\.m?[jt]s) -->/.exec(comments)?.[1];
    if (reason !== undefined) leftOut.push(reason);
    else if (file !== undefined) files.set(file, code);
    else if (language === "sh") shell.push(code);
  }
  // A program that no command of the page starts is started as its reader would.
  const rest = [...files.keys()].filter((name) => !shell.join("").includes(`node ${name}`));
  return { shell: [...shell, ...rest.map((name) => `node ${name}\n`)].join(""), files, leftOut };
}
