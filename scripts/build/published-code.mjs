// What the builds of all published packages do alike: tsup.config.ts of each takes it from here.

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";

/**
 * The first line of each declaration file: `AsyncDisposable` and `Symbol.asyncDispose` are in a part of the
 * library of TypeScript that projects with an older `target` do not name (5.2 and newer have it).
 */
export const typesBanner = '/// <reference lib="esnext.disposable" />';

/**
 * A tsup plugin. esbuild calls a class that names itself `_Name` inside, which then stands in stack traces and
 * in `constructor.name`. Inside and outside are the same class, so both may have the same name.
 */
export const plainClassNames = {
  name: "plain-class-names",
  renderChunk: (code) => ({ code: withPlainClassNames(code) }),
};

/**
 * A tsup plugin. Faces share chunks, and esbuild keeps the order in which they load by imports without names.
 * Nothing of ours has a side effect, so they do nothing but make bundlers warn.
 */
export const noBareChunkImports = {
  name: "no-bare-chunk-imports",
  renderChunk: (code) => ({ code: code.replace(/^import "(?:\.{1,2}\/)+chunk-\w+\.js";$/gm, "") }),
};

/** @param {string} code */
export function withPlainClassNames(code) {
  const renamed = [...code.matchAll(/\b(?:var|let|const) (\w+) = class _(\w+)\b/g)]
    .filter(([, outside, inside]) => outside === inside)
    .map(([, outside]) => outside);
  return renamed.reduce(
    (text, name) => text.replaceAll(new RegExp(`(?<![\\w$])_${name}(?![\\w$])`, "g"), name),
    code,
  );
}

/**
 * An esbuild plugin: writes the licences of all bundled packages to one file, as they demand.
 *
 * @param {string} file - from the folder of the package
 */
export function thirdPartyNotices(file) {
  return {
    name: "third-party-notices",
    setup(build) {
      build.initialOptions.metafile = true;
      build.onEnd(({ metafile }) => {
        const root = build.initialOptions.absWorkingDir ?? process.cwd();
        const inputs = Object.keys(metafile?.inputs ?? {}).map((path) => resolve(root, path));
        const text = noticesOf(inputs);
        if (text !== "") writeFileSync(join(root, file), text);
      });
    },
  };
}

/**
 * @param {readonly string[]} inputs - absolute paths of bundled files
 * @returns {string} one part a package, sorted; empty when there is none
 * @throws {Error} when a bundled package has no text of a licence
 */
export function noticesOf(inputs) {
  const packages = new Map();
  for (const input of inputs) {
    const directory = packageOf(input);
    if (directory === undefined) continue;
    const { name, version, license } = JSON.parse(
      readFileSync(join(directory, "package.json"), "utf8"),
    );
    const heading = `${name} ${version} (${license})`;
    packages.set(heading, `${heading}\n\n${licenceText(directory)}`);
  }
  const parts = [...packages].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
  const line = `\n${"-".repeat(80)}\n\n`;
  return parts.length === 0 ? "" : `This package contains code of:\n${line}${parts.join(line)}`;
}

/** The folder of the installed package that a file belongs to; undefined for files of this repository. */
function packageOf(path) {
  const mark = `${sep}node_modules${sep}`;
  if (!path.includes(mark)) return undefined;
  let directory = dirname(path);
  while (directory.includes(mark)) {
    const manifest = join(directory, "package.json");
    // Some packages have folders with a package.json that says no more than how to read them.
    if (existsSync(manifest) && JSON.parse(readFileSync(manifest, "utf8")).version)
      return directory;
    directory = dirname(directory);
  }
  return undefined;
}

function licenceText(directory) {
  const names = readdirSync(directory).filter((name) => /^(licen[cs]e|notice)/i.test(name));
  if (names.length > 0)
    return (
      names.map((name) => readFileSync(join(directory, name), "utf8").trim()).join("\n\n") + "\n"
    );
  const readme = readdirSync(directory).find((name) => /^readme/i.test(name));
  const text = readme === undefined ? "" : readFileSync(join(directory, readme), "utf8");
  const at = text.search(/^#+ *licen[cs]e/im);
  if (at < 0) throw new Error(`no licence text: write it to the package's notices ${directory}`);
  return text.slice(at).trim() + "\n";
}
